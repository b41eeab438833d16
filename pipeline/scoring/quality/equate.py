"""Puts the Arena on logits above an anchor set, and a 0-100 index on that scale, per index version.

A rating has no zero: on 2025-05-27 all 228 common models moved by +59.9 in a week. Against the
median rating of long-listed variants, nothing moved.

Symmetric equating, not regression: regression would shrink the index by 1 - R2 and tilt every
choice to the Arena. Measured on 2026-04..05 (135 to 151 shared variants): R2 .68 to .75, tau 22
to 24 Elo.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from pipeline.domain.score import Fit

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from pipeline.domain.ids import MetricName, VariantId
    from pipeline.domain.policy import QualityPolicy
    from pipeline.scoring.quality.boards import Board

    Numbers = np.ndarray[tuple[int], np.dtype[np.float64]]


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


ASSUMED_TAU_ELO: Final = 25.0
"""Between-source SD while too few variants are shared to measure it, in Elo points.

The middle of what two boards showed on 2026-04..08 (20 to 30). With the floor in its place, a week
without the second board would look more certain than a week with it.
"""

LEAST_POINTS: Final = 0.001
"""An index value nearer than this to 0 or 100 is at the end; the source rounds to 3 decimals."""

_LEAST_TO_FIT = 3
_LEAST_SD = 1e-9
"""A board whose values differ by rounding only tells no variants apart, in logits."""
_TRIM_AT = 3.0
_NORMAL_MAD = 1.4826
"""SD of a normal sample in units of its median absolute deviation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Overlap:
    """Variants on both boards, row by row."""

    theta: Numbers
    """Arena, in logits."""
    se: Numbers
    """Arena measurement error, in logits."""
    logit: Numbers
    """logit(x/100) of the index."""
    logit_error: Numbers
    """Its assumed standard error."""

    def only(self, kept: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> _Overlap:
        """Keep some rows."""
        return _Overlap(
            theta=self.theta[kept],
            se=self.se[kept],
            logit=self.logit[kept],
            logit_error=self.logit_error[kept],
        )


def index_in_logits(index: pd.DataFrame, quality: QualityPolicy) -> pd.DataFrame:
    """Add `logit` = ln(p / (1-p)), p = x/100, and `logit_error` = se_p / (p (1-p)).

    The index publishes no interval: se_p is `assumed_index_error` points, which is *assumed*.
    Rows at the ends of the scale have no logit and are left out.
    """
    inside = index[index["published"].between(LEAST_POINTS, 100 - LEAST_POINTS)]
    p = inside["published"] / 100
    return inside.assign(
        logit=np.log(p / (1 - p)), logit_error=quality.assumed_index_error / 100 / (p * (1 - p))
    ).reset_index(drop=True)


def fit_index(metric: MetricName, arena: AnchoredScore, index: pd.DataFrame, quality: QualityPolicy) -> Fit:
    """Match mean and SD of one index version to the Arena on the variants both list.

    `theta_S = A + B * logit(x/100)` with B = SD(theta_A) / SD(logit) and A = mean(theta_A) -
    B * mean(logit) (method section 3). Before that, one round of trimming: rows further than 3
    robust SDs from the line through the medians are left out, since one wrong name can turn the
    line; a distance inside the tau floor is never an outlier. n, R2 and tau speak of the rows kept.

    Args:
        metric: The index.
        arena: The Arena on its logits.
        index: `logit` and `logit_error` per variant, of one scale only.
        quality: Least overlap, least R2, floor of tau.

    Returns:
        A fit that is merged where n, R2 and the sign of the correlation allow it. Slope 0 says
        that there is no line.
    """
    rows = _trim(_overlap(arena, index), floor=quality.tau_floor_elo * LOGITS_PER_ELO)
    intercept, slope = _line(rows)
    correlation = _correlation(rows) if slope else 0.0
    enough = len(rows.theta) >= quality.min_overlap and slope > 0
    return Fit(
        metric=metric,
        scale=str(index["scale"].iloc[0]),
        n=len(rows.theta),
        intercept=intercept,
        slope=slope,
        r2=correlation**2,
        tau=_tau(rows, intercept, slope, quality) if enough else assumed_tau(quality),
        merged=enough and correlation > 0 and correlation**2 >= quality.min_r2,
        centre=float(rows.theta.mean()) if slope else 0.0,
        spread=float(rows.theta.std()) if slope else 0.0,
    )


def index_on_logits(index: pd.DataFrame, fit: Fit) -> pd.DataFrame:
    """Add `theta = A + B * logit` and `se = |B| * se_p / (p (1-p))`; no rows where there is no line."""
    rows = index if fit.slope else index.head(0)
    return rows.assign(
        theta=fit.intercept + fit.slope * rows["logit"], se=abs(fit.slope) * rows["logit_error"]
    )


def assumed_tau(quality: QualityPolicy) -> float:
    """Give the between-source SD, in logits, where the data cannot: never below the floor."""
    return LOGITS_PER_ELO * max(ASSUMED_TAU_ELO, quality.tau_floor_elo)


def _overlap(arena: AnchoredScore, index: pd.DataFrame) -> _Overlap:
    import pandas as pd

    known = pd.DataFrame({"variant": arena.board.variants, "theta": arena.theta, "se": arena.se})
    both = known.merge(index[["variant", "logit", "logit_error"]], on="variant", how="inner", validate="1:1")
    return _Overlap(
        theta=both["theta"].to_numpy(),
        se=both["se"].to_numpy(),
        logit=both["logit"].to_numpy(),
        logit_error=both["logit_error"].to_numpy(),
    )


def _trim(rows: _Overlap, *, floor: float) -> _Overlap:
    """Leave out rows beyond 3 robust SDs of the disagreement around a robust line."""
    height, width = _robust_sd(rows.theta), _robust_sd(rows.logit)
    if min(height, width) < _LEAST_SD:
        return rows
    residual = rows.theta - height / width * rows.logit
    limit = _TRIM_AT * max(_robust_sd(residual), math.sqrt(2) * floor)
    return rows.only(np.abs(residual - np.median(residual)) <= limit)


def _robust_sd(values: Numbers) -> float:
    """Estimate a SD from the median absolute deviation: nearly half of the rows may be wild."""
    if len(values) < _LEAST_TO_FIT:
        return 0.0
    return _NORMAL_MAD * float(np.median(np.abs(values - np.median(values))))


def _line(rows: _Overlap) -> tuple[float, float]:
    """Intercept and slope that match mean and SD; (0, 0) for too few rows or a board without spread."""
    if len(rows.theta) < _LEAST_TO_FIT or min(rows.theta.std(), rows.logit.std()) < _LEAST_SD:
        return 0.0, 0.0
    slope = float(rows.theta.std() / rows.logit.std())
    return float(rows.theta.mean()) - slope * float(rows.logit.mean()), slope


def _correlation(rows: _Overlap) -> float:
    """Pearson correlation of two boards that have spread."""
    theta, logit = rows.theta - rows.theta.mean(), rows.logit - rows.logit.mean()
    return float((theta * logit).mean()) / float(theta.std() * logit.std())


def _tau(rows: _Overlap, intercept: float, slope: float, quality: QualityPolicy) -> float:
    """Estimate the between-source SD, in logits, by the method of moments.

    Every shared variant is a meta-analysis of two sources: d = theta_A - theta_S has variance
    v + 2 tau^2 with v = se_A^2 + se_S^2. DerSimonian and Laird (1986), summed over the variants:
    tau^2 = (Q - df) / C with Q = sum d^2/v, C = sum 2/v, df = n - 2 for the line's two constants.
    """
    distance = rows.theta - (intercept + slope * rows.logit)
    variance = rows.se**2 + (slope * rows.logit_error) ** 2
    q = float((distance**2 / variance).sum())
    tau_squared = (q - (len(distance) - 2)) / float((2 / variance).sum())
    return max(math.sqrt(max(tau_squared, 0.0)), quality.tau_floor_elo * LOGITS_PER_ELO)
