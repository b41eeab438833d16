"""Rates each variant from the boards that list it, and turns the rating into a chance of being preferred."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.scoring.quality.equate import Z95, assumed_tau
from pipeline.scoring.quality.expected_boards import BoardPredictor, Ladder, fit_ladder

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pipeline.domain.crosswalk import Crosswalk
    from pipeline.domain.ids import MetricName, VariantId
    from pipeline.domain.policy import Policy
    from pipeline.domain.score import BoardScore, ExpectedBoard, Fit
    from pipeline.scoring.quality.boards import Boards


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
        return (
            _rate_by_one_board(boards[0], tau)
            if expected is None
            else _combine_with_expected(boards[0], tau, expected)
        )
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


def _rate_by_one_board(board: BoardScore, tau: float) -> CombinedQuality:
    """The same sums over one board, which most of a large board's rows are."""
    weight, precision = 1 / (board.se**2 + tau**2), 1 / board.se**2
    return CombinedQuality(
        theta=weight * board.theta / weight,
        sigma=math.sqrt(1 / weight),
        sigma_measured=math.sqrt(1 / precision),
    )


def _combine_with_expected(board: BoardScore, tau: float, expected: ExpectedBoard) -> CombinedQuality:
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


@dataclass(frozen=True, slots=True, kw_only=True)
class RatedVariant:
    """A variant's boards and what they say together."""

    boards: tuple[BoardScore, ...]
    combined: CombinedQuality
    confirmed: bool
    """Whether a board that theta rests on is confirmed."""
    speaking: tuple[MetricName, ...]
    """Boards that theta rests on."""
    expected: ExpectedBoard | None
    """What stands for the merged board that does not list it."""


class Rater:
    """Combines what each variant's boards say."""

    def __init__(self, boards: Boards, crosswalk: Crosswalk, policy: Policy) -> None:
        self._boards = boards
        self._assumed = assumed_tau(policy.quality)
        self._variants, self._efforts = crosswalk.variants, policy.cost.effort_ladder
        self._ladders = self._learn()

    def rate(self) -> Mapping[VariantId, RatedVariant]:
        """Rate every variant that a board on the scale lists, by id."""
        arena, index = self._boards.arena, self._boards.index
        rated = {}
        for name in sorted(arena.keys() | index.keys()):
            listed = (*((arena[name],) if name in arena else ()), *index.get(name, ()))
            used = select_boards(listed, self._boards.fits, self._assumed)
            if used is not None:
                rated[name] = self._rate_variant(name, listed, used)
        return rated

    def _rate_variant(
        self, name: VariantId, listed: tuple[BoardScore, ...], used: BoardSelection
    ) -> RatedVariant:
        expected = self._expect_missing_board(name, used)
        return RatedVariant(
            boards=listed,
            combined=combine(used.boards, used.tau, expected),
            confirmed=any(board.confirmed for board in used.boards),
            speaking=tuple(board.metric for board in used.boards),
            expected=expected,
        )

    def _expect_missing_board(self, name: VariantId, used: BoardSelection) -> ExpectedBoard | None:
        """Expect the missing board's score, unless both list the variant or one board is empty."""
        boards = self._boards
        if used.fit is None or len(used.boards) > 1 or not (boards.arena and boards.index):
            return None
        expectation = BoardPredictor(
            arena=boards.metric,
            fit=used.fit,
            ladders=self._ladders,
            variants=self._variants,
            efforts=self._efforts,
        )
        return expectation.of(name, used.boards[0])

    def _learn(self) -> Mapping[MetricName, Ladder]:
        """Learn each board's steps between efforts, the index's from the version that counts."""
        boards = self._boards
        speaks = boards.fits[0].scale if boards.fits else None
        index = [(name, found[0]) for name, found in boards.index.items() if found[0].scale == speaks]
        found = (
            fit_ladder(scores, self._variants, self._efforts) for scores in (boards.arena.items(), index)
        )
        return {ladder.metric: ladder for ladder in found if ladder is not None}


def may_be_reference(rated: Mapping[VariantId, RatedVariant]) -> Mapping[VariantId, float]:
    """Give theta of the confirmed; where boards are merged, of those that both judge (method section 3)."""
    confirmed = {name: entry for name, entry in rated.items() if entry.confirmed}
    both = {name: entry for name, entry in confirmed.items() if len(entry.speaking) > 1}
    return {name: entry.combined.theta for name, entry in (both or confirmed).items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """What quality is measured against."""

    variants: tuple[VariantId, ...]
    """Best first; empty where no variant is confirmed."""
    theta: float
    """Their mean, in logits above the anchor; the anchor itself (0) where there are none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """P(preferred to the reference) with its 95 % interval."""

    value: float
    low: float
    high: float


def choose_reference(confirmed: Mapping[VariantId, float], count: int) -> Reference:
    """Take the mean theta of the best confirmed variants (method section 3); ties by id.

    Args:
        confirmed: theta of every confirmed variant, in logits.
        count: How many make the reference; fewer where fewer are confirmed.
    """
    best = tuple(sorted(confirmed, key=lambda variant: (-confirmed[variant], variant))[:count])
    theta = math.fsum(confirmed[variant] for variant in best) / len(best) if best else 0.0
    return Reference(variants=best, theta=theta)


def preference(theta: float, sigma: float, reference: float) -> Quality:
    """Give q = 1 / (1 + exp(-(theta - theta_ref))) and its ends at theta -+ 1.96 sigma.

    The Bradley-Terry model: a difference in logits is the log of the odds of being preferred.
    All three arguments are logits above the anchor.
    """
    return Quality(
        value=_logistic(theta - reference),
        low=_logistic(theta - Z95 * sigma - reference),
        high=_logistic(theta + Z95 * sigma - reference),
    )


def _logistic(logit: float) -> float:
    """1 / (1 + exp(-x)), written so that no argument overflows."""
    if logit >= 0:
        return 1 / (1 + math.exp(-logit))
    odds = math.exp(logit)
    return odds / (1 + odds)
