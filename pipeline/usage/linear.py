"""Inverts small symmetric positive definite matrices, so that a fit needs no numeric library."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TypeAlias

Vector: TypeAlias = Sequence[float]


def inverse(matrix: Sequence[Vector]) -> list[list[float]]:
    """Invert a symmetric positive definite matrix by its Cholesky factor.

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
