"""Judges a fit on later requests than it was fitted on; a session is never on both sides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pipeline.usage.mixing import ScoredPair, over_mixing, together
from pipeline.usage.pairs import sessions_of
from pipeline.usage.smoothing import smooth

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.usage.mixing import Gain
    from pipeline.usage.pairs import Pair

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
        fitted=together([over_mixing(_by_fit(side)) for side in sides]),
        by_length=together([over_mixing(_by_length(side)) for side in sides]),
    )


def _by_fit(side: Side) -> list[ScoredPair]:
    model = smooth([(pair.kind, pair.difference) for pair in side.earlier if pair.kind is not None])
    kinds = {pair.kind for pair in side.later if pair.kind is not None}
    losses = {kind: model.loss(kind).mean for kind in kinds}
    return [_judged(pair, losses[pair.kind]) for pair in side.later if pair.kind is not None]


def _by_length(side: Side) -> list[ScoredPair]:
    return [_judged(pair, float(pair.chars or 0)) for pair in side.later]


def _judged(pair: Pair, score: float) -> ScoredPair:
    return ScoredPair(
        score=score, difference=pair.difference, extra_usd=pair.extra_usd or 0.0, session=pair.session
    )
