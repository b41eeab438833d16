"""What a policy reached on past weeks, as text for people and as a JSON payload."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich import box
from rich.table import Table
from rich.text import Text

from pipeline.domain.attribution import ATTRIBUTION
from pipeline.domain.visible import shown_name
from pipeline.flow.backtest_tables import tables_of
from pipeline.flow.backtest_words import LEGEND, span_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pydantic import JsonValue
    from rich.console import RenderableType

    from pipeline.flow.backtest import Answer
    from pipeline.flow.backtest_tables import MeasureTable


def backtest_text(answer: Answer) -> Iterator[RenderableType]:
    """Show the span, tables of all policies, and what their columns mean."""
    yield from span_words(answer.history, answer.horizon)
    yield from (_table(measured) for measured in tables_of(answer))
    yield from (*LEGEND, *ATTRIBUTION[:2])


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
        "worth_of_refresh": {tier: _rounded(ages) for tier, ages in answer.worth.items()},
        "worth_of_refresh_answers": {tier: _rounded(ages) for tier, ages in answer.worth_answers.items()},
        "names_untold": {what: list(models) for what, models in answer.history.nameless.items()},
        "unjudged": list(answer.unjudged),
        "compared": [_card(answer, place) for place in range(len(answer.others))],
    }


def _card(answer: Answer, place: int) -> dict[str, JsonValue]:
    """One policy's measures; -1 is the policy that was asked about. A board that is absent has no figure."""
    card = answer.own if place < 0 else answer.others[place]
    unlisted = {tier: dict.fromkeys(measures) for tier, measures in card.boards["arena"].items()}
    boards = {"artificial_analysis": unlisted, **card.boards}
    return {
        "policy": card.policy,
        "tiers": {tier: _rounded(measures) for tier, measures in card.tiers.items()},
        "boards": {
            board: {tier: _rounded(measures) for tier, measures in boards[board].items()}
            for board in sorted(boards)
        },
    }


def _rounded(measures: Mapping[str, float | None]) -> dict[str, JsonValue]:
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
            table.add_row(Text(shown_name(tier)), Text(shown_name(row.policy)), *map(Text, row.cells))
        table.add_section()
    return table
