"""Quiet weeks: changed facts and a pool about to expire are proposed, and nothing else is (method 7.7)."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.example import Answer, Example


@pytest.fixture
def quiet(ran: Example) -> Example:
    """The second embedded week, approved and published: the same data then proposes nothing."""
    approve(ran, date(2026, 8, 15))
    assert ran.run().code == 0
    return ran


def week(example: Example, day: date) -> Answer:
    captures = str(example.folder / "data/sample/2026-W33")
    return example("run", "--captures", captures, "--week", f"{day:%G-W%V}", "--now", f"{day}T12:00:00Z")


def kind(example: Example) -> object:
    return example("review", "--json").json["kind"]


def a_price(example: Example) -> None:
    """Cut a price that a person judged by half a percent: nobody's place hangs on it."""
    pool = example("review", "--json")
    assert pool.code != 0  # nothing is pending
    prices = example.folder / "data/crosswalk/prices.csv"
    text = prices.read_text()
    assert "deepseek-v4-flash-0424,0.14,0.28," in text
    prices.write_text(
        text.replace("deepseek-v4-flash-0424,0.14,0.28,", "deepseek-v4-flash-0424,0.1401,0.28,")
    )


def test_a_change_says_that_it_is_one(ran: Example) -> None:
    assert kind(ran) == "change"


def test_a_price_that_moves_nobody_is_a_proposal_of_facts(quiet: Example) -> None:
    a_price(quiet)
    answer = quiet.run()
    assert answer.code == 10, answer.out
    assert kind(quiet) == "facts"
    assert "No variant enters, leaves or changes its place." in " ".join(answer.out.split())
    assert "input $0.14 -> $0.1401" in " ".join(answer.out.split())
    report = next((quiet.folder / "reviews").glob("2026-W33.*/proposal.md"))
    assert "0.1401" in report.read_text()
    approve(quiet, date(2026, 8, 15))
    assert quiet.run().code == 0


def test_rejected_facts_are_not_asked_again_until_others_change(quiet: Example) -> None:
    a_price(quiet)
    assert quiet.run().code == 10
    later = ("--now", "2026-08-15T14:00:00Z")
    no = quiet("reject", quiet.digest()[:8], "--reviewer", "R. Viewer", "--note", "Ask them first.", *later)
    assert no.code == 0, no.err
    assert quiet.run().code == 0
    again = quiet("replay", "2026-W33", "--json")
    assert again.code == 0, "the rejection is an input of a run that proposes nothing"
    assert str(again.json["file"]).endswith("heartbeat.json")
    prices = quiet.folder / "data/crosswalk/prices.csv"
    prices.write_text(prices.read_text().replace(",0.1401,0.28,", ",0.1402,0.28,"))
    assert quiet.run().code == 10
    assert kind(quiet) == "facts"


def settle(example: Example) -> date:
    """Approve one swap a week on the same data until a week proposes nothing; returns its Saturday."""
    expectations = example.folder / "data/policy/expectations.toml"
    text = re.sub(
        r"(max_age_days|warn_unchanged|hold_unchanged) = \d+", r"\1 = 400", expectations.read_text()
    )
    expectations.write_text(text)
    for number in range(34, 42):
        day = date.fromisocalendar(2026, number, 6)
        answer = week(example, day)
        if answer.code == 0:
            return day
        approve(example, day)
    raise AssertionError("the pools never settle")


def expiry(example: Example) -> date:
    in_force = example("status", "--json").json["in_force"]
    assert isinstance(in_force, dict)
    return date.fromisoformat(in_force["expires_on"])


def approve(example: Example, day: date) -> None:
    later = ("--now", f"{day}T13:00:00Z")
    digest = example.digest()[:16]
    assert example("approve", digest, "--reviewer", "R. Viewer", "--note", "Read it.", *later).code == 0
    assert example("publish").code == 0


def test_a_settled_pool_is_renewed_when_it_would_expire_before_the_next_run(quiet: Example) -> None:
    """The week after the last publication has nothing to review; the one after that renews."""
    day = settle(quiet)
    expires = expiry(quiet)
    assert expires > day + timedelta(weeks=1)
    day += timedelta(weeks=1)
    assert expires == day + timedelta(weeks=1)
    assert week(quiet, day).code == 10
    assert kind(quiet) == "renewal"
    assert quiet("review", "--json").json["changes"] == []
    assert "renews the pool before it expires" in quiet("review").out
    approve(quiet, day)
    assert expiry(quiet) == day + timedelta(weeks=3)
