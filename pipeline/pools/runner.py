"""A variant that can be compared in a tier, and the size of differences between two of them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.pools.value import Point

if TYPE_CHECKING:
    from pipeline.domain.names import VariantId


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """What the limits of a pool look at."""

    variant: VariantId
    vendor: str
    family: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Runner:
    """One variant with this week's quality and cost, in the units the rules use."""

    seat: Seat
    elo: float
    """Quality above the anchor, in Elo points."""
    half_width: float
    """Half of its 95 % interval from measurement error alone, in Elo points."""
    quality: float
    usd_per_task: float
    utility: float
    """U in dollars per task, with the tier's lambda."""
    utility_half_width: float
    """Half of the 95 % interval of U from the measurement error of quality."""
    key: float
    """Value in Elo terms: quality - weight * log10(dollars per task), the policy's weight (method 7.3)."""
    pressure: float
    """The most by which an eligible variant that is not dearer is better, in joints; minus
    infinity when there is none. Above 1 the variant is dominated."""
    rival: VariantId | None
    """Who exerts the pressure."""

    @property
    def id(self) -> VariantId:
        """The variant."""
        return self.seat.variant

    @property
    def dominated(self) -> bool:
        """Whether an eligible variant is clearly better and not dearer."""
        return self.pressure > 1

    @property
    def point(self) -> Point:
        """Where it lies in the plane of cost and quality."""
        return Point(variant=self.id, usd_per_task=self.usd_per_task, quality=self.quality)


def joint(one: Runner, other: Runner) -> float:
    """Hypotenuse of two 95 % half-widths, sqrt(h1^2 + h2^2), in Elo points (method section 7).

    `h = 1.96 * 400/ln(10) * sqrt(1 / sum 1/se_s^2)`: measurement error only, without the between-source part.
    """
    return math.hypot(one.half_width, other.half_width)


def clearly_better(one: Runner, other: Runner, joints: float = 1.0) -> bool:
    """Tell whether `one` beats `other` by more than `joints` times their joint interval."""
    return one.elo - other.elo > joints * joint(one, other)


def by_quality(runner: Runner) -> tuple[float, float, str]:
    """Sort key: best quality first, then the cheaper, then the id."""
    return (-runner.elo, runner.usd_per_task, runner.id)


def by_utility(runner: Runner) -> tuple[float, float, str]:
    """Sort key: best U first, then the cheaper, then the id."""
    return (-runner.utility, runner.usd_per_task, runner.id)


def by_value(runner: Runner) -> tuple[float, float, str]:
    """Sort key: best value in Elo terms first, then the cheaper, then the id."""
    return (-runner.key, runner.usd_per_task, runner.id)
