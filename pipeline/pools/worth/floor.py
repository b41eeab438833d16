"""Computes the least quality of a tier, relative to the best confirmed variants, and who is below it."""

from __future__ import annotations

import math
import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.domain.shares import percent_apart
from pipeline.pools.worth.value import NORMAL_95, probability_above, to_elo, to_logits

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pipeline.domain.ids import MetricName
    from pipeline.domain.policy import TierPolicy
    from pipeline.domain.score import Fit, Score, Scoreboard


@dataclass(frozen=True, slots=True, kw_only=True)
class Floor:
    """The floor on the combined scale and, where a board is not merged, on that board too."""

    theta: float
    """Logits above the anchor."""
    probability: float
    """Least chance to be above it."""
    boards: Mapping[tuple[MetricName, str], tuple[float, float]]
    """Unmerged metric and scale to (floor in logits, between-source standard deviation)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Check:
    name: str
    gap: float
    probability: float
    half_width: float


def floor_of(tier: TierPolicy, scoreboard: Scoreboard) -> Floor:
    """Place the floor at theta_ref - ln(10)/400 * (Elo below), logits, on every scale in use (method 6)."""
    below = to_logits(tier.floor_elo_below_reference)
    boards = {}
    for fit in scoreboard.fits:
        reference = _board_reference(scoreboard, fit)
        if not fit.merged and reference is not None:
            boards[fit.metric, fit.scale] = (reference - below, fit.tau)
    return Floor(theta=scoreboard.reference_theta - below, probability=tier.floor_probability, boards=boards)


def floor_probability(floor: Floor, score: Score) -> float:
    """P(theta above the floor) = Phi((theta - floor) / sigma); the least of all scales (method section 6).

    Sigma holds the between-source part; on a board that is not merged it is hypot(se, tau). Logits.
    """
    return min(check.probability for check in _checks(floor, score))


def failed_floors(floor: Floor, score: Score) -> str | None:
    """Say why a variant misses the floor; None when it meets it with enough probability."""
    if floor.probability <= 0:
        return None
    worst = min(_checks(floor, score), key=lambda check: check.probability)
    if worst.probability >= floor.probability:
        return None
    likely, asked = percent_apart(worst.probability, floor.probability)
    side = "below" if worst.gap < 0 else "above"
    return (
        f"Reaches the tier's floor{worst.name} with a probability of {likely}; the tier asks for {asked}. "
        f"Its estimate is {abs(to_elo(worst.gap)):.1f} Elo {side} the floor."
    )


def clearly_below(floor: Floor, score: Score) -> bool:
    """Return whether a variant is below the floor by more than its own 95 % half-width.

    An incumbent that slips under the floor inside its own measurement error stays: leaving would
    be noise.
    """
    return any(-check.gap > check.half_width for check in _checks(floor, score))


def _checks(floor: Floor, score: Score) -> Iterator[_Check]:
    yield _Check(
        name="",
        gap=score.theta - floor.theta,
        probability=probability_above(floor.theta, mean=score.theta, sigma=score.sigma),
        half_width=NORMAL_95 * score.sigma_measured,
    )
    for board in score.boards:
        own = floor.boards.get((board.metric, board.scale))
        if own is not None:
            limit, tau = own
            yield _Check(
                name=f" on {board.metric}",
                gap=board.theta - limit,
                probability=probability_above(limit, mean=board.theta, sigma=math.hypot(board.se, tau)),
                half_width=NORMAL_95 * board.se,
            )


def _board_reference(scoreboard: Scoreboard, fit: Fit) -> float | None:
    thetas = [
        board.theta
        for variant in scoreboard.reference
        if variant in scoreboard.scores
        for board in scoreboard.scores[variant].boards
        if (board.metric, board.scale) == (fit.metric, fit.scale)
    ]
    return statistics.fmean(thetas) if thetas else None
