"""What a sweep found, as text for people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich import box
from rich.table import Table
from rich.text import Text

from pipeline.domain.attribution import ATTRIBUTION
from pipeline.domain.visible import shown_name
from pipeline.flow.backtest_words import POINT_HEADINGS, VALUE_HEADINGS, figure

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import RenderableType

    from pipeline.flow.tune import Choice, Figures, Standing, Tuned

_HEADINGS: Final = {
    **{name: f"V {heading}" for name, heading in VALUE_HEADINGS.items()},
    **POINT_HEADINGS,
    "index_regret_first": "idx first",
    "index_regret_pool": "idx pool",
    "index_value_regret_first": "idx V",
}

_LEGEND: Final = (
    "Better: fewer limits missed, then the smaller sum. V: answers per 100 requests lost by the first pick,",
    "by who serves each band, and with the first pick's vendor down. V noise: swaps that make no difference",
    "of value beyond its error. first, pool: points of the board lost by the first pick and by all members.",
    "churn: share of places a week. back8: leavers that are back within 8 weeks.",
)


def tune_text(tuned: Tuned) -> Iterator[RenderableType]:
    """Show how many were tried, each choice beside the shipped policy, and what costs what."""
    outcome = tuned.outcome
    tables, base = tuned.history.tables, shown_name(outcome.grid.base.name)
    yield (
        f"{outcome.tried} policies tried on {len(tables)} tables, {tables[0].week} to {tables[-1].week}; "
        f"{base} as shipped is one of them."
    )
    yield "The best of many is partly luck: what counts is how it did on the weeks after those that chose it."
    for choice in outcome.choices:
        yield from _choice(tuned, choice)
    yield "Which measure costs which: no other policy is as good in all of them (all weeks, mean of tiers)."
    yield _frontier(tuned)
    yield from (*_LEGEND, *ATTRIBUTION[:2])
    yield "Nothing was written. A person edits data/policy/tiers.toml, and puts the reason beside the value."


def _choice(tuned: Tuned, choice: Choice) -> Iterator[RenderableType]:
    before, after = (
        tuned.history.tables[span.start : span.end] for span in (choice.fold.choosing, choice.fold.reporting)
    )
    yield ""
    yield (
        f"Chosen on {before[0].week} to {before[-1].week} ({len(before)} tables), "
        f"reported on {after[0].week} to {after[-1].week} ({len(after)} tables)."
    )
    cells = len(choice.standings)
    yield f"chosen: {choice.chosen.cell.name}"
    yield from _standing("chosen", choice.chosen, cells)
    if choice.chosen is not choice.shipped:
        yield from _standing("shipped", choice.shipped, cells)
        yield (
            f"The chosen one led by {figure(choice.lead_choosing)} where it was chosen and by "
            f"{figure(choice.lead_reporting)} after; lost between the two: {figure(choice.optimism)}."
        )
    yield _table(tuned, choice)


def _standing(called: str, standing: Standing, cells: int) -> Iterator[str]:
    yield (
        f"  {called}: rank {standing.rank_choosing} of {cells} with sum {figure(standing.choosing.value)}, "
        f"after it rank {standing.rank_reporting} with {figure(standing.reporting.value)}"
    )
    for when, side in (("", standing.choosing), ("after it, ", standing.reporting)):
        if side.missed:
            yield f"    {when}limits missed: {_missed(side)}"


def _missed(side: Figures) -> str:
    return ", ".join(
        f"{shown_name(miss.tier)} {_HEADINGS[miss.measure]} {figure(miss.found)} (limit {figure(miss.limit)})"
        for miss in side.missed
    )


def _measures(tuned: Tuned) -> list[str]:
    """What was asked for, in the order of the backtest's columns."""
    grid = tuned.outcome.grid
    asked = {*grid.objective.limits, *grid.objective.minimise, *grid.frontier}
    return [name for name in _HEADINGS if name in asked]


def _table(tuned: Tuned, choice: Choice) -> Table:
    names, split = _measures(tuned), choice.fold.split
    table = _empty("tier", "policy", "weeks", *(_HEADINGS[name] for name in names))
    rows = [("chosen", choice.chosen), ("shipped", choice.shipped)]
    for tier in choice.shipped.choosing.tiers:
        for called, standing in rows if choice.chosen is not choice.shipped else rows[1:]:
            for when, side in ((f"to {split}", standing.choosing), ("after", standing.reporting)):
                found = side.tiers[tier]
                cells = (figure(found.get(name)) for name in names)
                table.add_row(*map(Text, (shown_name(tier), called, when, *cells)))
        table.add_section()
    return table


def _frontier(tuned: Tuned) -> Table:
    outcome = tuned.outcome
    table = _empty(*(_HEADINGS[name] for name in outcome.grid.frontier), "policy")
    for trade in outcome.frontier:
        table.add_row(*map(Text, (*map(figure, trade.means), shown_name(trade.cell.name))))
    return table


def _empty(*headings: str) -> Table:
    table = Table(title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    for heading in headings:
        words = heading in {"tier", "policy", "weeks"}
        table.add_column(heading, justify="left" if words else "right", no_wrap=heading != "policy")
    return table
