"""Defines a variant that can be compared in a tier: its slot, quality, cost and value."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.pools.worth.value import Point, value_at

if TYPE_CHECKING:
    from collections.abc import Callable

    from pipeline.domain.ids import VariantId


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """What the limits of a pool look at."""

    variant: VariantId
    vendor: str
    family: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One variant with this week's quality, cost and value; quality in answers per request."""

    slot: Slot
    elo: float
    """Quality above the anchor, in Elo points: for `explain`, decides nothing."""
    quality: float
    """q, the chance that an answer is preferred to the reference, in (0, 1)."""
    half_width: float
    """Half of the 95 % interval of q from measurement error alone."""
    between: float
    """Half of the 95 % interval of q from the disagreement of boards: counts against other boards only."""
    boards: frozenset[str]
    """Metrics of the boards that judge it."""
    usd_per_task: float
    price_of_answer: float
    """The tier's price of an answer, lambda, in dollars."""
    simple: float
    """Value on simple requests, in answers per request."""
    value: float
    """Value at the tier's own price of an answer (b = 1)."""
    complex: float
    """Value on complex requests."""

    @property
    def id(self) -> VariantId:
        """The variant."""
        return self.slot.variant

    @property
    def vendor(self) -> str:
        """Who sells it."""
        return self.slot.vendor

    @property
    def point(self) -> Point:
        """Where it lies in the plane of cost and quality."""
        return Point(variant=self.id, usd_per_task=self.usd_per_task, quality=self.quality)

    def at(self, multiplier: float) -> float:
        """Value at a band's multiple of the tier's price of an answer, in answers per request."""
        return value_at(self.usd_per_task, self.quality, multiplier * self.price_of_answer)


def difference_half_width(one: Candidate, other: Candidate) -> float:
    """Half of the 95 % interval of `q_one - q_other`, in answers per request.

    `sqrt(h1^2 + h2^2)` from measurement error; where other boards judge the two, what boards disagree by of
    each is part of the difference: `sqrt(h1^2 + h2^2 + b1^2 + b2^2)` (method sections 3 and 7.3), b is 0 on
    all merged boards. Cost error is left out: it is the same next week.
    """
    measured = math.hypot(one.half_width, other.half_width)
    return measured if one.boards == other.boards else math.hypot(measured, one.between, other.between)


def beats(one: Candidate, other: Candidate, multiplier: float = 1.0, intervals: float = 1.0) -> bool:
    """Return whether `one` is worth more at a band by more than `intervals` times their interval."""
    return one.at(multiplier) - other.at(multiplier) > intervals * difference_half_width(one, other)


def by_value(candidate: Candidate) -> tuple[float, float, str]:
    """Sort key: best value at b = 1 first, then the cheaper, then the id."""
    return (-candidate.value, candidate.usd_per_task, candidate.id)


def by_value_at(multiplier: float) -> Callable[[Candidate], tuple[float, float, str]]:
    """Make the same sort key at a band's multiple of the price of an answer."""
    return lambda candidate: (-candidate.at(multiplier), candidate.usd_per_task, candidate.id)
