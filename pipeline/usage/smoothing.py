"""Estimates what the cheaper variant loses on each kind of request, by number of tools and by length.

Each kind has few pairs, so it borrows: losses are a Gaussian process around the workload's mean, in which
neighbouring lengths lose alike. `python -m tests.bench.usage_fit` prints what that reaches.
"""

from __future__ import annotations

import math
import statistics
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from pipeline.usage.interval import tally

if TYPE_CHECKING:
    from pipeline.domain.usage import Tools


Vector: TypeAlias = Sequence[float]


def inverse(matrix: Sequence[Vector]) -> list[list[float]]:
    """Invert a small symmetric positive definite matrix by its Cholesky factor; it needs no numeric library.

    Raises:
        ValueError: It is not positive definite.
    """
    size = len(matrix)
    lower = _cholesky(matrix)
    columns = [_solve(lower, [float(row == column) for row in range(size)]) for column in range(size)]
    return [[columns[column][row] for column in range(size)] for row in range(size)]


def _cholesky(matrix: Sequence[Vector]) -> list[list[float]]:
    lower: list[list[float]] = []
    for index, line in enumerate(matrix):
        row: list[float] = []
        for column in range(index):
            known = sum(a * b for a, b in zip(row, lower[column], strict=False))
            row.append((line[column] - known) / lower[column][column])
        rest = line[index] - sum(a * a for a in row)
        if rest <= 0:
            raise ValueError("the matrix is not positive definite")
        lower.append([*row, math.sqrt(rest)])
    return lower


def _solve(lower: Sequence[Vector], wanted: Vector) -> list[float]:
    forward: list[float] = []
    for row, value in zip(lower, wanted, strict=True):
        known = sum(a * b for a, b in zip(row, forward, strict=False))
        forward.append((value - known) / row[-1])
    size = len(lower)
    found = [0.0] * size
    for index in reversed(range(size)):
        known = sum(lower[below][index] * found[below] for below in range(index + 1, size))
        found[index] = (forward[index] - known) / lower[index][index]
    return found


_PRIOR: Final = 0.15
"""Variance of a kind's loss around the mean, in variances of one pair."""
_REACH: Final = 0.75
"""Lengths that lose alike, in standard deviations of log length."""
_SHORTEST_REACH: Final = 0.5
"""In doublings of the length."""
_OTHER_TOOLS: Final = 0.5
"""Correlation between requests of one length with another number of tools."""


class Kind(NamedTuple):
    """Requests of one kind: their tools, and a doubling of the length."""

    tools: Tools
    octave: int
    """Floor of log2 of the characters."""


class Loss(NamedTuple):
    """An estimate with its standard deviation, as shares of answers."""

    mean: float
    deviation: float


def kind_of(tools: int | None, chars: int | None) -> Kind | None:
    """Return a request's kind; None where its tools or its length are not recorded."""
    if tools is None or chars is None:
        return None
    return Kind("none" if tools == 0 else "one" if tools == 1 else "several", max(chars, 1).bit_length() - 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class LossModel:
    """Losses by kind, fitted to the pairs of one workload."""

    kinds: tuple[Kind, ...]
    prior: float
    reach: float
    mean: float
    information: float
    """Inverse of the variance of the mean."""
    weights: Vector
    spread: Sequence[Vector]
    """Inverse of the covariance of the observed means."""

    def loss(self, kind: Kind) -> Loss:
        """Estimate the loss of a kind, also of one that no pair was seen of."""
        near = [self.prior * _similarity(kind, other, self.reach) for other in self.kinds]
        pulled = [sum(a * b for a, b in zip(row, near, strict=True)) for row in self.spread]
        mean = self.mean + sum(a * b for a, b in zip(near, self.weights, strict=True))
        known = sum(a * b for a, b in zip(near, pulled, strict=True))
        unknown_mean = (1 - sum(pulled)) ** 2 / self.information
        return Loss(mean, math.sqrt(max(0.0, self.prior - known + unknown_mean)))


def smooth(pairs: Sequence[tuple[Kind, int]], effect: float = 1.0) -> LossModel:
    """Fit the losses of kinds.

    Args:
        pairs: Kind and difference of outcomes, better minus cheaper; at least one.
        effect: How many pairs are worth one, from `design_effect`.
    """
    found: dict[Kind, list[int]] = defaultdict(list)
    for kind, difference in pairs:
        found[kind].append(difference)
    kinds = tuple(sorted(found))
    variance = tally(difference for _, difference in pairs).variance
    prior = _PRIOR * variance
    reach = max(_SHORTEST_REACH, _REACH * statistics.pstdev(kind.octave for kind, _ in pairs))
    inverted = inverse(
        [
            [
                prior * _similarity(one, other, reach)
                + (effect * variance / len(found[one]) if one == other else 0.0)
                for other in kinds
            ]
            for one in kinds
        ]
    )
    means = [statistics.fmean(found[kind]) for kind in kinds]
    sums = [sum(row) for row in inverted]
    information = sum(sums)
    mean = sum(a * b for a, b in zip(sums, means, strict=True)) / information
    weights = [sum(a * (b - mean) for a, b in zip(row, means, strict=True)) for row in inverted]
    return LossModel(
        kinds=kinds,
        prior=prior,
        reach=reach,
        mean=mean,
        information=information,
        weights=weights,
        spread=inverted,
    )


def _similarity(one: Kind, other: Kind, reach: float) -> float:
    near = math.exp(-(((one.octave - other.octave) / reach) ** 2) / 2)
    return near if one.tools == other.tools else near * _OTHER_TOOLS
