"""Which boards speak of a variant, what a missing one is expected to say, and what comes out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pipeline.flow.told import Told
from pipeline.scoring.anchor import LOGITS_PER_ELO
from pipeline.scoring.combine import share_of_expected, weights_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.domain.score import BoardScore, ExpectedBoard, Score
    from pipeline.scoring.combine import Believed

_LOGIT: Final = "logit"


def combination(score: Score, used: Believed) -> tuple[Told, ...]:
    """Tell which boards speak, what a missing one is expected to say, and what comes out."""
    speaking = Told(
        what="boards that speak",
        value=", ".join(score.speaking),
        formula="a board that is listed and not merged does not",
    )
    if score.expected is None:
        return (speaking, *_weights(used.boards, used.tau), *_together(score))
    return (speaking, *_expected(score.expected), *_shares(score, used), *_together(score))


def _weights(boards: Sequence[BoardScore], tau: float) -> tuple[Told, ...]:
    weights = weights_of(boards, tau)
    total = sum(weights)
    return tuple(
        Told(
            what=f"weight of {board.metric}",
            value=f"{weight / total:.3f}",
            formula=f"w = 1 / (se^2 + tau^2) = 1 / ({board.se:.4f}^2 + {tau:.4f}^2) = {weight:.1f}",
        )
        for board, weight in zip(boards, weights, strict=True)
    )


def _expected(expected: ExpectedBoard) -> tuple[Told, ...]:
    basis = "regression on the board that speaks, over the shared variants"
    if expected.siblings:
        basis += f"; and, by precision, other efforts that it lists: {', '.join(expected.siblings)}"
    return (
        Told(
            what=f"{expected.metric} does not list it; expected",
            value=f"{expected.theta:+.4f} +- {expected.sd:.4f} {_LOGIT}",
            formula=basis,
        ),
    )


def _shares(score: Score, used: Believed) -> tuple[Told, ...]:
    share = share_of_expected(used.boards[0], used.tau)
    return (
        Told(
            what="share of the expected board",
            value=f"{share:.3f}",
            formula="w = 1 / tau^2 beside w = 1 / (se^2 + tau^2)",
        ),
        Told(
            what="not known from one board",
            value=f"{score.sigma_between:.4f} {_LOGIT} ({score.sigma_between / LOGITS_PER_ELO:.1f} Elo)",
            formula="share * SD of the expectation: part of a difference to variants on other boards",
        ),
    )


def _together(score: Score) -> tuple[Told, ...]:
    elo = score.theta / LOGITS_PER_ELO
    alone = score.expected is None
    return (
        Told(
            what="theta",
            value=f"{score.theta:+.4f} +- {score.sigma:.4f} {_LOGIT} ({elo:+.1f} Elo)",
            formula="sum(w theta) / sum(w); sigma = 1 / sqrt(sum w)"
            if alone
            else "(1 - share) theta + share * expected; sigma^2 = 1 / sum w + (share * SD)^2",
        ),
        Told(
            what="measurement error alone",
            value=f"{score.sigma_measured:.4f} {_LOGIT}",
            formula="1 / sqrt(sum 1/se^2): the band for changes"
            if alone
            else "of the board that speaks, and of the siblings by their share: the band for changes",
        ),
    )
