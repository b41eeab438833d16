"""Measures what an order of requests gains over mixing two variants at random, on later requests."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Final, NamedTuple

from pipeline.usage.interval import Z
from pipeline.usage.pairs import sessions_of
from pipeline.usage.smoothing import smooth

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.usage.pairs import Pair


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


def pool_gains(gains: Sequence[Gain | None]) -> Gain | None:
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


_BLOCKS: Final = 5
_FITTED_FIRST: Final = 2
"""The first two fifths are fitted on only; each later fifth is judged by all before it."""
_FEWEST: Final = 20
"""Pairs below which a fifth is four requests, and nothing can be said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """Pairs to fit on, all of them before the pairs to judge, and of other sessions."""

    earlier: tuple[Pair, ...]
    later: tuple[Pair, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the order by kind gained on later requests, and what the longest first would have gained."""

    judged: int
    fitted: Gain | None
    by_length: Gain | None


def splits(pairs: Sequence[Pair]) -> tuple[Side, ...]:
    """Cut pairs by time; a session is judged in the part in which it began.

    What it still asked after the next cut is neither fitted on nor judged there.
    """
    sessions = list(sessions_of(pairs).values())
    blocks: list[list[Pair]] = [[] for _ in range(_BLOCKS)]
    before = 0
    for session in sessions:
        blocks[min(_BLOCKS - 1, before * _BLOCKS // len(pairs))].extend(session)
        before += len(session)
    found = []
    for number in range(_FITTED_FIRST, _BLOCKS):
        later = blocks[number]
        if not later:
            continue
        start = min(pair.time for pair in later)
        earlier = [pair for block in blocks[:number] for pair in block if pair.time < start]
        found.append(Side(earlier=tuple(earlier), later=tuple(later)))
    return tuple(side for side in found if side.earlier)


def judge(pairs: Sequence[Pair]) -> Verdict:
    """Fit on earlier pairs and judge on later ones, three times; pairs of unknown kind or cost stay out."""
    known = [pair for pair in pairs if pair.kind is not None and pair.extra_usd is not None]
    if len(known) < _FEWEST:
        return Verdict(judged=0, fitted=None, by_length=None)
    sides = splits(known)
    return Verdict(
        judged=sum(len(side.later) for side in sides),
        fitted=pool_gains([over_mixing(_by_fit(side)) for side in sides]),
        by_length=pool_gains([over_mixing(_by_length(side)) for side in sides]),
    )


def _by_fit(side: Side) -> list[ScoredPair]:
    model = smooth([(pair.kind, pair.difference) for pair in side.earlier if pair.kind is not None])
    kinds = {pair.kind for pair in side.later if pair.kind is not None}
    losses = {kind: model.loss(kind).mean for kind in kinds}
    return [_score_pair(pair, losses[pair.kind]) for pair in side.later if pair.kind is not None]


def _by_length(side: Side) -> list[ScoredPair]:
    return [_score_pair(pair, float(pair.chars or 0)) for pair in side.later]


def _score_pair(pair: Pair, score: float) -> ScoredPair:
    return ScoredPair(
        score=score, difference=pair.difference, extra_usd=pair.extra_usd or 0.0, session=pair.session
    )
