"""Renders backtests and sweeps as text for people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich import box
from rich.table import Table
from rich.text import Text

from pipeline.domain.escape import escape_name
from pipeline.domain.observation import SCORE_ATTRIBUTION
from pipeline.flow.backtests.backtest import (
    LEGEND,
    POINT_HEADINGS,
    VALUE_HEADINGS,
    figure,
    span_words,
    tables_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pydantic import JsonValue
    from rich.console import RenderableType

    from pipeline.flow.backtests.backtest import BacktestReport, MeasureTable
    from pipeline.flow.backtests.tune import Choice, Figures, Standing, TuneResult


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


def tune_text(tuned: TuneResult) -> Iterator[RenderableType]:
    """Show how many were tried, each choice beside the shipped policy, and what costs what."""
    outcome = tuned.outcome
    tables, base = tuned.history.tables, escape_name(outcome.grid.base.name)
    yield (
        f"{outcome.tried} policies tried on {len(tables)} tables, {tables[0].week} to {tables[-1].week}; "
        f"{base} as shipped is one of them."
    )
    yield "The best of many is partly luck: what counts is how it did on the weeks after those that chose it."
    for choice in outcome.choices:
        yield from _choice(tuned, choice)
    yield "Which measure costs which: no other policy is as good in all of them (all weeks, mean of tiers)."
    yield _frontier(tuned)
    yield from (*_LEGEND, *SCORE_ATTRIBUTION)
    yield "Nothing was written. A person edits data/policy/tiers.toml, and puts the reason beside the value."


def _choice(tuned: TuneResult, choice: Choice) -> Iterator[RenderableType]:
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
    yield _sweep_table(tuned, choice)


def _standing(called: str, standing: Standing, cells: int) -> Iterator[str]:
    yield (
        f"  {called}: rank {standing.rank_choosing} of {cells} with sum {figure(standing.choosing.value)}, "
        f"after it rank {standing.rank_reporting} with {figure(standing.reporting.value)}"
    )
    for when, side in (("", standing.choosing), ("after it, ", standing.reporting)):
        if side.missed:
            yield f"    {when}limits missed: {_missed_words(side)}"


def _missed_words(side: Figures) -> str:
    return ", ".join(
        f"{escape_name(miss.tier)} {_HEADINGS[miss.measure]} {figure(miss.found)} "
        f"(limit {figure(miss.limit)})"
        for miss in side.missed
    )


def _measures(tuned: TuneResult) -> list[str]:
    """What was asked for, in the order of the backtest's columns."""
    grid = tuned.outcome.grid
    asked = {*grid.objective.limits, *grid.objective.minimise, *grid.frontier}
    return [name for name in _HEADINGS if name in asked]


def _sweep_table(tuned: TuneResult, choice: Choice) -> Table:
    names, split = _measures(tuned), choice.fold.split
    table = _empty_table("tier", "policy", "weeks", *(_HEADINGS[name] for name in names))
    rows = [("chosen", choice.chosen), ("shipped", choice.shipped)]
    for tier in choice.shipped.choosing.tiers:
        for called, standing in rows if choice.chosen is not choice.shipped else rows[1:]:
            for when, side in ((f"to {split}", standing.choosing), ("after", standing.reporting)):
                found = side.tiers[tier]
                cells = (figure(found.get(name)) for name in names)
                table.add_row(*map(Text, (escape_name(tier), called, when, *cells)))
        table.add_section()
    return table


def _frontier(tuned: TuneResult) -> Table:
    outcome = tuned.outcome
    table = _empty_table(*(_HEADINGS[name] for name in outcome.grid.frontier), "policy")
    for trade in outcome.frontier:
        table.add_row(*map(Text, (*map(figure, trade.means), escape_name(trade.cell.name))))
    return table


def _empty_table(*headings: str) -> Table:
    table = Table(title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    for heading in headings:
        words = heading in {"tier", "policy", "weeks"}
        table.add_column(heading, justify="left" if words else "right", no_wrap=heading != "policy")
    return table


def backtest_text(answer: BacktestReport) -> Iterator[RenderableType]:
    """Show the span, tables of all policies, and what their columns mean."""
    yield from span_words(answer.history, answer.horizon)
    yield from (_table(measured) for measured in tables_of(answer))
    yield from (*LEGEND, *SCORE_ATTRIBUTION)


def backtest_json(answer: BacktestReport) -> JsonValue:
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
        "worth_of_refresh": {tier: _round_measures(ages) for tier, ages in answer.worth.items()},
        "worth_of_refresh_answers": {
            tier: _round_measures(ages) for tier, ages in answer.worth_answers.items()
        },
        "names_untold": {what: list(models) for what, models in answer.history.nameless.items()},
        "unjudged": list(answer.unjudged),
        "compared": [_card(answer, place) for place in range(len(answer.others))],
    }


def _card(answer: BacktestReport, place: int) -> dict[str, JsonValue]:
    """One policy's measures; -1 is the policy that was asked about. A board that is absent has no figure."""
    card = answer.own if place < 0 else answer.others[place]
    unlisted = {tier: dict.fromkeys(measures) for tier, measures in card.boards["arena"].items()}
    boards = {"artificial_analysis": unlisted, **card.boards}
    return {
        "policy": card.policy,
        "tiers": {tier: _round_measures(measures) for tier, measures in card.tiers.items()},
        "boards": {
            board: {tier: _round_measures(measures) for tier, measures in boards[board].items()}
            for board in sorted(boards)
        },
    }


def _round_measures(measures: Mapping[str, float | None]) -> dict[str, JsonValue]:
    """Six decimals say more than any of these numbers knows."""
    return {name: None if value is None else round(value, 6) for name, value in measures.items()}


def _table(measured: MeasureTable) -> Table:
    table = Table(
        title=Text(measured.title),
        title_justify="left",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        padding=(0, 1, 0, 0),
    )
    table.add_column("tier")
    table.add_column("policy", no_wrap=True)
    for heading in measured.headings:
        table.add_column(heading, justify="right", no_wrap=True)
    for tier, rows in measured.tiers:
        for row in rows:
            table.add_row(Text(escape_name(tier)), Text(escape_name(row.policy)), *map(Text, row.cells))
        table.add_section()
    return table
