"""Checks the files of record against each other, and what the database holds of them."""

from __future__ import annotations

import shlex
from operator import attrgetter
from typing import TYPE_CHECKING

from pipeline.domain.calendar import read_moment
from pipeline.domain.escape import escape_text
from pipeline.domain.run_inputs import InputKind, inputs_of
from pipeline.errors import RefusedError, UsageError
from pipeline.flow.approval.stale_proposal import refuse_if_stale, waits_to_be_published
from pipeline.flow.record.run_log import logged_decisions
from pipeline.publish.versions import POINTER, file_bytes, later_files
from pipeline.regular_file import read_file
from pipeline.review.proposals.documents import place_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pipeline.flow.record.record_files import RecordFiles
    from pipeline.publish.versions import PublishedVersion
    from pipeline.review.decisions.chain import DecidedAttempt
    from pipeline.review.proposals.proposal_store import StoredProposal
    from pipeline.settings import Settings
    from pipeline.store.comparison import RowDifference
    from pipeline.workspace import Workspace


class AlteredRecordError(RefusedError):
    """The files of record contradict each other, or the database contradicts them."""


def approvals(record: RecordFiles) -> tuple[tuple[PublishedVersion, DecidedAttempt | None], ...]:
    """List every published version with the decision behind it, the newest first.

    Raises:
        RefusedError: A decision or a decided proposal was edited.
    """
    decided = sorted(record.chain.decided, key=attrgetter("is_approved"))
    filed = {one.decision.pool_sha256: one for one in decided}
    return tuple((version, filed.get(version.sha256)) for version in reversed(record.versions))


def verify_record(record: RecordFiles, filed: Iterable[StoredProposal] = ()) -> None:
    """Check the chain of decisions against the heads inside the published pools.

    Args:
        record: Whose chain.
        filed: Proposals that name the answers they were made under: those are in the chain, too.

    Raises:
        RefusedError: A decision was edited, cut or reordered.
    """
    heads = [version.pool.audit_head for version in record.versions]
    under = [line.sha256 for one in filed for line in inputs_of(one.proposal.inputs, InputKind.ANSWERS)]
    record.chain.verify([head for head in (*heads, *under) if head])


def check_files(record: RecordFiles, settings: Settings) -> str:
    """Check what `status` and `verify` both rely on: pointer, approvals, decisions, and their rows.

    Returns:
        Why the database could not be asked; empty where it was, or there is none.

    Raises:
        AlteredRecordError: A version lies beyond the pointer, has no approval, or a row says something else.
        RefusedError: A file of record is damaged.
    """
    _refuse_later_files(record)
    workspace, filed = record.workspace, record.reviews.proposals
    verify_record(record, filed)
    refuse_lost_decisions(record)
    if settings.database_url is None and not workspace.database.exists():
        return ""
    from pipeline.flow.record.database import database_copy
    from pipeline.store.comparison import FileRecord

    written = FileRecord(
        attempts=frozenset(map(place_of, record.reviews.attempts)),
        approved=frozenset(one.sha256 for one in filed if one.is_approved),
        proposals=[(one.proposal, one.sha256) for one in filed],
        decisions=[
            (one.decision, one.decision_sha256) for one in filed if one.decision and one.decision_sha256
        ],
        pools=[(one.pool, one.sha256) for one in record.versions],
    )
    try:
        with database_copy(workspace, settings) as database:
            found = database.file_difference(written)
    except RefusedError as error:
        return f"{error}. {error.hint}"
    refuse_difference(workspace, found)
    return ""


def refuse_difference(workspace: Workspace, found: RowDifference | None) -> None:
    """Refuse a row of the database that the files do not say.

    Raises:
        AlteredRecordError: There is one.
    """
    if found is not None:
        raise AlteredRecordError(
            f"the database and the files differ: {escape_text(found.words())}", hint=rebuild_hint(workspace)
        )


