"""Combines the boards that name a variant into one quality: which are used, and their random-effects mean."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.domain.score import BoardScore, ExpectedBoard, Fit


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardSelection:
    """What is combined into one quality."""

    boards: tuple[BoardScore, ...]
    tau: float
    """Between-source SD that all of them share, in logits."""
    fit: Fit | None = None
    """Of the merged index, whether it lists the variant or not; None where none is merged."""


def select_boards(boards: Sequence[BoardScore], fits: Sequence[Fit], assumed: float) -> BoardSelection | None:
    """Choose the boards that make theta (method section 3).

    The Arena has no fit: it is the scale. An index version that is not merged stays in the report and
    the floor, and has no part in theta. Of several merged versions the first fit's speaks: two versions
    of one index are not two sources.

    Args:
        boards: What lists the variant, the index versions in the order of `fits`.
        fits: How each index version was put on the Arena's scale, the speaking one first.
        assumed: tau where no index has one, in logits.

    Returns:
        None where no board that lists the variant is on the scale.
    """
    if not fits:
        return BoardSelection(boards=tuple(boards), tau=assumed) if boards else None
    known = {(fit.metric, fit.scale): fit for fit in fits}
    arena = tuple(board for board in boards if (board.metric, board.scale) not in known)
    index = [board for board in boards if (board.metric, board.scale) in known]
    merged = tuple(board for board in index if known[board.metric, board.scale].merged)[:1]
    if not arena + merged:
        return None
    speaker = known[merged[0].metric, merged[0].scale] if merged else fits[0]
    return BoardSelection(boards=arena + merged, tau=speaker.tau, fit=speaker if speaker.merged else None)


@dataclass(frozen=True, slots=True, kw_only=True)
class CombinedQuality:
    """What the boards say together, in logits above the anchor."""

    theta: float
    sigma: float
    """With the between-source part: for q's interval, probabilities and the report."""
    sigma_measured: float
    """Measurement error alone: the band for changes."""
    between: float = 0.0
    """What theta may still move by when the missing board speaks: part of a difference to other boards."""


def combine(
    boards: Sequence[BoardScore], tau: float, expected: ExpectedBoard | None = None
) -> CombinedQuality:
    """Weigh the boards by what is known of their errors.

    `w_s = 1 / (se_s^2 + tau^2)`, `theta = sum w_s theta_s / sum w_s`, `sigma = sqrt(1 / sum w_s)`,
    `sigma_measured = sqrt(1 / sum 1/se_s^2)` (method section 3). tau is one between-source SD that
    all boards share: it swamps the measurement errors, so the weights come out nearly equal.

    Args:
        boards: At least one board, each with se > 0.
        tau: Between-source SD, in logits.
        expected: What a missing board would say; only beside a single board.
    """
    if len(boards) == 1:
        return _alone(boards[0], tau) if expected is None else _beside(boards[0], tau, expected)
    weights = weights_of(boards, tau)
    total = math.fsum(weights)
    return CombinedQuality(
        theta=math.fsum([w * board.theta for w, board in zip(weights, boards, strict=True)]) / total,
        sigma=math.sqrt(1 / total),
        sigma_measured=math.sqrt(1 / math.fsum([1 / board.se**2 for board in boards])),
    )


def weights_of(boards: Sequence[BoardScore], tau: float) -> tuple[float, ...]:
    """Give `w_s = 1 / (se_s^2 + tau^2)` of each board, in its order."""
    return tuple([1 / (board.se**2 + tau**2) for board in boards])


def share_of_expected(board: BoardScore, tau: float) -> float:
    """Give the weight of a missing board beside a listing one, as a share of both: `w_m = 1 / tau^2`."""
    own, missing = 1 / (board.se**2 + tau**2), 1 / tau**2
    return missing / (own + missing)


def _alone(board: BoardScore, tau: float) -> CombinedQuality:
    """The same sums over one board, which most of a large board's rows are."""
    weight, precision = 1 / (board.se**2 + tau**2), 1 / board.se**2
    return CombinedQuality(
        theta=weight * board.theta / weight,
        sigma=math.sqrt(1 / weight),
        sigma_measured=math.sqrt(1 / precision),
    )


def _beside(board: BoardScore, tau: float, expected: ExpectedBoard) -> CombinedQuality:
    """Combine one board with the expectation of the other, as far as one predicts the other.

    With the expectation E (SD `sd`, moving by `slope` with the board) at the share m: `theta = (1 - m)
    theta_s + m E`, `sigma^2 = 1 / sum w + (m sd)^2`, `sigma_measured^2 = ((1 - m + m slope) se_s)^2 + (m
    se_E)^2`, and m sd is what theta would still move by if the missing board spoke.
    """
    share = share_of_expected(board, tau)
    between = share * expected.sd
    together = 1 / (1 / (board.se**2 + tau**2) + 1 / tau**2)
    return CombinedQuality(
        theta=(1 - share) * board.theta + share * expected.theta,
        sigma=math.sqrt(together + between**2),
        sigma_measured=math.hypot((1 - share + share * expected.slope) * board.se, share * expected.se),
        between=between,
    )
