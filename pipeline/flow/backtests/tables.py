"""Arranges what all policies reached as tables of figures for the terminal and the page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pipeline.review.pages.backtest_view import MeasureRow, MeasureTable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pipeline.backtest.history import History
    from pipeline.backtest.metrics.scorecard import Measures
    from pipeline.flow.backtests.backtest import BacktestReport


__all__ = ["MeasureTable", "tables_of"]

_ALONE: Final = {
    "arena": "The rating board alone, Elo points and value",
    "artificial_analysis": "The second board alone, index points and value",
}


def tables_of(answer: BacktestReport) -> Iterator[MeasureTable]:
    """Yield what all policies reached: in value, in points, and where there are two boards by each alone."""
    cards = (answer.own, *answer.others)
    whole = {card.policy: card.tiers for card in reversed(cards)}
    yield _table(answer, "Value, answers per 100 requests", VALUE_HEADINGS, whole)
    yield _table(answer, "The rating board, Elo points", POINT_HEADINGS, whole)
    if len(answer.own.boards) > 1:
        for board in answer.own.boards:
            found = {card.policy: card.boards[board] for card in reversed(cards)}
            yield _table(answer, _ALONE[board], BOARD_HEADINGS, found)


def _table(
    answer: BacktestReport,
    title: str,
    headings: Mapping[str, str],
    found: Mapping[str, Mapping[str, Measures]],
) -> MeasureTable:
    cards = (answer.own, *answer.others)
    return MeasureTable(
        title=title,
        headings=tuple(headings.values()),
        tiers=tuple(
            (
                tier,
                tuple(
                    MeasureRow(
                        policy=card.policy,
                        own=card is answer.own,
                        cells=tuple(figure(found[card.policy][tier][name]) for name in headings),
                    )
                    for card in cards
                ),
            )
            for tier in answer.own.tiers
        ),
    )


VALUE_HEADINGS: Final = {
    "value_regret_first": "first",
    "value_regret_bands": "bands",
    "value_regret_vendor_down": "down",
    "value_regret_first_12_weeks": "first12",
    "noise_swaps": "noise",
    "wrong_entrants": "wrong",
    "outsider_dominated": "beaten",
    "usd_per_1000_tasks": "$/1000",
}
"""What the rules are judged by: measure to the heading of its column."""

POINT_HEADINGS: Final = {
    "regret_first": "first",
    "regret_pool": "pool",
    "regret_with_launches": "+new",
    "dominated": "beaten",
    "churn": "churn",
    "noise_swaps_elo": "noise",
    "back_within_8": "back8",
    "filled": "filled",
    "median_price": "$/Mtok",
    "weeks_to_adopt": "adopt",
}
"""What is told beside it."""

BOARD_HEADINGS: Final = {
    "regret_first": "first",
    "regret_pool": "pool",
    "value_first": "V first",
    "value_best_held": "V best",
    "value_regret_first": "V lost",
}
"""What one board alone says."""

LEGEND: Final = (
    "Value: answers per 100 requests lost against the best one could have had, judged 4 weeks later (first12",
    "12 weeks later): by the first pick, by who serves each band (mean), with its vendor down (down). noise:",
    "swaps that make no difference of value beyond its error. wrong: entrants worth less than the leaver 12",
    "weeks later. beaten: picks that an outsider who could take the seat beats clearly at no higher cost.",
    "$/1000: dollars per 1,000 tasks with the first pick, median.",
    "Points: first, pool, +new: points of the board lost by the first pick, by all members, and by the first",
    "pick against later launches too. beaten: picks that somebody not dearer clearly beats. churn: share of",
    "places a week. noise: swaps inside the joint interval. back8: leavers that are back within 8 weeks.",
    "adopt: weeks until a new best model is a member. V first, V best, V lost: value by that board alone, 4",
    "weeks later: of the first pick, the best that any member has, and what the first pick lost.",
)
"""What the headings mean, line by line."""


def span_words(history: History, horizon: int) -> Iterator[str]:
    """Say which weeks were simulated, and what is odd about them."""
    tables = history.tables
    yield (
        f"{len(tables)} tables, {tables[0].week} to {tables[-1].week}; points are judged "
        f"{horizon} weeks later, value 4 and 12."
    )
    if history.holes:
        holes = ", ".join(f"{weeks} after {one}" for one, _, weeks in history.holes)
        yield f"Weeks without a table: {holes}."
    if history.without_bytes:
        left = ", ".join(history.without_bytes)
        yield f"Weeks left out, since their captured bytes are not on this machine: {left}."
    if history.repeated:
        yield f"Weeks that only repeat the table before (a frozen feed): {', '.join(history.repeated)}."
    yield from _names(history)


def _names(history: History) -> Iterator[str]:
    """Say whose name tells too little; each is counted, and `--json` names them."""
    if history.own:
        return
    untold = history.nameless
    if not untold:
        yield "No crosswalk here reads names: every model counts as of a vendor of its own."
        return
    yield (
        f"By name, no vendor is known of {len(untold['vendor'])} priced models, each counted as its own; no "
        f"effort of {len(untold['effort'])}, counted as unstated (`--json` names them)."
    )


def figure(value: float | None) -> str:
    """Two decimals below ten, one above; a dash where nothing could be counted."""
    if value is None:
        return "-"
    return f"{value:.2f}" if abs(value) < 10 else f"{value:.1f}"  # noqa: PLR2004 - a matter of layout
