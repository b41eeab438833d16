"""Keeps what people decided: about names, and what was proposed, decided and published.

One live row stands for each variant and each source name; the same document again changes nothing.
"""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from sqlalchemy import Table, select, tuple_, union_all, update

from pipeline.domain.crosswalk import Crosswalk, Judgement, Variant
from pipeline.domain.proposal import Verdict
from pipeline.errors import RefusedError
from pipeline.store.review_tables import (
    DECISION,
    JUDGEMENT,
    PENDING,
    POOL,
    POOL_MEMBER,
    PROPOSAL,
    SUPERSEDED,
    VARIANT,
)
from pipeline.store.rows import Row, add
from pipeline.store.tables import RUN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.engine import Connection

    from pipeline.domain.ids import Sha256
    from pipeline.domain.pool import Pool
    from pipeline.domain.proposal import Decision, Proposal


_VARIANT_FIELDS = tuple(field.name for field in fields(Variant) if field.name != "id")
_JUDGEMENT_FIELDS = tuple(field.name for field in fields(Judgement))


def record_crosswalk(connection: Connection, crosswalk: Crosswalk, *, at: datetime) -> None:
    """Add what is new; what changed or is gone stays, superseded at `at`."""
    for table, _, wanted in crosswalk_rows(crosswalk):
        _follow(connection, table, wanted, at=at)


def crosswalk_rows(crosswalk: Crosswalk) -> tuple[tuple[Table, tuple[str, ...], list[Row]], ...]:
    """Return each table that follows a crosswalk, the columns that tell its rows apart, and its live rows."""
    variants: list[Row] = [
        {"variant": variant.id, **{name: getattr(variant, name) for name in _VARIANT_FIELDS}}
        for _, variant in sorted(crosswalk.variants.items())
    ]
    judgements: list[Row] = [
        {name: getattr(judgement, name) for name in _JUDGEMENT_FIELDS}
        for _, judgement in sorted(crosswalk.judgements.items())
    ]
    return (VARIANT, ("variant",), variants), (JUDGEMENT, ("source", "key"), judgements)


def said_columns(table: Table) -> list[str]:
    """Name the columns that say what people decided; the others say since and until when it was in force."""
    return [column.name for column in table.c if column.name not in {"id", "recorded_at", "superseded_at"}]


def _follow(connection: Connection, table: Table, wanted: Sequence[Row], *, at: datetime) -> None:
    """Make the live rows of a table the wanted ones."""
    live: dict[tuple[object, ...], int] = {}
    names = said_columns(table)
    for row in connection.execute(select(table).where(table.c.superseded_at.is_(None))).mappings():
        live[tuple(row[name] for name in names)] = row["id"]
    kept = [tuple(row[name] for name in names) for row in wanted]
    staying = set(kept)
    gone = sorted(number for values, number in live.items() if values not in staying)
    if gone:
        connection.execute(update(table).where(table.c.id.in_(gone)).values(superseded_at=at))
    new = [row for row, values in zip(wanted, kept, strict=True) if values not in live]
    add(connection, table, [{**row, "recorded_at": at, "superseded_at": None} for row in new])


def record_proposal(connection: Connection, proposal: Proposal, *, sha256: Sha256) -> None:
    """Write a proposal; of all undecided ones, the one of the latest attempt is pending.

    A proposal that is recorded again after another of the same attempt is pending again: it is what
    lies in the attempt's folder now. A decided one stays as it was decided.
    """
    state = connection.scalar(select(PROPOSAL.c.state).where(PROPOSAL.c.sha256 == sha256))
    if state is None:
        add(connection, PROPOSAL, [proposal_row(proposal, sha256)])
    if state in {None, SUPERSEDED}:
        _bind(connection, proposal, sha256=sha256)
        _supersede(connection, proposal, sha256=sha256)


def proposals_of(connection: Connection, week: str, attempt: int) -> frozenset[Sha256]:
    """Return the digests of every proposal.json recorded for an attempt; empty: not known here."""
    found = select(PROPOSAL.c.sha256).where(PROPOSAL.c.week == week, PROPOSAL.c.attempt == attempt)
    return frozenset(connection.scalars(found))


def document_digests(connection: Connection) -> frozenset[Sha256]:
    """Return the digests of every recorded proposal.json and decision.json."""
    return frozenset(connection.scalars(union_all(select(PROPOSAL.c.sha256), select(DECISION.c.sha256))))


def decisions_about(connection: Connection, proposal_sha256: Sha256) -> frozenset[Sha256]:
    """Return the digests of every decision.json recorded about a proposal; empty: not known here."""
    found = select(DECISION.c.sha256).where(DECISION.c.proposal_sha256 == proposal_sha256)
    return frozenset(connection.scalars(found))


def _bind(connection: Connection, proposal: Proposal, *, sha256: Sha256) -> None:
    """Name the run behind a proposal, now: later runs of the attempt are not behind it."""
    run = (
        select(RUN.c.id)
        .where(RUN.c.week == proposal.week, RUN.c.attempt == proposal.attempt)
        .where(RUN.c.as_of == _moment(proposal.as_of))
        .order_by(RUN.c.id.desc())
        .limit(1)
    )
    connection.execute(
        update(PROPOSAL).where(PROPOSAL.c.sha256 == sha256).values(run_id=run.scalar_subquery())
    )


