"""One quality from the boards that name a variant: a random-effects mean."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.domain.score import BoardScore


@dataclass(frozen=True, slots=True, kw_only=True)
class Combined:
    """What the boards say together, in logits above the anchor."""

    theta: float
    sigma: float
    """With the between-source part: for q's interval, probabilities and the report."""
    sigma_measured: float
    """Measurement error alone: the band for changes."""


def combine(boards: Sequence[BoardScore], tau: float) -> Combined:
    """Weigh the boards by what is known of their errors.

    `w_s = 1 / (se_s^2 + tau^2)`, `theta = sum w_s theta_s / sum w_s`, `sigma = sqrt(1 / sum w_s)`,
    `sigma_measured = sqrt(1 / sum 1/se_s^2)` (method section 3). tau is one between-source SD that
    all boards share: it swamps the measurement errors, so the weights come out nearly equal. A
    board that is missing takes its weight with it, and sigma widens.

    Args:
        boards: At least one board, each with se > 0.
        tau: Between-source SD, in logits.
    """
    if len(boards) == 1:
        return _alone(boards[0], tau)
    weights = weights_of(boards, tau)
    total = math.fsum(weights)
    return Combined(
        theta=math.fsum([w * board.theta for w, board in zip(weights, boards, strict=True)]) / total,
        sigma=math.sqrt(1 / total),
        sigma_measured=math.sqrt(1 / math.fsum([1 / board.se**2 for board in boards])),
    )


def weights_of(boards: Sequence[BoardScore], tau: float) -> tuple[float, ...]:
    """Give `w_s = 1 / (se_s^2 + tau^2)` of each board, in its order."""
    return tuple([1 / (board.se**2 + tau**2) for board in boards])


def _alone(board: BoardScore, tau: float) -> Combined:
    """The same sums over one board, which most of a large board's rows are."""
    weight, precision = 1 / (board.se**2 + tau**2), 1 / board.se**2
    return Combined(
        theta=weight * board.theta / weight,
        sigma=math.sqrt(1 / weight),
        sigma_measured=math.sqrt(1 / precision),
    )
