"""Files a named reviewer's word that a held source, or held rows of it, may be used: `reviews/accepted/`.

An acceptance binds a name and a reason to the digests of exact captures. It applies to those bytes and to no
others, is never needed twice for them, and is read from its file by every run.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Final, Literal

from pydantic import Field

from pipeline import atomic_files
from pipeline.domain.calendar import moment_text
from pipeline.domain.document import DigestText, Document, MomentText, WeekText, canonical_json, sha256_hex
from pipeline.domain.escape import escape_text
from pipeline.domain.proposal import Said
from pipeline.errors import RefusedError
from pipeline.review.decisions.decisions import check_reviewer_text
from pipeline.review.proposals import documents

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

_FOLDER: Final = "accepted"
_DIGITS: Final = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptanceInput:
    """What a person typed."""

    rows: tuple[str, ...]
    """Subjects of held rows; empty: the whole source."""
    reviewer: str
    reason: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptanceTarget:
    """What that is about."""

    source: str
    week: str
    attempt: int
    captures: tuple[str, ...]
    kinds: tuple[str, ...]


class Acceptance(Document):
    """Who accepted what of which captures, when and why."""

    format: Literal[1]
    source: str
    week: WeekText
    attempt: Annotated[int, Field(ge=1)]
    """The run that held the captures, or rows of them."""
    captures: Annotated[tuple[DigestText, ...], Field(min_length=1)]
    """Exactly these bytes, in reading order."""
    kinds: tuple[str, ...]
    """The kinds of finding that held the source and no longer do; empty when only rows are accepted."""
    rows: tuple[str, ...]
    """Subjects of held rows whose new value is accepted."""
    reviewer: Said
    reason: Said
    accepted_at: MomentText


def file_acceptance(
    wanted: AcceptanceTarget, typed: AcceptanceInput, reviews: Path
) -> tuple[Acceptance, Path]:
    """File an acceptance, once, and return it with its file.

    Raises:
        UsageError: The reviewer or the reason cannot be kept.
        RefusedError: Nothing is to be accepted, or the same was accepted before.
        OSError: The disk refused; nothing is accepted.
    """
    check_reviewer_text("--reviewer", typed.reviewer)
    check_reviewer_text("--note", typed.reason)
    if not wanted.kinds and not typed.rows:
        raise RefusedError(
            f"no rule held {wanted.source} in {wanted.week}: what it answered cannot be read",
            hint="Its last good data is used until it answers properly again.",
        )
    acceptance = Acceptance(
        format=1,
        source=wanted.source,
        week=wanted.week,
        attempt=wanted.attempt,
        captures=wanted.captures,
        kinds=wanted.kinds,
        rows=tuple(sorted(set(typed.rows))),
        reviewer=typed.reviewer,
        reason=typed.reason,
        accepted_at=moment_text(typed.now),
    )
    file = reviews / file_of(acceptance)
    if file.exists():
        earlier, _ = documents.load_document(file, Acceptance)
        raise RefusedError(
            f"{escape_text(earlier.reviewer)} accepted exactly this at {earlier.accepted_at}",
            hint="Nothing more is needed: `modelpool run` uses it.",
        )
    atomic_files.create_file(file, documents.document_bytes(acceptance))
    return acceptance, file


def acceptances(reviews: Path) -> tuple[Acceptance, ...]:
    """Read all acceptances, the newest first.

    Raises:
        RefusedError: One of them is broken, edited, or lies under another name than its content has.
    """
    found = []
    for file in sorted((reviews / _FOLDER).glob("*.json")):
        acceptance, _ = documents.load_document(file, Acceptance)
        if f"{_FOLDER}/{file.name}" != file_of(acceptance):
            raise documents.edited_error(file, "it accepts something else than its name says")
        found.append(acceptance)
    return tuple(sorted(found, key=lambda one: (one.accepted_at, one.source, one.captures), reverse=True))


def file_of(acceptance: Acceptance) -> str:
    """Name the file of an acceptance below `reviews/`."""
    return f"{_FOLDER}/{acceptance.source}-{_content_digest(acceptance)[:_DIGITS]}.json"


def kinds_accepted(acceptances: Sequence[Acceptance], captures: Sequence[str]) -> dict[str, Acceptance]:
    """Say for exactly these captures which kinds of finding are accepted, and by which acceptance."""
    return {
        kind: acceptance
        for acceptance in reversed(acceptances)
        if sorted(acceptance.captures) == sorted(captures)
        for kind in acceptance.kinds
    }


def _content_digest(acceptance: Acceptance) -> str:
    """Digest what is accepted, whoever did it and why."""
    part = acceptance.model_dump(mode="json", include={"source", "captures", "kinds", "rows"})
    return sha256_hex(canonical_json(part))