def _supersede(connection: Connection, proposal: Proposal, *, sha256: Sha256) -> None:
    attempt = tuple_(PROPOSAL.c.week, PROPOSAL.c.attempt)
    own = (proposal.week, proposal.attempt)
    if connection.scalar(select(PROPOSAL.c.sha256).where(attempt > own).limit(1)) is not None:
        return
    connection.execute(update(PROPOSAL).where(PROPOSAL.c.state == PENDING).values(state=SUPERSEDED))
    connection.execute(update(PROPOSAL).where(PROPOSAL.c.sha256 == sha256).values(state=PENDING))


def record_decision(connection: Connection, decision: Decision, *, sha256: Sha256) -> None:
    """Write a decision and the state it gives its proposal, even one superseded meanwhile.

    Whether a superseded proposal may be decided is a rule of `review`; what it wrote is the record.

    Raises:
        RefusedError: The proposal is not known, is of another pool, or was decided already.
    """
    known = select(PROPOSAL.c.pool_sha256).where(PROPOSAL.c.sha256 == decision.proposal_sha256)
    if connection.scalar(known) != decision.pool_sha256:
        raise RefusedError(
            f"the decision of {decision.week} is about pool {decision.pool_sha256[:8]} in proposal "
            f"{decision.proposal_sha256[:8]}, which the database does not hold",
            hint=f"Compare the two files in reviews/{decision.week}, then `modelpool rebuild`.",
        )
    decided = select(DECISION).where(DECISION.c.proposal_sha256 == decision.proposal_sha256)
    earlier = connection.execute(decided).mappings().first()
    if earlier is None:
        _write(connection, decision, sha256=sha256)
    elif earlier["sha256"] != sha256:
        raise RefusedError(
            f"the proposal of {decision.week} was already {earlier['verdict']} by {earlier['reviewer']}",
            hint="It is in `modelpool history`. For a new proposal of the week: "
            f"`modelpool run --week {decision.week}`.",
        )


def record_withdrawal(connection: Connection, proposal_sha256: Sha256) -> None:
    """Count a proposal whose approval was withdrawn as rejected; the decision stays as it was made."""
    approved = (PROPOSAL.c.sha256 == proposal_sha256, PROPOSAL.c.state == Verdict.APPROVED.value)
    connection.execute(update(PROPOSAL).where(*approved).values(state=Verdict.REJECTED.value))


def pending_attempt(connection: Connection) -> tuple[str, int] | None:
    """Return week and attempt of the proposal that waits for a decision; None where none does."""
    row = connection.execute(select(PROPOSAL.c.week, PROPOSAL.c.attempt).where(PROPOSAL.c.state == PENDING))
    found = row.first()
    return (found.week, found.attempt) if found else None


def state_of(connection: Connection, proposal_sha256: Sha256) -> str | None:
    """Return the state of a proposal, as the last command recorded it; None where it is not known here."""
    return connection.scalar(select(PROPOSAL.c.state).where(PROPOSAL.c.sha256 == proposal_sha256))


def _write(connection: Connection, decision: Decision, *, sha256: Sha256) -> None:
    add(connection, DECISION, [decision_row(decision, sha256)])
    connection.execute(
        update(PROPOSAL)
        .where(PROPOSAL.c.sha256 == decision.proposal_sha256)
        .values(state=decision.verdict.value)
    )


def record_pool(connection: Connection, pool: Pool, *, sha256: Sha256) -> None:
    """Write a published version and its members.

    Raises:
        RefusedError: The version exists with other content.
    """
    stored = connection.scalar(select(POOL.c.sha256).where(POOL.c.version == pool.version))
    if stored == sha256:
        return
    if stored is not None:
        raise RefusedError(
            f"pool v{pool.version:04} is {stored[:8]} in the database and {sha256[:8]} now",
            hint="Versions never change: see `git log -p -- data/pools`, then `modelpool rebuild`.",
        )
    add(connection, POOL, [pool_row(pool, sha256)])
    add(connection, POOL_MEMBER, member_rows(pool))


def proposal_row(proposal: Proposal, sha256: Sha256) -> Row:
    """A proposal before anything is known of its state and its run."""
    return {
        "sha256": sha256,
        "week": proposal.week,
        "attempt": proposal.attempt,
        "as_of": _moment(proposal.as_of),
        "pool_sha256": proposal.pool_sha256,
        "state": SUPERSEDED,
        "run_id": None,
    }


def decision_row(decision: Decision, sha256: Sha256) -> Row:
    """A decision as its file says it."""
    return {
        "sha256": sha256,
        "proposal_sha256": decision.proposal_sha256,
        "pool_sha256": decision.pool_sha256,
        "verdict": decision.verdict.value,
        "reviewer": decision.reviewer,
        "note": decision.note,
        "decided_at": _moment(decision.decided_at),
        "previous": decision.previous,
    }


def pool_row(pool: Pool, sha256: Sha256) -> Row:
    """A published version."""
    return {
        "version": pool.version,
        "sha256": sha256,
        "week": pool.week,
        "as_of": _moment(pool.as_of),
        "expires_on": date.fromisoformat(pool.expires_on),
    }


def member_rows(pool: Pool) -> list[Row]:
    """The members of a published version, tier by tier."""
    return [
        {"version": pool.version, "tier": tier, "rank": member.rank, "variant": member.variant}
        for tier, held in sorted(pool.tiers.items())
        for member in held.members
    ]


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
