"""Measures what an order of requests gains over mixing two variants at random for the same money."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from pipeline.usage.interval import Z

if TYPE_CHECKING:
    from collections.abc import Sequence


class ScoredPair(NamedTuple):
    """One pair as an order of requests is judged by it."""

    score: float
    """Requests with a higher one go to the better variant first."""
    difference: int
    """Outcome of the better variant minus that of the cheaper."""
    extra_usd: float
    """Dollars of the better variant's answer minus those of the cheaper."""
    session: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Gain:
    """What an order gains over mixing, at half of the extra money."""

    pairs: int
    points: float
    """Acceptable answers per 100 requests."""
    learnt: float
    """The part of the points that comes from who gains, not from who is cheap to improve."""
    standard_error: float
    """Of `learnt`, with sessions as units."""

    @property
    def certain(self) -> bool:
        """Return whether the order beats mixing: both parts are above 0, the learnt one by 1.96 SE."""
        return self.points > 0 and self.learnt > Z * self.standard_error > 0


def over_mixing(pairs: Sequence[ScoredPair]) -> Gain | None:
    """Judge an order; requests of the same score count as one and share what money is left.

    Returns:
        None where there are no pairs, or the better variant is not dearer on them.
    """
    budget = sum(pair.extra_usd for pair in pairs) / 2
    if budget <= 0:
        return None
    shares = _shares_sent(pairs, budget)
    mean = sum(pair.difference for pair in pairs) / len(pairs)
    moved: dict[str, float] = defaultdict(float)
    for pair, share in zip(pairs, shares, strict=True):
        moved[pair.session] += (share - 0.5) * (pair.difference - mean)
    total = sum((share - 0.5) * pair.difference for pair, share in zip(pairs, shares, strict=True))
    scale = 100 / len(pairs)
    return Gain(
        pairs=len(pairs),
        points=scale * total,
        learnt=scale * sum(moved.values()),
        standard_error=scale * math.sqrt(sum(each * each for each in moved.values())),
    )


def together(gains: Sequence[Gain | None]) -> Gain | None:
    """Pool what was judged on separate requests, each by its number of pairs; None where nothing was."""
    found = [gain for gain in gains if gain is not None]
    pairs = sum(gain.pairs for gain in found)
    if not pairs:
        return None
    return Gain(
        pairs=pairs,
        points=sum(gain.pairs * gain.points for gain in found) / pairs,
        learnt=sum(gain.pairs * gain.learnt for gain in found) / pairs,
        standard_error=math.hypot(*(gain.pairs * gain.standard_error for gain in found)) / pairs,
    )


def _shares_sent(pairs: Sequence[ScoredPair], budget: float) -> list[float]:
    """Return what share of each request goes to the better variant when the budget is spent by score."""
    shares = [0.0] * len(pairs)
    order = sorted(range(len(pairs)), key=lambda index: -pairs[index].score)
    for _, group in groupby(order, key=lambda index: pairs[index].score):
        alike = list(group)
        price = sum(pairs[index].extra_usd for index in alike)
        share = 1.0 if price <= budget else budget / price
        for index in alike:
            shares[index] = share
        budget -= price * share
        if share < 1:
            break
    return shares
