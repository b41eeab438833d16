"""Weeks in which something happened, on the real history."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pipeline.backtest.history import History, WeekTable, clip_weeks
from pipeline.backtest.history_adapter import NOT_SOLD
from pipeline.domain.calendar import Week
from tests.backtest.policy_runs import simulate
from tests.backtest.toys import caps

if TYPE_CHECKING:
    from pipeline.backtest.simulate.simulate import Lineups


@pytest.fixture(scope="session")
def span(real_history: History) -> History:
    """Two months before the phantom of 2025-04 to the first weeks after the frozen feed."""
    return clip_weeks(real_history, Week("2025-W06"), Week("2025-W47"))


@pytest.fixture(scope="session")
def pools(span: History) -> Lineups:
    return simulate(span.tables, caps())


def at(span: History, week: str) -> int:
    return [table.week for table in span.tables].index(Week(week))


def test_the_llama_that_was_never_sold_is_in_no_pool(span: History, pools: Lineups) -> None:
    (phantom,) = NOT_SOLD
    rated = [table for table in span.tables if phantom in table.rows]
    assert rated
    assert all(table.rows[phantom].price is not None for table in rated), "it looked buyable"
    assert not [week for tier in pools.values() for week, lineup in enumerate(tier) if phantom in lineup]


def test_the_price_cut_of_o3_moves_it_within_two_weeks(span: History) -> None:
    cut = at(span, "2025-W25")
    before, after = (table.rows["o3-20250416"].price for table in span.tables[cut - 1 : cut + 1])
    assert before is not None
    assert after is not None
    assert (before.blended_usd_per_mtok, after.blended_usd_per_mtok) == (17.5, 3.5)
    # At $3.50 it enters a tier of $4 where gemini-2.5-pro, better and at $3.44, is not on offer.
    tables = tuple(without(table, "gemini-2-5-pro") for table in span.tables[: cut + 3])
    policy = caps()
    asked = {"ceiling_list_usd_per_mtok": 4.0, "lambda_usd": 50.0}  # whoever can be bought, the best enters
    tier = policy.tiers["balanced"].model_copy(update=asked)
    moved = simulate(tables, policy.model_copy(update={"tiers": {"balanced": tier}}))["balanced"]
    assert not any("o3-20250416" in lineup for lineup in moved[:cut])
    assert any("o3-20250416" in lineup for lineup in moved[cut : cut + 3])


@pytest.mark.parametrize(("week", "points"), [("2025-W22", 59.9), ("2025-W42", 46.0)])
def test_a_recalibration_changes_no_pool_by_itself(
    span: History, pools: Lineups, week: str, points: float
) -> None:
    first = next(place for place, table in enumerate(span.tables) if table.week >= week)
    tables = (*span.tables[:first], *(shifted(table, points) for table in span.tables[first:]))
    assert simulate(tables, caps()) == pools


def test_the_frozen_feed_is_a_hole(span: History) -> None:
    assert (Week("2025-W32"), Week("2025-W42"), 9) in span.holes


def test_a_feed_that_repeats_itself_is_named(span: History) -> None:
    last = span.tables[-1]
    again = WeekTable(week=Week("2025-W48"), day=last.day, rows=last.rows, number=last.number + 1)
    assert History(tables=(*span.tables, again)).repeated == (*span.repeated, Week("2025-W48"))


def test_no_later_week_changes_an_earlier_one(span: History, pools: Lineups) -> None:
    cut = at(span, "2025-W25")
    early = simulate(span.tables[:cut], caps())
    assert {tier: lineups[:cut] for tier, lineups in pools.items()} == early


def shifted(table: WeekTable, points: float) -> WeekTable:
    """The same table on a scale that was moved."""
    rows = {
        name: type(row)(
            model=name,
            score=row.score + points,
            low=None if row.low is None else row.low + points,
            high=None if row.high is None else row.high + points,
            votes=row.votes,
            price=row.price,
            index=row.index,
            index_estimated=row.index_estimated,
        )
        for name, row in table.rows.items()
    }
    return WeekTable(week=table.week, day=table.day, rows=rows, number=table.number)


def without(table: WeekTable, start: str) -> WeekTable:
    """The same table without the models whose names start so."""
    rows = {name: row for name, row in table.rows.items() if not name.startswith(start)}
    return WeekTable(week=table.week, day=table.day, rows=rows, number=table.number)