def rebuild_hint(workspace: Workspace) -> str:
    """Explain how to get the files back, and how the database follows them."""
    return (
        "`git checkout -- data/pools reviews` restores files that were changed; where the files are right, "
        f"`{workspace.command('rebuild')}` fills the database anew from them."
    )


def _refuse_later_files(record: RecordFiles) -> None:
    workspace, latest = record.workspace, record.in_force
    beyond = later_files(workspace.pools, latest.version if latest else 0)
    if not beyond:
        return
    pointed = f"names v{latest.version:04}" if latest else "is missing"
    found, restores = (
        f"latest.json {pointed}, but {', '.join(beyond)} lies beside it",
        "`git checkout -- data/pools`",
    )
    if _is_cut_off(record, beyond):
        raise AlteredRecordError(
            f"{found}: its publication was cut off, or latest.json was moved back",
            hint=f"`{workspace.command('publish')}` completes what was approved; {restores} restores a "
            "pointer that was moved back.",
        )
    files = shlex.join(str(workspace.pools / name) for name in beyond)
    raise AlteredRecordError(
        f"{found}, and nothing that is approved and waits can put it in force",
        hint=f"{restores} restores a pointer that was moved back. What git does not know was cut off before "
        f"something moved, or written by somebody else; remove it: `rm {files}`.",
    )


def _is_cut_off(record: RecordFiles, beyond: tuple[str, ...]) -> bool:
    """Return whether publishing what is approved would complete the files after the one in force."""
    waits = waits_to_be_published(record)
    if waits is None or waits.decision is None or len(beyond) > 1:
        return False
    try:
        refuse_if_stale(record, waits, now=read_moment(waits.decision.decided_at))
        return read_file(record.workspace.pools / beyond[0]) == file_bytes(waits.proposal.pool)
    except (RefusedError, UsageError, OSError):
        return False


def _refuse_without_approval(version: PublishedVersion, approval: DecidedAttempt | None) -> None:
    if approval is None or not approval.is_approved:
        raise AlteredRecordError(
            f"v{version.version:04} has no matching approval in reviews/",
            hint=f"Look who wrote it: `git log -p -- data/pools/v{version.version:04}.json`; "
            "`git checkout -- reviews` restores an approval that was deleted.",
        )


def refuse_lost_decisions(record: RecordFiles) -> None:
    """Refuse while a decision is gone: a rejection would not count, and the chain would fork.

    Raises:
        AlteredRecordError: A version in force has no approval, or a file that this machine filed is gone.
        RefusedError: A file of record is damaged.
    """
    for version, approval in approvals(record):
        _refuse_without_approval(version, approval)
    for one in logged_decisions(record.workspace.log):
        file = record.workspace.reviews / one.file
        if not record.reviews.has(file):
            raise AlteredRecordError(
                f"{file}, which {escape_text(one.reviewer)} filed at {one.at}, is gone",
                hint=f"Restore it: `git checkout -- {shlex.quote(str(file))}`; if it was removed on purpose, "
                f"`{record.workspace.command('rebuild')}` forgets it.",
            )


def refuse_missing_versions(record: RecordFiles) -> None:
    """Refuse where no pool was ever published; a lost file is left to those who read it.

    A proposal that starts from a version shows that there was one.

    Raises:
        RefusedError: No file of a pool is here, and no proposal on record starts from a version.
    """
    workspace = record.workspace
    if (workspace.pools / POINTER).exists() or any(workspace.pools.glob("v*.json")):
        return
    filed = record.reviews.proposals
    if any(one.proposal.pool.base for one in filed):
        return
    hint = _next_step(filed) if workspace.policy.is_file() else f"Write {workspace.policy} first."
    raise RefusedError(f"nothing is published yet in {workspace.pools}", hint=hint)


def _next_step(filed: Sequence[StoredProposal]) -> str:
    """Say what leads to a first version from here."""
    if any(one.is_approved for one in filed):
        return "`modelpool publish` publishes what was approved."
    if any(one.decision is None for one in filed):
        return "`modelpool review` shows the proposal that waits for an approval."
    return "`modelpool run` proposes the first pool."
