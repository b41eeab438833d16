"""Collects what a run published about each variant and what it cost, for the weeks that compare with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pipeline.domain.run import LastScore
from pipeline.domain.score import Cost

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pipeline.domain.crosswalk import Crosswalk
    from pipeline.domain.ids import MetricName, VariantId
    from pipeline.domain.observation import Reading
    from pipeline.domain.score import Scoreboard

    Values = dict[VariantId, dict[MetricName, tuple[str, float]]]

_NO_PRICE: Final = (None, None)


def last_scores(
    readings: Sequence[Reading], crosswalk: Crosswalk, boards: Sequence[Scoreboard]
) -> dict[VariantId, LastScore]:
    """Collect what was published about each variant and what it cost; the first known price stands."""
    prices: dict[VariantId, tuple[int | None, int | None]] = {}
    for board in boards:
        for variant in (*board.scores, *board.unscored):
            if prices.get(variant, _NO_PRICE) == _NO_PRICE:
                prices[variant] = _price(board, variant)
    values = _values(readings, crosswalk, boards)
    return {
        variant: LastScore(
            values=values.get(variant, {}),
            input_microusd_per_mtok=prices.get(variant, _NO_PRICE)[0],
            output_microusd_per_mtok=prices.get(variant, _NO_PRICE)[1],
        )
        for variant in sorted(prices.keys() | values.keys())
    }


def _price(board: Scoreboard, variant: VariantId) -> tuple[int | None, int | None]:
    score = board.scores.get(variant)
    if score is None or not isinstance(score.cost, Cost):
        return _NO_PRICE
    return score.cost.price.input_microusd_per_mtok, score.cost.price.output_microusd_per_mtok


def _values(readings: Sequence[Reading], crosswalk: Crosswalk, boards: Sequence[Scoreboard]) -> Values:
    """Collect what was published about each variant; the values a score was made of come last and count.

    Where two names of one variant carry the same metric and no score used it, the name that comes
    first in the alphabet stands.
    """
    values: Values = {}
    for variant, metric, scale, value in _judged_values(readings, crosswalk):
        values.setdefault(variant, {}).setdefault(metric, (scale, value))
    for board in boards:
        for variant, score in board.scores.items():
            for board_score in score.boards:
                values.setdefault(variant, {})[board_score.metric] = (
                    board_score.scale,
                    board_score.published,
                )
    return values


def _judged_values(
    readings: Sequence[Reading], crosswalk: Crosswalk
) -> Iterator[tuple[VariantId, MetricName, str, float]]:
    rows = sorted(
        (observation for reading in readings for observation in reading.observations),
        key=lambda one: (one.source, one.key, one.metric, one.scale),
    )
    for row in rows:
        judgement = crosswalk.judgements.get((row.source, row.key))
        if judgement is not None and judgement.variant is not None:
            yield judgement.variant, row.metric, row.scale, row.value
