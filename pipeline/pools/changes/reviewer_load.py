"""Counts the questions of a week, and carries those of least money where a policy asks fewer of its reviewer.

A question is a swap, or a member that passes another one. What a rule decides is no question, and neither is
a vacancy: they are always proposed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pipeline.pools.changes.membership import StepKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pipeline.domain.ids import TierName, VariantId
    from pipeline.pools.selection_input import SelectionInput
    from pipeline.pools.tier_selection import TierSelection

_TASKS: Final = 1000
"""What a tier without a stated volume is counted for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewQuestion:
    """One change that a person may take or hold, and what it is worth."""

    tier: TierName
    variant: VariantId
    """Who enters or rises."""
    against: VariantId
    """Whose place it takes, or the best ranked member that it passes."""
    swap: bool
    gain: float
    """Answers per request: what the swap adds to the pool, or by how much the riser is ahead."""
    usd: float
    """The gain at the tier's price of an answer, for the requests of a month or for 1,000 tasks."""


def questions_within(
    inputs: SelectionInput, choices: Mapping[TierName, TierSelection]
) -> tuple[ReviewQuestion, ...]:
    """Return the questions beyond what the policy asks in a week, the dearest first; none without a limit.

    Answers that a person gave in this week count as asked. What is carried already is not returned again.
    """
    most = inputs.policy.review_questions
    if most is None:
        return ()
    answered = sum(answer.folder.startswith(inputs.week) for answer in inputs.memory.answers)
    carried = {(one.tier, one.variant) for one in inputs.carried}
    found = [question for name in sorted(choices) for question in _questions(inputs, name, choices[name])]
    found = [one for one in found if (one.tier, one.variant) not in carried]
    ordered = sorted(found, key=lambda one: (-one.usd, one.tier, one.variant))
    return tuple(ordered[max(0, most - answered) :])


def _questions(inputs: SelectionInput, name: TierName, choice: TierSelection) -> Iterator[ReviewQuestion]:
    tier = inputs.policy.tiers[name]
    requests = inputs.policy.volume.get(name, _TASKS)
    pairs = [
        (step.entrant, step.leaver, True, step.gain)
        for step in choice.steps
        if step.rule is StepKind.SWAP and step.leaver is not None
    ]
    for variant, against, swap, gain in (*pairs, *_rises(choice)):
        yield ReviewQuestion(
            tier=name,
            variant=variant,
            against=against,
            swap=swap,
            gain=gain,
            usd=gain * tier.lambda_usd * requests,
        )


def _rises(choice: TierSelection) -> Iterator[tuple[VariantId, VariantId, bool, float]]:
    """Find the members that pass another one that stays and is compared this week."""
    field = choice.field
    before = [
        incumbent
        for incumbent in field.incumbents
        if incumbent in choice.places and incumbent in field.candidates
    ]
    after = [one for one in choice.places if one in before]
    for place, variant in enumerate(before):
        passed = [one for one in before[:place] if after.index(one) > after.index(variant)]
        if passed:
            ahead = field.candidates[variant].value - field.candidates[passed[0]].value
            yield variant, passed[0], False, max(0.0, ahead)
