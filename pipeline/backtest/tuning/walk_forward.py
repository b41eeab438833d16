"""Chooses a policy on earlier weeks, reports it on later ones, and says how many were tried."""

from __future__ import annotations

import math
import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pipeline.backtest.metrics.scorecard import Measures
    from pipeline.backtest.tuning.folds import Fold, TierMeasures
    from pipeline.backtest.tuning.grid import Cell, Grid


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
    return Figures(tiers=tiers, missed=_violated_limits(objective, tiers), value=_value(objective, tiers))


def over_tiers(tiers: TierMeasures, measure: str) -> float | None:
    """Mean of a measure over the tiers; None where it could not be counted in each."""
    found = [_value_of(measures, measure) for measures in tiers.values()]
    known = [number for number in found if number is not None]
    return statistics.fmean(known) if len(known) == len(found) else None


def pareto_front(points: Sequence[tuple[float, ...]]) -> tuple[int, ...]:
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


def _violated_limits(objective: Objective, tiers: TierMeasures) -> tuple[LimitViolation, ...]:
    return tuple(
        LimitViolation(tier=tier, measure=measure, found=found, limit=limits[tier])
        for measure, limits in objective.limits.items()
        for tier, measures in tiers.items()
        if tier in limits
        and (found := _value_of(measures, measure)) is not None
        and (found < limits[tier] if measure in AT_LEAST else found > limits[tier])
    )


def _value(objective: Objective, tiers: TierMeasures) -> float | None:
    means = {measure: over_tiers(tiers, measure) for measure in objective.minimise}
    weighed = [objective.minimise[name] * mean for name, mean in means.items() if mean is not None]
    return math.fsum(weighed) if len(weighed) == len(means) else None


def _value_of(measures: Measures, measure: str) -> float | None:
    found = measures.get(measure)
    return 0.0 if found is None and measure in _NEVER else found


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One cell on both sides of a split."""

    cell: Cell
    choosing: Figures
    reporting: Figures
    rank_choosing: int
    """From 1; equals share the better rank."""
    rank_reporting: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What the weeks up to a split would have chosen, and what came of it."""

    fold: Fold
    standings: tuple[Standing, ...]
    """Every cell, in the order of the grid."""
    chosen: Standing
    shipped: Standing

    @property
    def lead_choosing(self) -> float | None:
        """By how much the chosen policy's sum was smaller than the shipped one's where it was chosen."""
        return _lead(self.shipped.choosing, self.chosen.choosing)

    @property
    def lead_reporting(self) -> float | None:
        """The same on the weeks after; below zero the choice was a loss."""
        return _lead(self.shipped.reporting, self.chosen.reporting)

    @property
    def optimism(self) -> float | None:
        """How much of the lead was lost between the two; what is common to both policies cancels."""
        before, after = self.lead_choosing, self.lead_reporting
        return None if before is None or after is None else before - after


@dataclass(frozen=True, slots=True, kw_only=True)
class Trade:
    """A cell that no other one equals or beats in every measure of the frontier, on all weeks."""

    cell: Cell
    means: tuple[float, ...]
    """Of each measure, over the tiers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a sweep found."""

    grid: Grid
    choices: tuple[Choice, ...]
    """One a split."""
    frontier: tuple[Trade, ...]
    """By the first measure."""

    @property
    def tried(self) -> int:
        """Policies that were judged: the best of so many is partly luck."""
        return len(self.grid.cells)


def walk_forward(grid: Grid, folds: Sequence[Fold], found: Sequence[Sequence[TierMeasures]]) -> Outcome:
    """Choose at each split, and compare with what came after.

    Args:
        grid: What was tried.
        folds: Where it was chosen and reported.
        found: For each cell its measures on the choosing and the reporting span of each fold in turn, then
            on all weeks.
    """
    return Outcome(
        grid=grid,
        choices=tuple(
            _choice(grid, fold, [(spans[2 * place], spans[2 * place + 1]) for spans in found])
            for place, fold in enumerate(folds)
        ),
        frontier=_frontier(grid, [spans[-1] for spans in found]),
    )


def _choice(grid: Grid, fold: Fold, found: Sequence[tuple[TierMeasures, TierMeasures]]) -> Choice:
    sides = [(figures(grid.objective, before), figures(grid.objective, after)) for before, after in found]
    before, after = [one.key for one, _ in sides], [two.key for _, two in sides]
    standings = tuple(
        Standing(
            cell=cell,
            choosing=one,
            reporting=two,
            rank_choosing=1 + sum(key < one.key for key in before),
            rank_reporting=1 + sum(key < two.key for key in after),
        )
        for cell, (one, two) in zip(grid.cells, sides, strict=True)
    )
    return Choice(
        fold=fold,
        standings=standings,
        chosen=min(standings, key=_preference),
        shipped=next(standing for standing in standings if standing.cell.shipped),
    )


def _preference(standing: Standing) -> tuple[int, int]:
    """The best; of equals the one that changes least, so the shipped one first, then by the grid's order."""
    return standing.rank_choosing, len(standing.cell.changed)


def _frontier(grid: Grid, found: Sequence[TierMeasures]) -> tuple[Trade, ...]:
    trades = [
        Trade(cell=cell, means=tuple(mean for mean in means if mean is not None))
        for cell, tiers in zip(grid.cells, found, strict=True)
        if None not in (means := [over_tiers(tiers, measure) for measure in grid.frontier])
    ]
    trades.sort(key=lambda trade: len(trade.cell.changed))
    kept = [trades[place] for place in pareto_front([trade.means for trade in trades])]
    return tuple(sorted(kept, key=lambda trade: trade.means))


def _lead(shipped: Figures, chosen: Figures) -> float | None:
    if shipped.value is None or chosen.value is None:
        return None
    return shipped.value - chosen.value
