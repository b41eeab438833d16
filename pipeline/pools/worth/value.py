"""Computes quality per dollar in its three forms, their units, and what the next answer costs.

Elo points and logits are the same scale in two units (method section 3). Source of the formulas: method
section 5. Minimising E, maximising V and maximising QPD choose the same variant, because V = 1 - E / lambda
and QPD = 1 / E.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pipeline.domain.ids import VariantId


ELO_PER_LOGIT: Final = 400 / math.log(10)
"""400 Elo points are odds of ten to one."""

NORMAL_95: Final = 1.96
"""Half-width of a 95 % interval in standard errors."""


def to_elo(logits: float) -> float:
    """Turn logits into Elo points."""
    return logits * ELO_PER_LOGIT


def to_logits(elo: float) -> float:
    """Turn Elo points into logits."""
    return elo / ELO_PER_LOGIT


def win_probability(logits: float) -> float:
    """Chance to be preferred to who is `logits` below, in (0, 1)."""
    if logits >= 0:
        return 1 / (1 + math.exp(-logits))
    odds = math.exp(logits)
    return odds / (1 + odds)


def probability_above(limit: float, *, mean: float, sigma: float) -> float:
    """Chance that a normal quantity exceeds `limit`; all three in the same unit."""
    if sigma <= 0:
        return float(mean > limit)
    return 0.5 * math.erfc((limit - mean) / (sigma * math.sqrt(2)))


def expected_usd(usd_per_task: float, quality: float, lambda_usd: float) -> float:
    """E = C + (1 - q) lambda: dollars per task when a miss costs lambda, for example an escalation.

    Args:
        usd_per_task: C, dollars per task; above zero.
        quality: q, the chance that the answer is preferred to the reference, in (0, 1).
        lambda_usd: What one more acceptable answer is worth, in dollars per task.
    """
    return usd_per_task + (1 - quality) * lambda_usd


def value_at(usd_per_task: float, quality: float, price_of_answer: float) -> float:
    """V = q - C / (b lambda): answers per request, cost converted at a band's price of an answer.

    Args:
        usd_per_task: C, dollars per task.
        quality: q, in (0, 1).
        price_of_answer: b lambda, what one more acceptable answer is worth there, in dollars.
    """
    return quality - usd_per_task / price_of_answer


def answers_per_usd(usd_per_task: float, quality: float, lambda_usd: float) -> float:
    """QPD = 1 / E: acceptable answers per dollar, the headline number.

    Raises:
        ValueError: The cost is zero or negative. A free offer is a claim, not a bargain, and is
            left out by the rules of eligibility before anyone divides by it.
    """
    if usd_per_task <= 0:
        raise ValueError(f"cost must be above zero, is {usd_per_task} dollars per task")
    return 1 / expected_usd(usd_per_task, quality, lambda_usd)


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One variant in the plane of cost and quality."""

    variant: VariantId
    usd_per_task: float
    quality: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Vertex:
    """A point of the hull and what stepping up to it costs per further acceptable answer."""

    point: Point
    next_answer_usd: float | None
    """1 / MQD in dollars; None for the cheapest vertex."""


def upper_hull(points: Iterable[Point]) -> tuple[Vertex, ...]:
    """Return the upper convex hull of quality over cost, cheapest first.

    `MQD = (q - q_prev) / (C - C_prev)` is what the next dollar buys, in answers (method section 5); a vertex
    carries 1 / MQD, dollars per further acceptable answer. Along the hull it gets dearer and dearer; a tier
    takes the last vertex whose `next_answer_usd` is below its lambda.
    """
    hull: list[Point] = []
    for point in sorted(points, key=lambda one: (one.usd_per_task, -one.quality, one.variant)):
        if hull and point.quality <= hull[-1].quality:
            continue
        while len(hull) > 1 and _step_usd(hull[-2], hull[-1]) >= _step_usd(hull[-1], point):
            hull.pop()
        hull.append(point)
    steps: list[float | None] = [_step_usd(low, high) for low, high in pairwise(hull)]
    pairs = zip(hull, [None, *steps], strict=False)
    return tuple(Vertex(point=point, next_answer_usd=usd) for point, usd in pairs)


def _step_usd(low: Point, high: Point) -> float:
    return (high.usd_per_task - low.usd_per_task) / (high.quality - low.quality)
