"""Keeps changes out that a person answered, until their day comes or their evidence moves (method 7.6)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pipeline.domain.answers import Direction, RememberedAnswer, VariantEvidence
from pipeline.domain.document import decimal_text
from pipeline.domain.score import Cost, Scoreboard

if TYPE_CHECKING:
    from pipeline.domain.ids import TierName, VariantId
    from pipeline.domain.policy import MemoryPolicy
    from pipeline.pools.selection_input import SelectionInput


@dataclass(frozen=True, slots=True, kw_only=True)
class AnsweredChanges:
    """The answers about one tier that still count."""

    standing: tuple[RememberedAnswer, ...] = ()

    @property
    def entering(self) -> frozenset[VariantId]:
        """Variants that do not enter."""
        return self._answers_about(Direction.ENTER)

    @property
    def leaving(self) -> frozenset[VariantId]:
        """Members that do not leave for a better one; who leaves by a rule leaves all the same."""
        return self._answers_about(Direction.LEAVE)

    @property
    def rising(self) -> frozenset[VariantId]:
        """Members that do not pass another one."""
        return self._answers_about(Direction.RISE)

    def of(self, variant: VariantId) -> RememberedAnswer | None:
        """Return the answer that keeps a variant from entering; None where none does."""
        found = (one for one in self.standing if one.direction is Direction.ENTER)
        return next((one for one in found if one.variant == variant), None)

    def _answers_about(self, direction: Direction) -> frozenset[VariantId]:
        return frozenset(one.variant for one in self.standing if one.direction is direction)


NOTHING_ANSWERED: Final = AnsweredChanges()


def standing_answers(inputs: SelectionInput, tier: TierName, board: Scoreboard) -> AnsweredChanges:
    """Return the answers about a tier that still count: before their day, with evidence that has not moved.

    Args:
        inputs: The week.
        tier: Whose answers.
        board: This week's scores of the tier's evidence.
    """
    today, policy = inputs.as_of.date(), inputs.policy
    price = policy.tiers[tier].lambda_usd
    standing = tuple(
        answer
        for answer in inputs.memory.answers
        if answer.tier == tier
        and (answer.until is None or today < answer.until)
        and not evidence_moved(answer, board, policy.memory, price_of_answer=price)
    )
    return AnsweredChanges(standing=standing)


def evidence_moved(
    answer: RememberedAnswer, board: Scoreboard, margins: MemoryPolicy, *, price_of_answer: float
) -> bool:
    """Return whether a change became better by more than the margin since somebody answered it.

    Measured in V at the tier's own price of an answer. An entrant or a riser is measured from whom it would
    replace or pass, where both were scored then and are now, `(V - V') - (V0 - V0')`; otherwise by its own
    `V - V0`, and a member that would leave by its own, the other way round. What is not scored today has not
    moved.
    """
    then = answer.evidence
    now = {one: found for one in then if (found := _evidence_of(board, one, price_of_answer)) is not None}
    if answer.variant not in now:
        return False
    gain = now[answer.variant].value - then[answer.variant].value
    if answer.direction is Direction.LEAVE:
        gain = -gain
    elif answer.against in now:
        gain -= now[answer.against].value - then[answer.against].value
    return gain > margins.gain_per_100 / 100


def _evidence_of(board: Scoreboard, variant: VariantId, price_of_answer: float) -> VariantEvidence | None:
    """Read a variant's figures as a proposal would state them; None where it is not scored and priced."""
    score = board.scores.get(variant)
    if score is None or not isinstance(score.cost, Cost):
        return None
    return VariantEvidence(
        quality=float(decimal_text(score.quality, 4)),
        usd_per_task=float(decimal_text(score.cost.usd_per_task, 6)),
        price_of_answer=price_of_answer,
    )
