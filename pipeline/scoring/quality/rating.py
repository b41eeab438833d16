"""Rates each variant from the boards that list it, and turns the rating into a chance of being preferred."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.scoring.quality.anchor import Z95
from pipeline.scoring.quality.combine import BoardSelection, CombinedQuality, combine, select_boards
from pipeline.scoring.quality.equate import assumed_tau
from pipeline.scoring.quality.expected_boards import Expectation, Ladder, fit_ladder

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipeline.domain.crosswalk import Crosswalk
    from pipeline.domain.ids import MetricName, VariantId
    from pipeline.domain.policy import Policy
    from pipeline.domain.score import BoardScore, ExpectedBoard
    from pipeline.scoring.quality.boards import Boards


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
                rated[name] = self._rated(name, listed, used)
        return rated

    def _rated(self, name: VariantId, listed: tuple[BoardScore, ...], used: BoardSelection) -> RatedVariant:
        expected = self._expected(name, used)
        return RatedVariant(
            boards=listed,
            combined=combine(used.boards, used.tau, expected),
            confirmed=any(board.confirmed for board in used.boards),
            speaking=tuple(board.metric for board in used.boards),
            expected=expected,
        )

    def _expected(self, name: VariantId, used: BoardSelection) -> ExpectedBoard | None:
        """Expect the missing board's score, unless both list the variant or one board is empty."""
        boards = self._boards
        if used.fit is None or len(used.boards) > 1 or not (boards.arena and boards.index):
            return None
        expectation = Expectation(
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
