"""A member that the data lost is a question to the reviewer, also where nothing else changes (method 7.1)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from pipeline.flow.replay.last_run import last_run
from pipeline.settings import Settings
from pipeline.workspace import Workspace
from tests.databases import remove_database

if TYPE_CHECKING:
    from tests.example import Example


def _lose(example: Example) -> str:
    """Judge that no name means a member that is last in the one tier that holds it."""
    pool = json.loads((example.folder / "data/pools/v0002.json").read_bytes())["signed"]
    tiers = [[member["variant"] for member in tier["members"]] for tier in pool["tiers"].values()]
    held = [variant for tier in tiers for variant in tier]
    lost: str = next(tier[-1] for tier in tiers if held.count(tier[-1]) == 1)
    judgements = example.folder / "data/crosswalk/judgements.csv"
    judged = judgements.read_text()
    judgements.write_text(judged.replace(f",{lost},", ",,"))
    assert judgements.read_text() != judged
    return lost


@pytest.fixture
def lost(ran: Example) -> tuple[Example, str]:
    """A published pool, one of whose members nobody names any more, under a policy that carries nobody."""
    ran.approve()
    assert ran("publish").code == 0
    policy = ran.folder / "data/policy/tiers.toml"
    text = policy.read_text()
    policy.write_text(text.replace("missing_runs = 1", "missing_runs = 0"))
    assert policy.read_text() != text
    return ran, _lose(ran)


def _asked(example: Example) -> list[str]:
    lines = example("review", "--json").json["findings"]
    assert isinstance(lines, list)
    return [line["subject"].partition("/")[2] for line in lines if line["kind"] == "incumbent-missing"]


def test_a_question_is_a_proposal_of_the_same_line_up(lost: tuple[Example, str]) -> None:
    example, variant = lost
    answer = example.run()
    assert answer.code == 10, answer.out
    assert "No variant enters, leaves or changes its place." in " ".join(answer.out.split())
    assert "should it stay?" in answer.out
    assert example("review", "--json").json["changes"] == []
    assert _asked(example) == [variant]


def test_who_approves_keeps_the_member_and_is_not_asked_again(lost: tuple[Example, str]) -> None:
    example, variant = lost
    example.run()
    assert example.approve().code == 0
    assert example("publish").code == 0
    pool = json.loads((example.folder / "data/pools/v0003.json").read_bytes())["signed"]
    members = [member for tier in pool["tiers"].values() for member in tier["members"]]
    assert [member["variant"] for member in members if member["stale"]] == [variant]
    again = example.run()
    assert again.code == 0, again.out
    assert "should it stay?" in again.out


def test_a_rejection_answers_nothing(lost: tuple[Example, str]) -> None:
    example, variant = lost
    example.run()
    digest = example.digest()[:16]
    assert example("reject", digest, "--reviewer", "R. Viewer", "--note", "I must look.").code == 0
    assert example.run().code == 10
    assert _asked(example) == [variant]


def test_a_carried_member_asks_nothing(lost: tuple[Example, str]) -> None:
    example, _ = lost
    policy = example.folder / "data/policy/tiers.toml"
    policy.write_text(policy.read_text().replace("missing_runs = 0", "missing_runs = 1"))
    assert example.run().code == 0


@pytest.mark.parametrize("runs", [0, 1], ids=["asked", "carried"])
def test_a_rebuilt_desk_remembers_who_was_missing(lost: tuple[Example, str], runs: int) -> None:
    """The files are the record: what they say of this week's missing members counts next week."""
    example, variant = lost
    policy = example.folder / "data/policy/tiers.toml"
    policy.write_text(policy.read_text().replace("missing_runs = 0", f"missing_runs = {runs}"))
    example.run()
    remove_database(example.folder)
    assert example("rebuild").code == 0
    week = ("--captures", str(example.folder / "data/sample/2026-W33"), "--week", "2026-W34")
    assert example("run", *week, "--now", "2026-08-22T12:00:00Z").code in {0, 10}
    assert last_run(Workspace(example.folder), Settings()).memory.missing_runs == {variant: 1}
