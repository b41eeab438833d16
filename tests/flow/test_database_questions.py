"""The documented questions are answered by the database of the worked example, and its words are in force."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from tests.databases import connected
from tests.example import ROOT

if TYPE_CHECKING:
    from tests.example import Example

VIEWS = ("latest_scores", "latest_prices", "pool_history", "changes")
DOCUMENTED = (ROOT / "data/README.md").read_text().partition("## Questions to the database")[2]
QUERIES = re.findall(r"^SELECT .+;$", DOCUMENTED, re.MULTILINE)


def _ask(example: Example, query: str) -> list[tuple[object, ...]]:
    with connected(example.folder) as connection:
        return [tuple(row) for row in connection.exec_driver_sql(query)]


def _count(example: Example, query: str) -> int:
    ((number,),) = _ask(example, query)
    assert isinstance(number, int)
    return number


def test_each_view_is_documented_with_three_queries_that_find_something(ran: Example) -> None:
    asked = Counter(view for query in QUERIES for view in VIEWS if f"FROM {view}" in query)
    assert asked == dict.fromkeys(VIEWS, 3)
    assert ran.approve().code == 0
    assert ran("publish").code == 0
    assert [query for query in QUERIES if not _ask(ran, query)] == []
    pools = _ask(ran, "SELECT DISTINCT version, week FROM pool_history ORDER BY version")
    assert pools == [(1, "2026-W22"), (2, "2026-W33")]


def test_a_change_of_a_pool_is_an_entry_an_exit_or_a_move(ran: Example) -> None:
    assert ran.approve().code == 0
    assert ran("publish").code == 0
    held = {
        version: set(_ask(ran, f"SELECT tier, variant FROM pool_member WHERE version = {version}"))  # noqa: S608 - ours
        for version in (1, 2)
    }
    found = {
        change: set(_ask(ran, f"SELECT tier, variant FROM changes WHERE version = 2 AND change = '{change}'"))  # noqa: S608 - ours
        for change in ("entered", "left")
    }
    assert found == {"entered": held[2] - held[1], "left": held[1] - held[2]}
    assert any(found.values())


def test_a_mapping_is_in_the_database_at_once_and_its_withdrawal_too(ran: Example) -> None:
    live = "SELECT count(*) FROM judgement WHERE superseded_at IS NULL"
    before = _count(ran, live)
    person = ("--note", "Not sold by any router we use.", "--reviewer", "a-person")
    assert ran("crosswalk", "map", "Command A+", "--not-routed", *person).code == 0
    assert _count(ran, live) == before + 1
    assert ran("crosswalk", "undo", "Command A+", *person).code == 0
    assert _count(ran, live) == before


@pytest.mark.parametrize("rebuilt", [False, True])
def test_variants_and_judgements_are_those_of_the_files(ran: Example, rebuilt: bool) -> None:  # noqa: FBT001 - pytest passes it
    assert not rebuilt or ran("rebuild").code == 0
    lines = (ran.folder / "data/crosswalk/variants.csv").read_text().splitlines()[1:]
    live = "SELECT count(*) FROM {} WHERE superseded_at IS NULL"
    assert _count(ran, live.format("variant")) == len(lines)
    judged = (ran.folder / "data/crosswalk/judgements.csv").read_text().splitlines()[1:]
    assert 100 < _count(ran, live.format("judgement")) <= len(judged)
