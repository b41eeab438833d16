"""A price that holds from a later day hides no price that is in force."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    from tests.example import Answer, Example

RELEASE: Final = "deepseek-v4-flash-0424"
"""The sources disagree about it, so nothing but the judged price gives it one."""
VARIANT: Final = f"{RELEASE}@max"
STARTS: Final = "2026-08-17"
LATER: Final = ("--week", "2026-W34", "--now", "2026-08-22T12:00:00Z")


def announce(example: Example) -> None:
    """Write down a price that starts two days after the second embedded week."""
    with (example.folder / "data/crosswalk/prices.csv").open("a") as file:
        file.write(f"{RELEASE},0.28,0.56,0.0056,{STARTS},https://vendor.example/,A. Person,announced\n")


def tiers(example: Example, run: str) -> object:
    return json.loads((example.folder / "reviews" / run / "proposal.json").read_bytes())["tiers"]


def judged(answer: Answer) -> set[str]:
    """Return the days of the judged prices that an explanation goes by, one a kind of evidence."""
    assert answer.code == 0, answer.err
    chapters = answer.json["chapters"]
    assert isinstance(chapters, list)
    return {
        line["on"]
        for chapter in chapters
        for line in chapter["lines"]
        if line["what"] == "judged price per Mtok"
    }


@pytest.fixture
def announced(example: Example) -> Example:
    """A price of a later day is written down before the week is run."""
    announce(example)
    assert example.run().code == 10
    return example


def test_the_week_uses_the_price_in_force(announced: Example, ran: Example) -> None:
    assert tiers(announced, "2026-W33") == tiers(ran, "2026-W33")


def test_explain_names_the_price_in_force_before_and_after_the_later_one_is_written(ran: Example) -> None:
    before = judged(ran("explain", VARIANT, "--json"))
    announce(ran)
    assert judged(ran("explain", VARIANT, "--json")) == before == {"2026-04-24"}


def test_replay_and_a_week_that_was_not_run_go_by_their_own_day(announced: Example) -> None:
    assert announced("replay", "2026-W33").code == 0
    before = tiers(announced, "2026-W33")
    answer = announced.run(None, *LATER)
    assert answer.code == 10, answer.out
    assert judged(announced("explain", VARIANT, "--json")) == {STARTS}
    assert announced("replay", "2026-W34").code == 0
    assert announced("replay", "2026-W33").code == 0
    assert tiers(announced, "2026-W33") == before
