"""Scoreboards as rows; pure. A variant has a value or the reason why it has none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.domain.score import Cost

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pipeline.domain.score import Score, Scoreboard, Unpriced
    from pipeline.store.rows import Row

_EMPTY: Row = dict.fromkeys(
    (
        "theta",
        "sigma",
        "quality",
        "usd_per_task",
        "grade",
        "input_microusd_per_mtok",
        "output_microusd_per_mtok",
        "unscored",
        "unpriced",
        "detail",
    )
)


def score_rows(boards: Mapping[str, Scoreboard]) -> Iterable[Row]:
    """One row per evidence and variant."""
    for evidence, board in boards.items():
        for variant, score in board.scores.items():
            yield {
                "evidence": evidence,
                "variant": str(variant),
                **_EMPTY,
                **_quality(score),
                **_cost(score.cost),
            }
        for variant, unscored in board.unscored.items():
            reason: Row = {"unscored": unscored.reason, "detail": unscored.detail}
            yield {"evidence": evidence, "variant": str(variant), **_EMPTY, **reason}


def board_rows(boards: Mapping[str, Scoreboard]) -> Iterable[Row]:
    """One row per evidence, variant and metric: what the score was made of, as published."""
    for evidence, board in boards.items():
        for variant, score in board.scores.items():
            for said in score.boards:
                yield {
                    "evidence": evidence,
                    "variant": str(variant),
                    "metric": str(said.metric),
                    "scale": said.scale,
                    "published": said.published,
                }


def _quality(score: Score) -> Row:
    return {"theta": score.theta, "sigma": score.sigma, "quality": score.quality}


def _cost(cost: Cost | Unpriced) -> Row:
    if isinstance(cost, Cost):
        return {
            "usd_per_task": cost.usd_per_task,
            "grade": cost.grade,
            "input_microusd_per_mtok": cost.price.input_microusd_per_mtok,
            "output_microusd_per_mtok": cost.price.output_microusd_per_mtok,
        }
    return {"unpriced": cost.reason, "detail": cost.detail}
