"""Reads from the chain of decisions which changes people answered, and on what evidence.

A rejection answers every entrant and every riser of a proposal, except of a first pool, which nothing in
force could stand in for; who would have left for a rejected entrant may still leave for another. An approval
of the same change, or a retraction, ends an answer. The newest answer about a change counts.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Final

from pipeline.domain.answers import AnswerKind, Direction, RememberedAnswer, VariantEvidence
from pipeline.domain.calendar import read_moment
from pipeline.domain.document import canonical_json, sha256_hex
from pipeline.domain.ids import TierName, VariantId
from pipeline.domain.pool import Cause
from pipeline.domain.proposal import (
    AnswerRetraction,
    ChangeAnswers,
    Decision,
    ProposalKind,
    Verdict,
    Withdrawal,
)
from pipeline.review.proposals import documents
from pipeline.review.proposals.questions import ChangesOutline, questions_of, topics_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pipeline.domain.ids import Sha256
    from pipeline.domain.pool import FactChange, Standing
    from pipeline.domain.proposal import Proposal
    from pipeline.review.decisions.chain import DecisionChain
    from pipeline.review.proposals.proposal_store import Reviews, StoredProposal
    from pipeline.review.proposals.questions import ChangeQuestion

    Topic = tuple[str, str, Direction]
    """Tier, variant and what the change does to it: one answer counts for each."""

_KEY: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionMemory:
    """What the chain of decisions says about later proposals."""

    answers: tuple[RememberedAnswer, ...]
    """By tier, variant and direction."""
    rejected_facts: tuple[FactChange, ...]
    """Of the proposals of facts that were rejected since the last approval."""


def read_decision_memory(chain: DecisionChain) -> DecisionMemory:
    """Follow the chain from its first link; of proposals that were approved only the changes are read.

    Raises:
        RefusedError: A decision, or a proposal that was decided, is broken or edited.
    """
    known: dict[Topic, RememberedAnswer] = {}
    facts: tuple[FactChange, ...] = ()
    withdrawn = {link.decision_sha256 for _, link, _ in chain.links if isinstance(link, Withdrawal)}
    for file, link, sha256 in chain.links:
        if isinstance(link, AnswerRetraction):
            known = {topic: one for topic, one in known.items() if one.key != link.key}
        elif isinstance(link, Withdrawal):
            continue  # the approval it takes back ends nothing
        elif says_no(link):
            filed = chain.reviews.proposal(file.parent)
            known |= {
                (answer.tier, answer.variant, answer.direction): answer
                for answer in answers_given(filed, link, sha256)
            }
            facts += filed.proposal.facts if filed.proposal.kind is ProposalKind.FACTS else ()
        elif sha256 not in withdrawn and (known or facts):
            taken = topics_of(_changes_in(chain.reviews, file.parent))
            known, facts = {topic: one for topic, one in known.items() if topic not in taken}, ()
    return DecisionMemory(answers=tuple(known[topic] for topic in sorted(known)), rejected_facts=facts)


def _changes_in(reviews: Reviews, folder: Path) -> ChangesOutline:
    """Read what a decided proposal changes; its bytes are compared with those that were decided about.

    Raises:
        RefusedError: The proposal or its decision is missing or edited.
    """
    if not reviews.is_decided_about(folder):
        raise documents.edited_error(folder, "the decision is about other bytes than the proposal")
    return ChangesOutline.model_validate_json(reviews.bytes_of(folder / documents.PROPOSAL))


def last_link_that_counts(chain: DecisionChain) -> tuple[str, Sha256, str] | None:
    """Return file, digest and moment of the chain's last link; None where nobody rejected or answered ever.

    Raises:
        RefusedError: A decision is broken or edited.
    """
    answered = (
        isinstance(link, AnswerRetraction) or (isinstance(link, Decision | ChangeAnswers) and says_no(link))
        for _, link, _ in chain.links
    )
    if not any(answered):
        return None
    file, link, sha256 = chain.links[-1]
    return f"{file.parent.name}/{file.name}", sha256, link.decided_at


def answers_given(
    filed: StoredProposal, link: Decision | ChangeAnswers, sha256: Sha256
) -> Iterator[RememberedAnswer]:
    """Read what one link of the chain answers about its proposal.

    Args:
        filed: The proposal.
        link: The decision, or the answers one by one.
        sha256: Digest of the link's bytes.

    Raises:
        RefusedError: It answers a change that the proposal does not have.
    """
    questions = {_topic(one): one for one in questions_of(filed.proposal)}
    if isinstance(link, Decision):
        for topic, question in questions.items():
            asked = topic[2] in {Direction.ENTER, Direction.RISE} and question.change.cause is not Cause.FIRST
            if asked and says_no(link):
                yield _remember(filed.proposal, question, link, sha256)
        return
    for line in link.answers:
        found = questions.get((line.tier, line.variant, line.direction))
        if found is None:
            raise documents.edited_error(
                filed.folder / documents.ANSWERS, f"the proposal does not ask about {line.variant}"
            )
        until = date.fromisoformat(line.until) if line.until else None
        given = _remember(filed.proposal, found, link, sha256)
        yield replace(given, kind=AnswerKind(line.answer), until=until, note=line.note or link.note)


def says_no(link: Decision | ChangeAnswers) -> bool:
    """Return whether a link answers changes that are then not proposed."""
    return isinstance(link, ChangeAnswers) or link.verdict is Verdict.REJECTED


def _topic(question: ChangeQuestion) -> tuple[str, str, Direction | None]:
    return question.change.tier, question.change.variant, question.direction


def _remember(
    proposal: Proposal, question: ChangeQuestion, link: Decision | ChangeAnswers, sha256: Sha256
) -> RememberedAnswer:
    tier, variant, direction = _topic(question)
    if direction is None:
        raise ValueError(f"{variant} in {tier}: nobody can answer what a rule decides")
    about = [variant, *([question.against] if question.against else [])]
    return RememberedAnswer(
        key=sha256_hex(canonical_json([sha256, tier, variant, direction]))[:_KEY],
        tier=TierName(tier),
        variant=VariantId(variant),
        direction=direction,
        kind=AnswerKind.REJECTED,
        until=None,
        against=VariantId(question.against) if question.against else None,
        evidence=dict(_evidence(proposal, tier, about)),
        reviewer=link.reviewer,
        note=link.note,
        answered_on=read_moment(link.decided_at).date(),
        folder=documents.folder_name(link.week, link.attempt),
        decision_sha256=sha256,
    )


def _evidence(
    proposal: Proposal, tier: str, variants: list[str]
) -> Iterator[tuple[VariantId, VariantEvidence]]:
    report = proposal.tiers.get(tier)
    if report is None:
        return
    standings: dict[str, Standing] = {standing.variant: standing for standing in report.standings}
    for variant in variants:
        found = standings.get(variant)
        if found is not None and found.quality is not None and found.usd_per_task is not None:
            yield (
                VariantId(variant),
                VariantEvidence(
                    quality=float(found.quality),
                    usd_per_task=float(found.usd_per_task),
                    price_of_answer=float(report.lambda_usd),
                ),
            )
