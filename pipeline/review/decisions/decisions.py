"""Binds a named person to the digest of exact bytes; the decisions form a hash chain.

The typed digest is the consent: of the pool, or of the whole proposal where judgements come with it. 8
characters, and 16 to approve a large proposal (a default changes, or more than one place of a tier) or one
that stands on older data than the expectations allow.
Nothing here loads a page, a chart or a table.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pipeline import atomic_files
from pipeline.domain.calendar import moment_text
from pipeline.domain.document import sha256_hex
from pipeline.domain.escape import escape_text, spell_out
from pipeline.domain.ids import Sha256
from pipeline.domain.observation import OLD_DATA
from pipeline.domain.proposal import Decision, Verdict, Withdrawal, refuse_placeholder
from pipeline.errors import RefusedError, UsageError
from pipeline.review.decisions.chain import DecisionChain, check_follows, latest_decision
from pipeline.review.proposals import documents
from pipeline.review.proposals.documents import document_bytes, document_digest

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from pipeline.domain.proposal import Proposal
    from pipeline.review.proposals.proposal_store import StoredProposal

_CONSENT: Final = 8
_SECOND_LOOK: Final = 16
_LONGEST: Final = 2000
_HEX: Final = re.compile(r"[0-9a-f]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionInput:
    """What a person typed."""

    verdict: Verdict
    digest_start: str
    """The first characters of the pool's digest, as the page shows it."""
    reviewer: str
    note: str
    now: datetime
    """The moment of the decision, with a time zone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawalInput:
    """What a person typed who takes an approval back."""

    digest_start: str
    """The first characters of the digest by which it was approved."""
    reviewer: str
    note: str
    now: datetime


def make_decision(
    filed: StoredProposal, decision_input: DecisionInput, *, previous: Sha256 | None
) -> Decision:
    """Turn what a person typed into a decision about one filed proposal; nothing is written.

    Args:
        filed: The proposal the person read.
        decision_input: What the person typed.
        previous: Digest of the bytes of the decision before this one, from `latest_decision`.

    Raises:
        UsageError: The reviewer or the note is empty or too long.
        RefusedError: Decided already, another digest, a pool that has not the digest it states, or a moment
            before the proposal was made.
    """
    proposal = filed.proposal
    check_undecided(filed)
    check_moment(filed, moment_text(decision_input.now))
    if document_digest(proposal.pool) != proposal.pool_sha256:
        raise documents.edited_error(
            filed.folder / documents.PROPOSAL, "its pool does not have the digest it states"
        )
    check_consent(filed, decision_input.digest_start, decision_input.verdict)
    for option, text in (("--reviewer", decision_input.reviewer), ("--note", decision_input.note)):
        check_reviewer_text(option, text)
    return Decision(
        format=1,
        week=proposal.week,
        attempt=proposal.attempt,
        verdict=decision_input.verdict,
        pool_sha256=proposal.pool_sha256,
        proposal_sha256=filed.sha256,
        reviewer=decision_input.reviewer,
        note=decision_input.note,
        decided_at=moment_text(decision_input.now),
        previous=previous,
    )


def check_undecided(filed: StoredProposal) -> None:
    """Check that nobody decided a proposal.

    Raises:
        RefusedError: Somebody did.
    """
    if filed.decision is not None:
        raise RefusedError(
            f"{filed.folder.name} was {filed.decision.verdict} by {escape_text(filed.decision.reviewer)} "
            f"at {filed.decision.decided_at}",
            hint="A decision is final. For a new proposal of the week: "
            f"`modelpool run --week {filed.proposal.week}`.",
        )


def check_moment(filed: StoredProposal, now: str) -> None:
    """Check that a proposal was made before it is answered.

    Raises:
        RefusedError: It was made later.
    """
    if now < filed.proposal.as_of:
        raise RefusedError(
            f"the clock says {now}, but {filed.folder.name} was made at {filed.proposal.as_of}",
            hint="Set the clock of this machine, or the value of --now, then decide again.",
        )


def make_withdrawal(filed: StoredProposal, entered: WithdrawalInput, *, previous: Sha256) -> Withdrawal:
    """Turn what a person typed into the withdrawal of one approval; nothing is written.

    Raises:
        UsageError: The reviewer or the note is empty or too long.
        RefusedError: It is not approved, or the digest is of another proposal.
    """
    if filed.decision_sha256 is None or not filed.is_approved:
        raise RefusedError(
            f"{filed.folder.name} is not approved, so there is nothing to withdraw",
            hint="`modelpool status` shows what waits.",
        )
    typed = entered.digest_start.strip().lower()
    if not _HEX.fullmatch(typed) or len(typed) < _CONSENT or not _is_of(filed.proposal, typed):
        raise RefusedError(
            f"You withdraw {escape_text(typed)[:64] or 'nothing'}, but {filed.folder.name} was approved as "
            f"{consent_digest(filed.proposal)[:_CONSENT]}",
            hint=f"Type {consent_digest(filed.proposal)[:_CONSENT]} if that is the one you mean.",
        )
    for option, text in (("--reviewer", entered.reviewer), ("--note", entered.note)):
        check_reviewer_text(option, text)
    return Withdrawal(
        format=1,
        week=filed.proposal.week,
        attempt=filed.proposal.attempt,
        decision_sha256=filed.decision_sha256,
        reviewer=entered.reviewer,
        note=entered.note,
        decided_at=moment_text(entered.now),
        previous=previous,
    )


def file_withdrawal(filed: StoredProposal, withdrawal: Withdrawal) -> Path:
    """Write `withdrawal.json` beside the decision it takes back, once, and return the file.

    Raises:
        RefusedError: Another decision was filed meanwhile, or the clock is behind the last one.
        OSError: The disk refused; the approval stands.
    """
    check_follows(withdrawal, latest_decision(filed.folder.parent))
    file = filed.folder / documents.WITHDRAWAL
    atomic_files.create_file(file, document_bytes(withdrawal))
    return file


def _is_of(proposal: Proposal, typed: str) -> bool:
    return consent_digest(proposal).startswith(typed)


def consent_digest(proposal: Proposal) -> Sha256:
    """Return the digest whose start is the consent: the pool's, or that of all that is accepted with it.

    A proposal that carries judgements asks for the digest of the bytes of proposal.json, so that the same
    pool beside another list of names is another question.
    """
    if proposal.provisional:
        return sha256_hex(document_bytes(proposal))
    return Sha256(proposal.pool_sha256)


def consent(proposal: Proposal, verdict: Verdict = Verdict.APPROVED) -> str:
    """Return the characters a person must type at least: 8, or 16 to approve what asks for a second look."""
    twice = second_looks(proposal) and verdict is Verdict.APPROVED
    return consent_digest(proposal)[: _SECOND_LOOK if twice else _CONSENT]


def second_looks(proposal: Proposal) -> tuple[str, ...]:
    """Say why approving a proposal asks for the longer digest, one clause a reason; empty: it does not."""
    reasons = []
    if proposal.large:
        reasons.append("a tier's default or more than one of its places changes")
    old = sorted({finding.subject for finding in proposal.findings if finding.kind == OLD_DATA})
    if old:
        verb = "has" if len(old) == 1 else "have"
        reasons.append(f"{', '.join(old)} {verb} older data than data/policy/expectations.toml allows")
    return tuple(reasons)


def file_decision(filed: StoredProposal, decision: Decision) -> Path:
    """Write `decision.json` into the proposal's folder, once, and return the file.

    Everything is read again first, so that nothing decided or written since is passed over.

    Raises:
        RefusedError: The proposal was edited, decided or superseded since it was read; another
            decision was filed; or the clock is behind the last decision.
        OSError: The disk refused; there is no decision.
    """
    reviews = filed.folder.parent
    body = document_bytes(decision)
    chain = DecisionChain.below(reviews)
    now = chain.reviews.proposal(filed.folder)
    if now.decision is not None and document_bytes(now.decision) == body:
        return filed.folder / documents.DECISION
    latest = chain.reviews.pending
    if latest is None or latest.folder.name != filed.folder.name:
        raise RefusedError(
            f"{filed.folder.name} is decided or superseded by a later run",
            hint="See what is pending: `modelpool review`.",
        )
    if now.sha256 != decision.proposal_sha256:
        raise documents.edited_error(filed.folder / documents.PROPOSAL, "the decision is about other bytes")
    check_follows(decision, chain.latest)
    atomic_files.create_file(filed.folder / documents.DECISION, body)
    return filed.folder / documents.DECISION


def check_consent(filed: StoredProposal, typed: str, verdict: Verdict) -> None:
    """Check that what was typed is enough of the digest of a proposal.

    Args:
        filed: The proposal.
        typed: The first characters of its digest.
        verdict: What is decided; approving may ask for more.

    Raises:
        RefusedError: It is no start of the digest, or too short.
    """
    typed, asked = typed.strip().lower(), consent(filed.proposal, verdict)
    if not _HEX.fullmatch(typed) or not consent_digest(filed.proposal).startswith(typed):
        words = f"{escape_text(typed)[:64]} is not" if typed else "no text is"
        raise RefusedError(
            f"{words} the digest of the pending proposal {filed.folder.name}, which is {asked}",
            hint="Look for a typing mistake; or a later run replaced what you read: `modelpool review`.",
        )
    if len(typed) < len(asked):
        looks = second_looks(filed.proposal) if len(asked) > _CONSENT else ()
        why = f", because {' and '.join(looks)}" if looks else ""
        raise RefusedError(
            f"{len(typed)} characters of the digest are too few: this proposal asks for {len(asked)}{why}",
            hint=f"Read it with `modelpool review`, then type {asked}.",
        )


def check_reviewer_text(option: str, text: str) -> None:
    """Refuse a name or a reason that cannot be kept.

    Raises:
        UsageError: It is empty, too long, a placeholder, or holds characters that cannot be printed.
    """
    refuse_placeholder(option, text)
    if not text.strip():
        raise UsageError(f"{option} is empty", hint=f'Write {option} "..."; it is kept in the record.')
    hint = f"Write {option} as one line of plain text; it is kept in the record."
    if (length := len(text.strip())) > _LONGEST:
        raise UsageError(f"{option} has {length} characters, more than {_LONGEST}", hint=hint)
    hidden = next(((place, mark) for place, mark in enumerate(text, 1) if not mark.isprintable()), None)
    if hidden is not None:
        place, mark = hidden
        if unicodedata.category(mark) == "Cs":
            hint = "This terminal's text is not read as UTF-8: set LC_ALL=C.UTF-8, then type it again."
        raise UsageError(
            f"{option} holds {spell_out(mark)} as its character {place}, which cannot be printed", hint=hint
        )
