"""What a policy reached on past weeks, as text for people and as a JSON payload."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich import box
from rich.table import Table
from rich.text import Text

from pipeline.domain.attribution import ATTRIBUTION
from pipeline.domain.visible import shown_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pydantic import JsonValue
    from rich.console import RenderableType

    from pipeline.flow.backtest import Answer

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

_LEGEND: Final = (
    "first, pool, +new: points of the board lost by the first pick, by all members, and by the first",
    "pick against later launches too. beaten: picks that somebody not dearer clearly beats. churn:",
    "share of places a week. noise: voluntary swaps inside the joint interval. back8: leavers that are",
    "back within 8 weeks. adopt: weeks until a new best model is a member.",
)


def backtest_text(answer: Answer) -> Iterator[RenderableType]:
    """Show the span, one table of all policies, and what its columns mean."""
    yield from _span(answer)
    yield _table(answer, "arena")
    if "artificial_analysis" in answer.own.boards:
        yield _table(answer, "artificial_analysis")
    yield from (*_LEGEND, *ATTRIBUTION[:2])


def backtest_payload(answer: Answer) -> JsonValue:
    """The same as a JSON document."""
    tables, own = answer.history.tables, _card(answer, -1)
    return {
        **own,
        "span": {
            "from": tables[0].week,
            "to": tables[-1].week,
            "tables": len(tables),
            "horizon": answer.horizon,
            "holes": [
                {"after": one, "before": two, "weeks": weeks} for one, two, weeks in answer.history.holes
            ],
            "repeated": list(answer.history.repeated),
        },
        "compared": [_card(answer, place) for place in range(len(answer.others))],
    }


def _card(answer: Answer, place: int) -> dict[str, JsonValue]:
    """One policy's measures; -1 is the policy that was asked about."""
    card = answer.own if place < 0 else answer.others[place]
    return {
        "policy": card.policy,
        "tiers": {tier: _rounded(measures) for tier, measures in card.tiers.items()},
        "boards": {
            board: {tier: _rounded(measures) for tier, measures in tiers.items()}
            for board, tiers in card.boards.items()
        },
    }


def _rounded(measures: Mapping[str, float | None]) -> dict[str, JsonValue]:
    """Six decimals say more than any of these numbers knows."""
    return {name: None if value is None else round(value, 6) for name, value in measures.items()}


def _span(answer: Answer) -> Iterator[str]:
    tables, history = answer.history.tables, answer.history
    yield (
        f"{len(tables)} tables, {tables[0].week} to {tables[-1].week}; each pick is judged "
        f"{answer.horizon} weeks later."
    )
    if history.holes:
        holes = ", ".join(f"{weeks} after {one}" for one, _, weeks in history.holes)
        yield f"Weeks without a table: {holes}."
    if history.repeated:
        yield f"Weeks that only repeat the table before (a frozen feed): {', '.join(history.repeated)}."


def _table(answer: Answer, board: str) -> Table:
    cards = (answer.own, *answer.others)
    found = {card.policy: card.tiers if board == "arena" else card.boards[board] for card in reversed(cards)}
    names = list(next(iter(found[answer.own.policy].values()), {}))
    title = Text(f"{board}: {'Elo' if board == 'arena' else 'index'} points")
    table = Table(
        title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0)
    )
    table.add_column("tier")
    table.add_column("policy", no_wrap=True)
    for name in names:
        table.add_column(HEADINGS[name], justify="right", no_wrap=True)
    for tier in answer.own.tiers:
        for card in cards:
            cells = (_figure(found[card.policy][tier][name]) for name in names)
            table.add_row(Text(shown_name(tier)), Text(shown_name(card.policy)), *map(Text, cells))
        table.add_section()
    return table


def _figure(value: float | None) -> str:
    """Two decimals below ten, one above; a dash where nothing could be counted."""
    if value is None:
        return "-"
    return f"{value:.2f}" if abs(value) < 10 else f"{value:.1f}"  # noqa: PLR2004 - a matter of layout
