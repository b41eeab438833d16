"""Puts the Arena board on logits above an anchor set, so that a common shift of the board cancels.

A rating has no zero: on 2025-05-27 all 228 common models moved by +59.9 in a week. Against the
median rating of long-listed variants, nothing moved.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pipeline.domain.ids import VariantId
    from pipeline.domain.policy import QualityPolicy
    from pipeline.scoring.quality.boards import Board

LOGITS_PER_ELO: Final = math.log(10) / 400
"""Arena points are Bradley-Terry logits in base 10 with 400 points for odds of ten to one."""

Z95: Final = 1.96
"""Standard errors in half of a 95 % interval of a normal estimate."""

LEAST_ANCHORS: Final = 5
"""Fewer variants than this do not make a steady median (method section 3)."""

ASSUMED_HALF_WIDTH_ELO: Final = 10.0
"""Half of a 95 % interval where the board published none (tables before 2024-07), in Elo points.

Published half-widths are 3.8 to 4.7 for settled rows and up to 56 for a new one: an unknown
error is taken as about twice the settled one, so that such a row never counts as precise.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """The zero of the scale."""

    variants: tuple[VariantId, ...]
    """Sorted by id."""
    rating: float
    """Their median rating, in Elo points."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnchoredScore:
    """The Arena on the scale, row by row as on the board."""

    board: Board
    theta: NDArray[np.float64]
    """Logits above the anchor."""
    se: NDArray[np.float64]
    """Measurement error, in logits."""


def choose_anchor(arena: Board, quality: QualityPolicy) -> Anchor | None:
    """Choose the anchor set by rule from the data.

    The `anchor_count` variants with most votes (ties by id) among those with `anchor_min_votes`.
    Where fewer than 5 have that many, the vote minimum is dropped; where fewer than 5 state their
    votes at all, every row of the board is an anchor.

    Returns:
        None for an empty board.
    """
    voted = [
        (-count, name, row)
        for row, (name, count) in enumerate(zip(arena.variants, arena.votes, strict=True))
        if count is not None
    ]
    settled = [one for one in voted if -one[0] >= quality.anchor_min_votes]
    pool = settled if len(settled) >= LEAST_ANCHORS else voted
    if len(pool) >= LEAST_ANCHORS:
        chosen = [row for _, _, row in sorted(pool)[: quality.anchor_count]]
    else:
        chosen = list(range(len(arena.variants)))
    if not chosen:
        return None
    names = tuple(sorted(arena.variants[row] for row in chosen))
    return Anchor(variants=names, rating=float(np.median(arena.published[chosen])))


def arena_on_logits(arena: Board, anchor: Anchor) -> AnchoredScore:
    """Place a board in logits above the anchor.

    `theta = ln(10)/400 * (R - R_a)` and `se = ln(10)/400 * (upper - lower) / (2 * 1.96)`
    (method section 3). An interval of no width is a rounding, not a certainty: it counts as not
    published.
    """
    half_width = np.where(arena.half_width > 0, arena.half_width, ASSUMED_HALF_WIDTH_ELO)
    return AnchoredScore(
        board=arena,
        theta=LOGITS_PER_ELO * (arena.published - anchor.rating),
        se=LOGITS_PER_ELO * half_width / Z95,
    )
