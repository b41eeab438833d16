"""Estimates by seeded draws the probability that a variant belongs in a tier; no decision uses it."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from pipeline.domain.pool import Purpose
from pipeline.domain.score import Cost

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from pipeline.domain.ids import VariantId
    from pipeline.pools.selection_input import SelectionInput
    from pipeline.pools.tier_selection import TierSelection
    from pipeline.pools.worth.tier_candidates import TierCandidates

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]

_TAIL = 0.025
_LARGEST = 2**63 - 1

CLOSE: Final = 1.05
"""An expected cost within 5 % of the k-th best is as good: prices are known no better (method section 6)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawStats:
    """What the draws say of one variant in one tier."""

    p_close: float
    """Share of draws in which its expected cost, at the band it serves, is close to the best k."""
    rank_low: int
    """Best rank by expected cost in 95 % of the draws in which it is eligible; 0 when it never is."""
    rank_high: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Draws:
    """Draws by row, variants by column."""

    miss: Floats
    """1 - q."""
    usd: Floats
    able: Flags
    """Above the floor and not above the ceiling."""
    price_of_answer: float

    def expected_usd(self, multiplier: float) -> Floats:
        """Dollars per task if a miss costs the band's price of an answer: E = C + (1 - q) b lambda."""
        return self.usd + self.miss * (multiplier * self.price_of_answer)


def draw_stats(inputs: SelectionInput, selection: TierSelection) -> Mapping[VariantId, DrawStats]:
    """Draw (theta, log C) of every variant that only quality or cost could keep out.

    `p_close = share of draws in which E, at the band the member serves, is at most 1.05 times that of the
    k-th best eligible variant`; for a stand-in the k-th best of other vendors than the default's; where fewer
    than k are eligible all count (method section 6). theta ~ N(theta, sigma) in logits, log C ~ N(log C, SD
    of the grade). A variant that is no member is looked at as a default would be.

    Theta has the standard error with the between-source part. The generator depends on the policy's
    seed, the week and the tier; variants are drawn in the order of their ids, so neither the order
    of rows nor another tier changes a number.
    """
    field = selection.field
    if not field.drawable:
        return {}
    draws = _draw_samples(inputs, field)
    default = draws.expected_usd(1.0)
    closeness = _closeness(default, draws.able, field.tier.k)
    column = {variant: place for place, variant in enumerate(field.drawable)}
    for variant, serves in selection.serves.items():
        if variant in column:
            closeness[column[variant]] = _share_serving(inputs, selection, draws, column[variant], serves[0])
    best, worst = _ranks(default, draws.able)
    return {
        variant: DrawStats(p_close=close, rank_low=low, rank_high=high)
        for variant, close, low, high in zip(field.drawable, closeness, best, worst, strict=True)
    }


def _draw_samples(inputs: SelectionInput, field: TierCandidates) -> _Draws:
    generator = np.random.Generator(np.random.PCG64(_seed(inputs, field)))
    theta, usd = generator.standard_normal((2, inputs.policy.draws, len(field.drawable)))
    mean, sigma, log_usd, log_sd = _moments(field)
    theta *= sigma
    theta += mean
    usd *= log_sd
    usd += log_usd
    np.exp(usd, out=usd)
    able = theta > field.terms.floor.theta
    if field.tier.ceiling_usd_per_task is not None:
        able &= usd <= field.tier.ceiling_usd_per_task
    theta -= field.scoreboard.reference_theta
    np.exp(theta, out=theta)
    theta += 1
    np.reciprocal(theta, out=theta)
    return _Draws(miss=theta, usd=usd, able=able, price_of_answer=field.tier.lambda_usd)


def _share_serving(
    inputs: SelectionInput, selection: TierSelection, draws: _Draws, column: int, purpose: Purpose
) -> float:
    """Share of draws in which a member is close at what it serves."""
    multiplier = inputs.policy.bands[purpose] if purpose in {Purpose.SIMPLE, Purpose.COMPLEX} else 1.0
    expected, able = draws.expected_usd(multiplier), draws.able
    if purpose is Purpose.STAND_IN:
        vendor = selection.slots[0].vendor
        others = [inputs.variants[one].vendor != vendor for one in selection.field.drawable]
        able = able & np.array(others)
    return _closeness(expected, able, selection.field.tier.k, column)[0]


def _closeness(expected: Floats, able: Flags, k: int, column: int | None = None) -> list[float]:
    """Share of draws within `CLOSE` of the k-th best able one; of one column or of all."""
    masked = np.where(able, expected, np.inf)
    limit = np.inf if masked.shape[1] < k else np.partition(masked, k - 1, axis=1)[:, k - 1, None]
    asked = expected if column is None else expected[:, [column]]
    shares: list[float] = (asked <= CLOSE * limit).mean(axis=0).tolist()
    return shares


def _seed(inputs: SelectionInput, field: TierCandidates) -> int:
    text = f"{inputs.policy.seed}|{inputs.week}|{field.name}"
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:16], "big")


def _moments(field: TierCandidates) -> tuple[Floats, ...]:
    """Mean and standard deviation of theta and of log C, in the order of the ids."""
    rows = []
    for variant in field.drawable:
        score = field.scoreboard.scores[variant]
        if not isinstance(score.cost, Cost):
            raise TypeError(f"{variant}: what is drawn has a cost")
        rows.append((score.theta, score.sigma, math.log(score.cost.usd_per_task), score.cost.log_sd))
    return tuple(np.array(column, dtype=np.float64) for column in zip(*rows, strict=True))


def _ranks(expected: Floats, able: Flags) -> tuple[list[int], list[int]]:
    """Best and worst rank (from 1) in 95 % of the draws in which a variant is eligible.

    Ranks count eligible draws only, so whoever is never eligible is not sorted at all.
    """
    count = expected.shape[1]
    live = np.flatnonzero(able.any(axis=0))
    often = np.zeros((count, len(live)), dtype=np.int64)
    often[live] = _standings(expected[:, live], able[:, live])
    upto = often.cumsum(axis=1)
    best, worst = [], []
    for variant, times in enumerate(able.sum(axis=0).tolist()):
        ends = (_order_index(_TAIL, times), _order_index(1 - _TAIL, times))
        first, last = np.searchsorted(upto[variant], ends, side="right").tolist() if times else (-1, -1)
        best.append(first + 1)
        worst.append(last + 1)
    return best, worst


def _standings(expected: Floats, able: Flags) -> NDArray[np.int64]:
    """Count in how many draws each variant has each rank; a row a variant, a column a rank.

    A positive float and the integer of its bits have the same order; its lowest bits are replaced by the
    variant's place, so one sort of integers ranks a draw, the same on every machine. Two costs that agree to
    a part in 2^40 are ranked by id.
    """
    count = expected.shape[1]
    mask = (1 << count.bit_length()) - 1
    keys = expected.view(np.int64) & ~mask
    keys |= np.arange(count)
    keys[~able] = (_LARGEST & ~mask) | count
    keys.sort(axis=1)
    keys &= mask
    keys *= count
    keys += np.arange(count)
    return np.bincount(keys.ravel(), minlength=(count + 1) * count)[: count * count].reshape(count, count)


def _order_index(share: float, count: int) -> int:
    """Index of the order statistic below which `share` of `count` values lie."""
    return max(0, math.ceil(share * count) - 1)
