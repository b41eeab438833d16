"""The log of what was recorded: each line holds the digest of the line before it.

An edited, inserted or removed line breaks the chain. A chain alone cannot see that its end was
cut, so the log is also compared with what the database holds; and the decisions have a chain of their
own, in files, whose head is inside every published pool.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import literal, select, union_all

from pipeline.domain.document import canonical_json, sha256_hex
from pipeline.store.review_tables import AUDIT, DECISION, POOL, PROPOSAL
from pipeline.store.tables import RUN

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from pipeline.domain.ids import Sha256

_SUBJECTS = {"run": RUN, "proposal": PROPOSAL, "decision": DECISION, "pool": POOL}
"""Kinds of acts whose subject is a row with its digest; `crosswalk` has none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """Something was recorded."""

    kind: str
    """run, proposal, decision, pool or crosswalk."""
    subject: Sha256
    """Digest of what was recorded."""
    at: datetime
    """When it happened, as its file says; not when it was recorded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditLine(Act):
    """An act in its place in the log."""

    sequence: int
    previous: Sha256 | None
    """Digest of the line before; None for the first."""
    sha256: Sha256


def append(connection: Connection, act: Act) -> None:
    """Add a line to the end of the log."""
    last = select(AUDIT.c.sequence, AUDIT.c.sha256).order_by(AUDIT.c.sequence.desc()).limit(1)
    row = connection.execute(last).first()
    sequence = 1 if row is None else row.sequence + 1
    previous = None if row is None else row.sha256
    connection.execute(
        AUDIT.insert().values(
            sequence=sequence,
            kind=act.kind,
            subject=act.subject,
            at=act.at,
            previous=previous,
            sha256=_digest(act, sequence=sequence, previous=previous),
        )
    )


def lines(connection: Connection) -> tuple[AuditLine, ...]:
    """Return the whole log, first line first."""
    rows = connection.execute(select(AUDIT).order_by(AUDIT.c.sequence)).mappings()
    return tuple(AuditLine(**row) for row in rows)


def verify(connection: Connection) -> bool:
    """Check that no line was edited, inserted, moved or removed, and that the log is complete."""
    previous: Sha256 | None = None
    log = lines(connection)
    for sequence, line in enumerate(log, start=1):
        digest = _digest(line, sequence=sequence, previous=previous)
        if (line.sequence, line.previous, line.sha256) != (sequence, previous, digest):
            return False
        previous = line.sha256
    held = union_all(*(select(literal(kind), table.c.sha256) for kind, table in _SUBJECTS.items()))
    logged = {(line.kind, line.subject) for line in log if line.kind in _SUBJECTS}
    return logged == {(kind, subject) for kind, subject in connection.execute(held)}


def _digest(act: Act, *, sequence: int, previous: Sha256 | None) -> Sha256:
    return sha256_hex(
        canonical_json(
            {
                "sequence": sequence,
                "kind": act.kind,
                "subject": act.subject,
                "at": act.at.astimezone(UTC).isoformat(),
                "previous": previous,
            }
        )
    )
