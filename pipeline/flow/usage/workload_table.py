"""Fits the workload table, and puts it in force in the name of a person who typed its digest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pipeline.domain.calendar import moment_text
from pipeline.domain.document import decimal_text
from pipeline.domain.usage import ApprovedTable, WorkloadTable
from pipeline.errors import RefusedError, UsageError
from pipeline.flow.usage.records import first_members, imported_records, published_pool
from pipeline.publish.versions import version_in_force
from pipeline.review.decisions.decisions import check_reviewer_text
from pipeline.usage.fit import acceptance, can_be_fitted, fit
from pipeline.usage.pairs import questions
from pipeline.usage.record_file import read_records, records_digest
from pipeline.usage.table_file import (
    check_consent,
    file_approved,
    previous_digest,
    read_approved,
    read_pending,
    table_digest,
    write_pending,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

    from pipeline.domain.pool import Pool
    from pipeline.domain.usage import UsageRecord, WorkloadRow
    from pipeline.usage.fit import BandMembers
    from pipeline.workspace import Workspace

_MOST_MARGIN_POINTS: Final = 50.0


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptanceRate:
    """How often graders accepted a variant's answers here, beside its published quality."""

    variant: str
    graded: int
    accepted: int
    quality: str | None
    """P(preferred to the reference) of the pool in force; None for a variant that is no member."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FittedTable:
    """A table that waits for a person."""

    table: WorkloadTable
    sha256: str
    file: Path
    acceptance: tuple[AcceptanceRate, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TableState:
    """The table in force and the one that waits."""

    approved: ApprovedTable | None
    ended: tuple[WorkloadRow, ...]
    """Rows in force whose variants no longer stand first in the pool's bands: their requests are `medium`."""
    pending: WorkloadTable | None
    pending_sha256: str | None


def fit_table(workspace: Workspace, *, margin_points: float, now: datetime) -> FittedTable:
    """Fit the workload table and file it for approval; nothing a gateway follows changes.

    Args:
        workspace: Whose records and pool are read.
        margin_points: What a workload may lose per 100 answers and still be simple.
        now: The moment to write into the table.

    Raises:
        UsageError: The margin is no number of points above 0 and up to 50, or there are no graded pairs.
        RefusedError: No pool is in force, or a file of record was changed.
    """
    if not 0 < margin_points <= _MOST_MARGIN_POINTS:
        raise UsageError(
            f"--margin {margin_points:g} is not above 0 and up to {_MOST_MARGIN_POINTS:g} points",
            hint="Give what a workload may lose per 100 answers, e.g. --margin 5.",
        )
    pool = published_pool(workspace).pool
    records = imported_records(workspace)
    table = _fit_table(workspace, records, margin_points, now)
    return FittedTable(
        table=table,
        sha256=table_digest(table),
        file=write_pending(workspace.workloads, table),
        acceptance=_acceptances(records, pool),
    )


def _fit_table(
    workspace: Workspace, records: Sequence[UsageRecord], margin_points: float, now: datetime
) -> WorkloadTable:
    published = published_pool(workspace)
    rows, reports = fit(questions(records), first_members(published.pool), margin_points / 100)
    if not rows:
        raise UsageError(
            f"no request was answered and graded twice by first members of pool v{published.version:04}",
            hint=f"Pick some to answer again: `{workspace.command('usage sample')}`.",
        )
    return WorkloadTable(
        format=1,
        fitted_at=moment_text(now),
        pool_version=published.version,
        pool_sha256=published.sha256,
        records_sha256=records_digest(workspace.usage),
        margin_points=decimal_text(margin_points, 2),
        rows=rows,
        reports=reports,
    )


def _acceptances(records: Sequence[UsageRecord], pool: Pool) -> tuple[AcceptanceRate, ...]:
    quality = {member.variant: member.quality for tier in pool.tiers.values() for member in tier.members}
    return tuple(
        AcceptanceRate(variant=name, graded=graded, accepted=good, quality=quality.get(name))
        for name, (graded, good) in acceptance(records).items()
    )


def table_state(workspace: Workspace) -> TableState:
    """Return the tables in force and waiting.

    Raises:
        RefusedError: A file of record was changed.
    """
    approved = read_approved(workspace.workloads)
    pending = read_pending(workspace.workloads)
    published = version_in_force(workspace.pools)
    firsts = {each.tier: each for each in first_members(published.pool)} if published else {}
    rows = approved.table.rows if approved else ()
    return TableState(
        approved=approved,
        ended=tuple(row for row in rows if _has_ended(row, firsts.get(row.tier))),
        pending=pending,
        pending_sha256=table_digest(pending) if pending else None,
    )


def next_command(workspace: Workspace) -> str:
    """Return the command that leads to a table: `usage import`, `sample` or `fit`; without a pool, `status`.

    Raises:
        RefusedError: A file of record was changed.
    """
    records, published = read_records(workspace.usage), version_in_force(workspace.pools)
    if published is None:
        return workspace.command("status")
    if not records:
        return workspace.command("usage import FILE")
    fits = can_be_fitted(questions(records), first_members(published.pool))
    return workspace.command("usage fit" if fits else "usage sample")


def approve_table(
    workspace: Workspace, *, digest: str, reviewer: str, note: str, now: datetime
) -> tuple[ApprovedTable, Path]:
    """Put the waiting table in force, in the name of a person who typed its digest.

    Raises:
        UsageError: Reviewer or note is empty or a placeholder.
        RefusedError: No table waits, the digest is another one, or the pool moved since the fit.
    """
    table = read_pending(workspace.workloads)
    if table is None:
        raise RefusedError("no workload table waits for approval", hint=f"Next: `{next_command(workspace)}`.")
    check_consent(table, digest)
    check_reviewer_text("--reviewer", reviewer)
    check_reviewer_text("--note", note)
    published = published_pool(workspace)
    if published.sha256 != table.pool_sha256:
        raise RefusedError(
            f"the table was fitted for pool v{table.pool_version:04}; v{published.version:04} is in force",
            hint=f"It needs a table of its own first members. Next: `{next_command(workspace)}`.",
        )
    read_approved(workspace.workloads)
    approved = ApprovedTable(
        table=table,
        table_sha256=table_digest(table),
        reviewer=reviewer,
        note=note,
        approved_at=moment_text(now),
        previous=previous_digest(workspace.workloads),
    )
    return approved, file_approved(workspace.workloads, approved)


def _has_ended(row: WorkloadRow, firsts: BandMembers | None) -> bool:
    if firsts is None:
        return True
    serving = {"simple": firsts.simple, "medium": firsts.medium, "complex": firsts.complex}
    return (row.default, row.served_by) != (firsts.medium, serving[row.band])
