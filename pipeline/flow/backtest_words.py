"""How the measures of a backtest are called and written, on the terminal and on its page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.backtest.history import History

HEADINGS: Final = {
    "regret_first": "first",
    "regret_pool": "pool",
    "regret_with_launches": "+new",
    "dominated": "beaten",
    "churn": "churn",
    "noise_swaps": "noise",
    "back_within_8": "back8",
    "filled": "filled",
    "median_price": "$/Mtok",
    "weeks_to_adopt": "adopt",
}
"""Measure to the heading of its column."""

LEGEND: Final = (
    "first, pool, +new: points of the board lost by the first pick, by all members, and by the first",
    "pick against later launches too. beaten: picks that somebody not dearer clearly beats. churn:",
    "share of places a week. noise: voluntary swaps inside the joint interval. back8: leavers that are",
    "back within 8 weeks. adopt: weeks until a new best model is a member.",
)
"""What the headings mean, line by line."""


def span_words(history: History, horizon: int) -> Iterator[str]:
    """Say which weeks were walked, and what is odd about them."""
    tables = history.tables
    yield (
        f"{len(tables)} tables, {tables[0].week} to {tables[-1].week}; each pick is judged "
        f"{horizon} weeks later."
    )
    if history.holes:
        holes = ", ".join(f"{weeks} after {one}" for one, _, weeks in history.holes)
        yield f"Weeks without a table: {holes}."
    if history.without_bytes:
        left = ", ".join(history.without_bytes)
        yield f"Weeks left out, since their captured bytes are not on this machine: {left}."
    if history.repeated:
        yield f"Weeks that only repeat the table before (a frozen feed): {', '.join(history.repeated)}."


def figure(value: float | None) -> str:
    """Two decimals below ten, one above; a dash where nothing could be counted."""
    if value is None:
        return "-"
    return f"{value:.2f}" if abs(value) < 10 else f"{value:.1f}"  # noqa: PLR2004 - a matter of layout
