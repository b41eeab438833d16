"""Naive policies that look at both boards."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from pipeline.backtest.market import Stand
    from pipeline.backtest.naive import Look, Pick


def _both(look: Look) -> list[tuple[Stand, float]]:
    """Who is on both boards, with the index points."""
    return [(one, one.row.index) for one in look.stands if one.row.index is not None]


def _index_top(look: Look) -> Iterable[Stand]:
    return [one for one, _ in sorted(_both(look), key=lambda pair: -pair[1])]


def _by_mean(look: Look, scale: Callable[[Sequence[float]], Sequence[float]]) -> Iterable[Stand]:
    pairs = _both(look)
    ratings = scale([one.row.score for one, _ in pairs])
    index = scale([points for _, points in pairs])
    sums = {one.model: a + b for (one, _), a, b in zip(pairs, ratings, index, strict=True)}
    return sorted((one for one, _ in pairs), key=lambda one: -sums[one.model])


def _percentiles(values: Sequence[float]) -> Sequence[float]:
    """Share of the values that are smaller, ties counted half."""
    return [sum((other < one) + 0.5 * (other == one) for other in values) / len(values) for one in values]


def _standardised(values: Sequence[float]) -> Sequence[float]:
    mean, spread = statistics.fmean(values), statistics.pstdev(values)
    return [(one - mean) / spread if spread else 0.0 for one in values]


def _percentile_rank(look: Look) -> Iterable[Stand]:
    return _by_mean(look, _percentiles)


def _z_score(look: Look) -> Iterable[Stand]:
    return _by_mean(look, _standardised)


TWO_BOARD_PICKS: Final[Mapping[str, Pick]] = {
    "index-top": _index_top,
    "percentile-rank": _percentile_rank,
    "z-score": _z_score,
}
"""By name; they need a history of two boards."""
