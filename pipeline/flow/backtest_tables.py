"""What all policies reached, as tables of figures for the terminal and the page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pipeline.flow.backtest_words import BOARD_HEADINGS, POINT_HEADINGS, VALUE_HEADINGS, figure
from pipeline.review.past import MeasureRow, MeasureTable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pipeline.backtest.scorecard import Measures
    from pipeline.flow.backtest import Answer

__all__ = ["MeasureTable", "tables_of"]

_ALONE: Final = {
    "arena": "The rating board alone, Elo points and value",
    "artificial_analysis": "The second board alone, index points and value",
}


def tables_of(answer: Answer) -> Iterator[MeasureTable]:
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
    answer: Answer,
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
