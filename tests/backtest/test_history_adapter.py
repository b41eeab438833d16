"""Whom a tier could buy, and whom every policy is judged against."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pipeline.backtest.history import History
from pipeline.backtest.history_adapter import NOT_SOLD
from tests.backtest.toys import Cell, caps, history, seen, shipped

WEEK: dict[str, Cell] = {
    "a": (1300, 1),
    "b": (1290, 2),
    "c": (1280, 3.5),
    **{f"rest{place:02}": (1100 + place, 50) for place in range(12)},
}


def test_a_score_of_few_votes_is_no_yardstick() -> None:
    table = history(WEEK).tables[0]
    few = replace(table, rows={**table.rows, "a": replace(table.rows["a"], votes=10)})
    (offer,) = seen(History(tables=(few,)), caps())["balanced"]
    assert "a" in offer.references
    assert "a" not in offer.universe
    assert "b" in offer.universe


def test_ceilings_keep_out_of_the_shop_and_not_out_of_the_yardstick() -> None:
    (listed,) = seen(history(WEEK), caps())["balanced"]
    assert listed.standings.keys() == {"a", "b"}
    assert {"a", "b", "c"} <= listed.universe
    dollars = {"ceiling_usd_per_task": 0.005, "ceiling_list_usd_per_mtok": None}
    tier = caps().tiers["balanced"].model_copy(update=dollars)
    (spent,) = seen(history(WEEK), caps().model_copy(update={"tiers": {"balanced": tier}}))["balanced"]
    assert spent.standings.keys() == {"a"}  # 4,000 tokens at a dollar per million cost $0.004, b's twice that


def test_the_floor_is_the_tiers_own() -> None:
    found = seen(history(WEEK), shipped())
    assert "rest00" not in found["frugal"][0].universe
    assert "c" in found["frugal"][0].universe


def test_who_was_never_sold_is_nobodys_rival() -> None:
    (phantom,) = NOT_SOLD
    (offer,) = seen(history({**WEEK, phantom: (1500, 1)}), caps())["balanced"]
    assert phantom not in offer.references
    assert phantom not in offer.universe
    assert phantom not in offer.standings


def test_a_mark_is_what_scoring_says() -> None:
    (offer,) = seen(history(WEEK), caps())["balanced"]
    mark = offer.references["a"]
    assert mark.usd == pytest.approx(0.004)
    assert mark.value(0.05) == pytest.approx(mark.quality - 0.08)
    assert (mark.vendor, mark.family, mark.confirmed) == ("a", "a", True)
