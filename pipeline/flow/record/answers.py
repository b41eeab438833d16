"""Lists the answers on record, and whether the last run asked again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.domain.observation import ANSWERED
from pipeline.review.decisions.chain import DecisionChain
from pipeline.review.decisions.remembered_answers import read_decision_memory

if TYPE_CHECKING:
    from pydantic import JsonValue

    from pipeline.domain.answers import RememberedAnswer
    from pipeline.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerState:
    """An answer on record, and what the last run made of it."""

    answer: RememberedAnswer
    last_run: str
    """The folder of the last run; empty where none was made since the answer."""
    stands: bool
    """The last run did not ask."""

    def as_json(self) -> JsonValue:
        """Return it for a program."""
        one = self.answer
        return {
            "key": one.key,
            "tier": one.tier,
            "variant": one.variant,
            "direction": one.direction.value,
            "answer": one.kind.value,
            "until": one.until.isoformat() if one.until else None,
            "against": one.against,
            "evidence": {
                variant: {"quality": found.quality, "usd_per_task": found.usd_per_task}
                for variant, found in one.evidence.items()
            },
            "reviewer": one.reviewer,
            "note": one.note,
            "answered_on": one.answered_on.isoformat(),
            "proposal": one.folder,
            "last_run": self.last_run or None,
            "stands": self.stands,
        }


def answer_states(workspace: Workspace) -> tuple[AnswerState, ...]:
    """Return every answer that nobody took back, by tier and variant.

    Raises:
        RefusedError: A decision or a run on record is broken or edited.
    """
    chain = DecisionChain.below(workspace.reviews)
    answers = read_decision_memory(chain).answers
    if not answers:
        return ()
    folder = chain.reviews.in_filing_order[-1]
    findings = chain.reviews.run_in(folder)[0].findings
    kept = {finding.subject for finding in findings if finding.kind == ANSWERED}
    return tuple(
        AnswerState(
            answer=answer,
            last_run="" if folder.name == answer.folder else folder.name,
            stands=folder.name == answer.folder or answer.subject in kept,
        )
        for answer in answers
    )
