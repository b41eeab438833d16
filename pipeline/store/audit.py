"""The log of what was recorded: each line holds the digest of the line before it.

An edited, inserted or removed line breaks the chain. A chain alone cannot see that its end was
cut, so the log is also compared with what the database holds; and the decisions have a chain of their
own, in files, whose head is inside every published pool. After the line of a run stands one with the digest
of what no file says word by word: its findings, scores and boards, and which captures they are from.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from sqlalchemy import literal, select, union, union_all

from pipeline.domain.document import canonical_json, sha256_hex
from pipeline.store.review_tables import AUDIT, DECISION, POOL, PROPOSAL
from pipeline.store.rows import digest_of
from pipeline.store.tables import BOARD, CAPTURE, FINDING, OBSERVATION, PRICE, READING_CAPTURE, RUN, SCORE

if TYPE_CHECKING:
    from sqlalchemy import Select
    from sqlalchemy.engine import Connection

    from pipeline.domain.ids import Sha256

RESULTS: Final = "results"
LINK: Final = "link"
"""A withdrawal, an answer to a change, or one taken back: the file alone says what."""
_SUBJECTS = {"run": RUN, "proposal": PROPOSAL, "decision": DECISION, "pool": POOL}
"""Kinds of acts whose subject is a row with its digest; `crosswalk` and `link` have none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """Something was recorded."""

    kind: str
    """run, results, proposal, decision, link, pool or crosswalk."""
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
    return logged == {(kind, subject) for kind, subject in connection.execute(held)} and _results_hold(
        connection, log
    )


def record_link(connection: Connection, *, sha256: Sha256, at: datetime) -> None:
    """Write down, once, a link of the decisions' chain that is no decision."""
    if sha256 not in links(connection):
        append(connection, Act(kind=LINK, subject=sha256, at=at))


def links(connection: Connection) -> frozenset[Sha256]:
    """Return the digests of every recorded link of the decisions' chain that is no decision."""
    return frozenset(connection.scalars(select(AUDIT.c.subject).where(AUDIT.c.kind == LINK)))


def results_digest(connection: Connection, run_id: int) -> Sha256:
    """Digest what is stored of a run besides what its captures say: its head, findings, scores and boards."""
    of_run = [
        select(RUN).where(RUN.c.id == run_id),
        _captures_of(run_id),
        *(
            select(table).where(table.c.run_id == run_id).order_by(*table.primary_key.columns)
            for table in (FINDING, SCORE, BOARD)
        ),
    ]
    rows = [dict(row) for found in of_run for row in connection.execute(found).mappings()]
    return digest_of({name: row[name] for name in row if name not in {"id", "run_id"}} for row in rows)


def _captures_of(run_id: int) -> Select[tuple[object, ...]]:
    """Select the captures that any row of a run is from."""
    tables = (READING_CAPTURE, OBSERVATION, PRICE)
    used = union(*(select(table.c.capture_id).where(table.c.run_id == run_id) for table in tables))
    return select(*CAPTURE.c).where(CAPTURE.c.id.in_(used)).order_by(CAPTURE.c.source, CAPTURE.c.sha256)


def _results_hold(connection: Connection, log: tuple[AuditLine, ...]) -> bool:
    """Compare the results of each run with the line after that of the run; only an older log has none."""
    numbers = {row.sha256: row.id for row in connection.execute(select(RUN.c.sha256, RUN.c.id))}
    begun = False
    for line, after in pairwise((*log, None)):
        followed = after is not None and after.kind == RESULTS
        begun = begun or followed
        if line is None or line.kind != "run" or not begun:
            continue
        if (
            not followed
            or after is None
            or after.subject != results_digest(connection, numbers[line.subject])
        ):
            return False
    return True


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
