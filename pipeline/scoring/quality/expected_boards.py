"""Estimates what a merged board would say of a variant that it does not list.

A variant on one board is not better known than one on two. Who leads a board stands lower on the other: the
ten variants on both boards that led the index stood 14 to 23 Elo lower on the Arena (2026-W27 to W33). So the
missing board is expected to say less: the regression of one board on the other over the shared variants.
Where the missing board lists other efforts of the release, they say it better. How far either errs is
measured by `python -m tests.bench.board_targets`.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from statistics import fmean
from typing import TYPE_CHECKING, Final

from pipeline.domain.score import BoardScore, ExpectedBoard, Fit

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pipeline.domain.crosswalk import Variant
    from pipeline.domain.ids import MetricName, VariantId

LEAST_FREEDOM: Final = 10
"""Degrees of freedom below which a ladder is not used: its SD is then known to within 25 % at best.

Measured 2026-W27 to W33: 23 to 25 on the Arena, over 100 on the index.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class LadderStep:
    """One variant of a release on a board."""

    variant: VariantId
    at: float
    """Log of the tokens of its effort, relative to no reasoning."""
    theta: float
    se: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Ladder:
    """How one board moves from effort to effort inside a release."""

    metric: MetricName
    slope: float
    """Logits per unit of log(tokens relative to no reasoning)."""
    sd: float
    """Of one variant about its release's line, in logits; measurement error is in it."""
    rungs: Mapping[str, tuple[LadderStep, ...]]
    """Release to its variants on the board."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardPredictor:
    """What one board's score lets expect of the other board."""

    arena: MetricName
    fit: Fit
    """Of the index that speaks."""
    ladders: Mapping[MetricName, Ladder]
    variants: Mapping[VariantId, Variant]
    efforts: Mapping[str, float]
    """Tokens by effort, relative to no reasoning."""

    def of(self, variant: VariantId, said: BoardScore) -> ExpectedBoard:
        """Expect the missing board's score from the one that lists the variant.

        Regression over the shared variants: `E = c + r (theta - c)` with SD `s sqrt(1 - r^2)`, c and s the
        mean and SD that equating gave both boards. Siblings on the missing board: the mean of their theta,
        each moved along the ladder to this effort, with variance `sd^2 (1 + 1/n)`. The two are weighed by
        their precision.
        """
        r = math.sqrt(self.fit.r2)
        missing = self.fit.metric if said.metric == self.arena else self.arena
        theta, variance = self.fit.centre + r * (said.theta - self.fit.centre), self._unexplained_variance()
        siblings, moved = self._siblings(variant, missing)
        weight, se = 1.0, 0.0
        if siblings:
            own = self.ladders[missing].sd ** 2 * (1 + 1 / len(siblings))
            weight = own / (own + variance) if variance else 1.0
            theta = weight * theta + (1 - weight) * math.fsum(moved) / len(moved)
            variance *= weight
            se = (1 - weight) * math.hypot(*(rung.se for rung in siblings)) / len(siblings)
        return ExpectedBoard(
            metric=missing,
            theta=theta,
            sd=math.sqrt(variance),
            slope=r * weight,
            se=se,
            siblings=tuple(rung.variant for rung in siblings),
        )

    def _unexplained_variance(self) -> float:
        return self.fit.spread**2 * max(0.0, 1 - self.fit.r2)

    def _siblings(
        self, variant: VariantId, missing: MetricName
    ) -> tuple[tuple[LadderStep, ...], tuple[float, ...]]:
        """Find other efforts of the release on the missing board, and each theta moved along the ladder."""
        ladder, known = self.ladders.get(missing), self.variants.get(variant)
        if ladder is None or known is None or known.effort not in self.efforts:
            return (), ()
        at = math.log(self.efforts[known.effort])
        rungs = tuple(rung for rung in ladder.rungs.get(known.release, ()) if rung.variant != variant)
        return rungs, tuple(rung.theta + ladder.slope * (at - rung.at) for rung in rungs)


def fit_ladder(
    scores: Iterable[tuple[VariantId, BoardScore]],
    variants: Mapping[VariantId, Variant],
    efforts: Mapping[str, float],
) -> Ladder | None:
    """Fit one line per release, all of one slope, to the variants of a board by effort.

    `theta = a_release + b log(tokens)` by least squares; the SD has n - releases - 1 degrees of freedom.

    Returns:
        None where too few releases are listed at several efforts.
    """
    rungs: dict[str, list[LadderStep]] = defaultdict(list)
    metric = None
    for name, said in sorted(scores, key=lambda pair: pair[0]):
        known = variants.get(name)
        metric = said.metric
        if known is not None and known.effort in efforts:
            at = math.log(efforts[known.effort])
            rungs[known.release].append(LadderStep(variant=name, at=at, theta=said.theta, se=said.se))
    several = [found for found in rungs.values() if len({rung.at for rung in found}) > 1]
    free = sum(map(len, several)) - len(several) - 1
    if metric is None or free < LEAST_FREEDOM:
        return None
    steps = [step for found in several for step in _about_their_mean(found)]
    slope = math.fsum([x * y for x, y in steps]) / math.fsum([x * x for x, _ in steps])
    unexplained = math.fsum([(y - slope * x) ** 2 for x, y in steps])
    return Ladder(
        metric=metric,
        slope=slope,
        sd=math.sqrt(unexplained / free),
        rungs={release: tuple(found) for release, found in rungs.items()},
    )


def _about_their_mean(rungs: Sequence[LadderStep]) -> list[tuple[float, float]]:
    """Take a release's own level out of its efforts and scores."""
    middle, level = fmean(rung.at for rung in rungs), fmean(rung.theta for rung in rungs)
    return [(rung.at - middle, rung.theta - level) for rung in rungs]
