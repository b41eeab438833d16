"""Computes what each model was worth in one week, as scoring saw it: every policy is judged by it."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.backtest.history_adapter import ScoredWeek, model_of
from pipeline.domain.score import BoardScore, Cost, Score
from pipeline.pools.eligibility.candidate_facts import usable_routes
from pipeline.pools.worth.value import value_at
from pipeline.scoring.quality.equate import Z95
from pipeline.scoring.quality.rating import preference

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pipeline.domain.ids import MetricName
    from pipeline.domain.policy import Policy


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceValues:
    """One model that was scored and priced, and could be bought by some route."""

    quality: float
    """q, the chance that its answer is preferred to the reference."""
    usd: float
    """Dollars per task of the operator's mix."""
    theta: float
    """Logits above the anchor."""
    half: float
    """Half of theta's 95 % interval, from measurement error alone; logits."""
    half_with_model: float
    """The same with the disagreement of the boards, which counts where two models are on unlike boards."""
    boards: frozenset[MetricName]
    alone: Mapping[MetricName, float]
    """q as each board alone would have it; empty unless the history holds both."""
    confirmed: bool
    vendor: str
    family: str

    @property
    def slope(self) -> float:
        """How much q moves with a logit of theta."""
        return self.quality * (1 - self.quality)

    def value(self, price: float) -> float:
        """V, answers per request, where an acceptable answer is worth `price` dollars (method section 5)."""
        return value_at(self.usd, self.quality, price)

    def value_alone(self, board: MetricName, price: float) -> float | None:
        """V as one board alone would have it; None where that board does not list the model."""
        quality = self.alone.get(board)
        return None if quality is None else value_at(self.usd, quality, price)


def reference_values(week: ScoredWeek, evidence: str, policy: Policy) -> Mapping[str, ReferenceValues]:
    """Mark every model of a week that has a score, a price and a route.

    Args:
        week: The week, scored.
        evidence: Whose boards count.
        policy: Routes that can be used, and how many make the reference.
    """
    board = week.scoreboards[evidence]
    metrics = {board_score.metric for score in board.scores.values() for board_score in score.boards}
    references = _references(board.scores.values(), policy.quality.reference_count)
    alone = references if len(metrics) > 1 else {}
    return {
        model_of(name): _reference(score, score.cost, week, alone)
        for name, score in board.scores.items()
        if isinstance(score.cost, Cost) and usable_routes(week.variants[name], policy.routes)
    }


def _reference(
    score: Score, cost: Cost, week: ScoredWeek, references: Mapping[MetricName, float]
) -> ReferenceValues:
    variant, board_score = week.variants[score.variant], _first_of_each(score)
    return ReferenceValues(
        quality=score.quality,
        usd=cost.usd_per_task,
        theta=score.theta,
        half=Z95 * score.sigma_measured,
        half_with_model=Z95 * score.sigma,
        boards=frozenset(board_score),
        alone={
            metric: preference(board_score[metric].theta, board_score[metric].se, theta).value
            for metric, theta in references.items()
            if metric in board_score
        },
        confirmed=score.confirmed,
        vendor=variant.vendor,
        family=variant.family,
    )


def _references(scores: Iterable[Score], count: int) -> Mapping[MetricName, float]:
    """By board: the mean of its best confirmed models, in logits, as the reference of q is made."""
    thetas: dict[MetricName, list[float]] = {}
    for score in scores:
        for metric, board_score in _first_of_each(score).items():
            if board_score.confirmed:
                thetas.setdefault(metric, []).append(board_score.theta)
    return {metric: statistics.fmean(sorted(found)[-count:]) for metric, found in thetas.items()}


def _first_of_each(score: Score) -> dict[MetricName, BoardScore]:
    """Return a variant's score on each board; of several index versions the one that counts."""
    return {board_score.metric: board_score for board_score in reversed(score.boards)}
