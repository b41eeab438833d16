"""Seeded draws of quality and cost: how sure a place is. They are reported and decide nothing.

As a decision rule inclusion probabilities measured worse than the rules in `pools.rules` (method
section 7), so they are computed after the choice and can be left out by whoever only chooses.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pipeline.domain.score import Cost

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from pipeline.domain.names import VariantId
    from pipeline.pools.brief import Brief
    from pipeline.pools.field import Field

_TAIL = 0.025


@dataclass(frozen=True, slots=True, kw_only=True)
class Odds:
    """What the draws say of one variant in one tier."""

    inclusion: float
    """Share of draws in which it is eligible and among the best k by U."""
    utility_low: float
    """Lower end of the 95 % interval of U, in dollars per task."""
    utility_high: float
    rank_low: int
    """Best rank by U in 95 % of the draws in which it is eligible; 0 when it never is."""
    rank_high: int


def draw(brief: Brief, field: Field) -> Mapping[VariantId, Odds]:
    """Draw (theta, log C) of every variant that only quality or cost could keep out.

    Theta has the standard error with the between-source part. The generator depends on the policy's
    seed, the week and the tier; variants are drawn in the order of their ids, so neither the order
    of rows nor another tier changes a number.
    """
    if not field.drawable:
        return {}
    generator = np.random.Generator(np.random.PCG64(_seed(brief, field)))
    count = len(field.drawable)
    noise = generator.standard_normal((2, brief.policy.draws, count))
    theta, sigma, log_usd, log_sd = _moments(field)
    thetas = theta + sigma * noise[0]
    usd = np.exp(log_usd + log_sd * noise[1])
    utility = field.tier.lambda_usd / (1 + np.exp(field.scoreboard.reference_theta - thetas)) - usd
    able = thetas > field.terms.floor.theta
    if field.tier.ceiling_usd_per_task is not None:
        able &= usd <= field.tier.ceiling_usd_per_task
    ranks = _ranks(np.where(able, utility, -np.inf))
    ranks[~able] = count
    low, high = _interval(utility)
    inclusion = ((ranks < field.tier.k) & able).mean(axis=0)
    best, worst = _rank_range(ranks, able.sum(axis=0))
    columns = (inclusion.tolist(), low.tolist(), high.tolist(), best, worst)
    return {
        variant: Odds(inclusion=pi, utility_low=floor, utility_high=top, rank_low=first, rank_high=last)
        for variant, pi, floor, top, first, last in zip(field.drawable, *columns, strict=True)
    }


def _seed(brief: Brief, field: Field) -> int:
    text = f"{brief.policy.seed}|{brief.week}|{field.name}"
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:16], "big")


def _moments(field: Field) -> tuple[NDArray[np.float64], ...]:
    """Mean and standard deviation of theta and of log C, in the order of the ids."""
    rows = []
    for variant in field.drawable:
        score = field.scoreboard.scores[variant]
        if not isinstance(score.cost, Cost):
            raise TypeError(f"{variant}: what is drawn has a cost")
        rows.append((score.theta, score.sigma, math.log(score.cost.usd_per_task), score.cost.log_sd))
    return tuple(np.array(column, dtype=np.float64) for column in zip(*rows, strict=True))


def _ranks(utility: NDArray[np.float64]) -> NDArray[np.int16]:
    """Rank each draw's variants by U, best is 0."""
    draws, count = utility.shape
    order = np.argsort(-utility, axis=1)
    ranks = np.empty((draws, count), dtype=np.int16)
    np.put_along_axis(ranks, order, np.arange(count, dtype=np.int16)[None, :], axis=1)
    return ranks


def _interval(utility: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """95 % interval of U per variant: order statistics, so that no interpolation is involved."""
    draws = len(utility)
    low, high = _at(_TAIL, draws), _at(1 - _TAIL, draws)
    ordered = np.partition(utility.T.copy(), (low, high), axis=1)
    return ordered[:, low], ordered[:, high]


def _rank_range(ranks: NDArray[np.int16], eligible: NDArray[np.int64]) -> tuple[list[int], list[int]]:
    """Best and worst rank in 95 % of the draws in which a variant is eligible, from 1."""
    ordered = np.sort(ranks.T.copy(), axis=1, kind="stable")
    best, worst = [], []
    for row, times in zip(ordered, eligible.tolist(), strict=True):
        best.append(int(row[_at(_TAIL, times)]) + 1 if times else 0)
        worst.append(int(row[_at(1 - _TAIL, times)]) + 1 if times else 0)
    return best, worst


def _at(share: float, count: int) -> int:
    """Index of the order statistic below which `share` of `count` values lie."""
    return max(0, math.ceil(share * count) - 1)
