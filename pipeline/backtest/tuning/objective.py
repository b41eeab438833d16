"""Ranks policies: limits first, then a weighted sum; and what costs what."""

from __future__ import annotations

import math
import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pipeline.backtest.metrics.scorecard import Measures
    from pipeline.backtest.tuning.folds import TierMeasures

AT_LEAST: Final = frozenset({"filled"})
"""Measures that are better when they are larger."""

_NEVER: Final = frozenset(
    {"noise_swaps", "noise_swaps_elo", "wrong_entrants", "back_within_8", "weeks_to_adopt"}
)
"""Where nothing could be counted, nothing of the kind happened."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Objective:
    """What a person asks of a policy before seeing what any of them reaches."""

    limits: Mapping[str, Mapping[str, float]]
    """By measure and tier: what must not be passed."""
    minimise: Mapping[str, float]
    """Weight by measure; each measure is the mean over the tiers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitViolation:
    """A limit that is passed."""

    tier: str
    measure: str
    found: float
    limit: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What a policy reached on a span, and what that is worth."""

    tiers: TierMeasures
    missed: tuple[LimitViolation, ...]
    value: float | None
    """The weighted sum, smaller is better; None where a measure in it could not be counted."""

    @property
    def key(self) -> tuple[int, float]:
        """Fewest limits missed, then the smallest sum."""
        return len(self.missed), math.inf if self.value is None else self.value


def figures(objective: Objective, tiers: TierMeasures) -> Figures:
    """Hold what a policy reached against what was asked."""
    return Figures(tiers=tiers, missed=_missed(objective, tiers), value=_value(objective, tiers))


def over_tiers(tiers: TierMeasures, measure: str) -> float | None:
    """Mean of a measure over the tiers; None where it could not be counted in each."""
    found = [_counted(measures, measure) for measures in tiers.values()]
    known = [number for number in found if number is not None]
    return statistics.fmean(known) if len(known) == len(found) else None


def undominated(points: Sequence[tuple[float, ...]]) -> tuple[int, ...]:
    """Places of the points that no other one equals or beats in every measure; of equal ones the first."""
    return tuple(
        place
        for place, point in enumerate(points)
        if not any(
            all(one <= two for one, two in zip(other, point, strict=True)) and (other != point or at < place)
            for at, other in enumerate(points)
            if at != place
        )
    )


def _missed(objective: Objective, tiers: TierMeasures) -> tuple[LimitViolation, ...]:
    return tuple(
        LimitViolation(tier=tier, measure=measure, found=found, limit=limits[tier])
        for measure, limits in objective.limits.items()
        for tier, measures in tiers.items()
        if tier in limits
        and (found := _counted(measures, measure)) is not None
        and (found < limits[tier] if measure in AT_LEAST else found > limits[tier])
    )


def _value(objective: Objective, tiers: TierMeasures) -> float | None:
    means = {measure: over_tiers(tiers, measure) for measure in objective.minimise}
    weighed = [objective.minimise[name] * mean for name, mean in means.items() if mean is not None]
    return math.fsum(weighed) if len(weighed) == len(means) else None


def _counted(measures: Measures, measure: str) -> float | None:
    found = measures.get(measure)
    return 0.0 if found is None and measure in _NEVER else found
