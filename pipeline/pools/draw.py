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

    Floats = NDArray[np.float64]

_TAIL = 0.025
_LARGEST = 2**63 - 1


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

    `pi = share of draws in which floor < theta, C <= ceiling and U = lambda q - C is among the best k`, with
    theta ~ N(theta, sigma) in logits and log C ~ N(log C, SD of the grade) (method section 6).

    Theta has the standard error with the between-source part. The generator depends on the policy's
    seed, the week and the tier; variants are drawn in the order of their ids, so neither the order
    of rows nor another tier changes a number.
    """
    if not field.drawable:
        return {}
    generator = np.random.Generator(np.random.PCG64(_seed(brief, field)))
    thetas, usd = generator.standard_normal((2, brief.policy.draws, len(field.drawable)))
    theta, sigma, log_usd, log_sd = _moments(field)
    thetas *= sigma
    thetas += theta
    usd *= log_sd
    usd += log_usd
    np.exp(usd, out=usd)
    utility = field.tier.lambda_usd / (1 + np.exp(field.scoreboard.reference_theta - thetas)) - usd
    able = thetas > field.terms.floor.theta
    if field.tier.ceiling_usd_per_task is not None:
        able &= usd <= field.tier.ceiling_usd_per_task
    low, high = _interval(utility)
    columns = (low.tolist(), high.tolist(), *_places(utility, able, field.tier.k))
    return {
        variant: Odds(inclusion=pi, utility_low=floor, utility_high=top, rank_low=first, rank_high=last)
        for variant, floor, top, pi, first, last in zip(field.drawable, *columns, strict=True)
    }


def _seed(brief: Brief, field: Field) -> int:
    text = f"{brief.policy.seed}|{brief.week}|{field.name}"
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:16], "big")


def _moments(field: Field) -> tuple[Floats, ...]:
    """Mean and standard deviation of theta and of log C, in the order of the ids."""
    rows = []
    for variant in field.drawable:
        score = field.scoreboard.scores[variant]
        if not isinstance(score.cost, Cost):
            raise TypeError(f"{variant}: what is drawn has a cost")
        rows.append((score.theta, score.sigma, math.log(score.cost.usd_per_task), score.cost.log_sd))
    return tuple(np.array(column, dtype=np.float64) for column in zip(*rows, strict=True))


def _interval(utility: Floats) -> tuple[Floats, Floats]:
    """95 % interval of U per variant: order statistics, so that no interpolation is involved."""
    draws = len(utility)
    ordered = np.sort(utility.T.copy(), axis=1)
    return ordered[:, _at(_TAIL, draws)], ordered[:, _at(1 - _TAIL, draws)]


def _places(utility: Floats, able: NDArray[np.bool_], k: int) -> tuple[list[float], list[int], list[int]]:
    """Inclusion, best and worst rank (from 1) in 95 % of the draws in which a variant is eligible.

    Ranks count eligible draws only, so whoever is never eligible is not sorted at all.
    """
    draws, count = utility.shape
    live = np.flatnonzero(able.any(axis=0))
    often = np.zeros((count, len(live)), dtype=np.int64)
    often[live] = _standings(utility[:, live], able[:, live])
    upto = often.cumsum(axis=1)
    inclusion = often[:, :k].sum(axis=1) / draws
    best, worst = [], []
    for variant, times in enumerate(able.sum(axis=0).tolist()):
        ends = (_at(_TAIL, times), _at(1 - _TAIL, times))
        first, last = np.searchsorted(upto[variant], ends, side="right").tolist() if times else (-1, -1)
        best.append(first + 1)
        worst.append(last + 1)
    return inclusion.tolist(), best, worst


def _standings(utility: Floats, able: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Count in how many draws each variant has each rank by U; a row a variant, a column a rank.

    Every U becomes an integer of the same order whose lowest bits are replaced by the variant's place:
    one sort of integers then ranks a draw, the same on every machine. Two U that agree to a part in
    2^40 are ranked by id.
    """
    count = utility.shape[1]
    mask = (1 << count.bit_length()) - 1
    keys = np.negative(utility).view(np.int64)
    keys ^= (keys >> 63) & _LARGEST
    keys &= ~mask
    keys |= np.arange(count)
    keys[~able] = (_LARGEST & ~mask) | count
    keys.sort(axis=1)
    keys &= mask
    keys *= count
    keys += np.arange(count)
    return np.bincount(keys.ravel(), minlength=(count + 1) * count)[: count * count].reshape(count, count)


def _at(share: float, count: int) -> int:
    """Index of the order statistic below which `share` of `count` values lie."""
    return max(0, math.ceil(share * count) - 1)
