"""Opens the database of a workspace, and lets it follow the files that were just written."""

from __future__ import annotations

import shlex
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from pipeline.errors import PipelineError, RefusedError
from pipeline.identity.crosswalk.load import load_crosswalk
from pipeline.review.proposals.documents import DECISION, PROPOSAL, WITHDRAWAL, folder_name, place_of
from pipeline.store.database import Database, open_database
from pipeline.store.database_file import compact_sqlite, copy_sqlite
from pipeline.store.driver import UnusableError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from datetime import datetime

    from pipeline.domain.ids import Sha256
    from pipeline.flow.record.record_files import RecordFiles
    from pipeline.review.proposals.proposal_store import Reviews, StoredProposal
    from pipeline.settings import Settings
    from pipeline.workspace import Workspace


def database_url(workspace: Workspace, settings: Settings) -> str:
    """Return the operator's database address, or the SQLite file of the workspace."""
    if settings.database_url is not None:
        return settings.database_url
    workspace.database.parent.mkdir(parents=True, exist_ok=True)
    return f"sqlite:///{workspace.database}"


def database_warning(error: Exception) -> str:
    """Warn that the database does not follow for now, although the command did its work."""
    unusable = isinstance(error, UnusableError)
    again = "`modelpool rebuild` makes it anew" if unusable else "the next `modelpool run` fills it"
    return f"the database does not know of it yet: {error}. Files are the record; {again} from them"


class DatabaseMirror:
    """The database beside a decision: compared before it, updated after it; its failures are warnings.

    Files are the record. What the database cannot be told now is a warning, and the next command tells it.
    """

    def __init__(self, workspace: Workspace, database: Database | None) -> None:
        """Keep the open database; None where there is none, or none that can be used."""
        self._workspace = workspace
        self._database = database
        self._warnings: list[str] = []

    @property
    def warnings(self) -> tuple[str, ...]:
        """What went wrong with the database so far, in words."""
        return tuple(self._warnings)

    def warn(self, error: Exception) -> None:
        """Keep a failure of the database as a warning, once."""
        if not self._warnings:
            self._warnings.append(database_warning(error))

    def refuse_if_edited(self, found: StoredProposal) -> None:
        """Refuse a proposal or a decision whose bytes are not those that were recorded.

        How large a proposal is stands only in its file. A database that does not know the attempt, or cannot
        be read, has nothing to compare with.

        Raises:
            RefusedError: They differ.
        """
        if self._database is None:
            return
        try:
            known = self._database.proposals_of(found.proposal.week, found.proposal.attempt)
            decided = self._database.decisions_about(found.sha256)
            withdrawn = found.is_approved and self._database.is_rejected(found.sha256)
        except (PipelineError, OSError) as error:
            self.warn(error)
            return
        again = f"`{self._workspace.command(f'run --week {found.proposal.week}')}` proposes anew"
        _compare(found.folder / PROPOSAL, found.sha256, known, ("what the run wrote", again))
        if decided and found.decision_sha256 is None:
            gone = found.folder / DECISION
            raise RefusedError(
                f"{found.folder} was decided, and {gone} is gone",
                hint=f"Restore it: `git checkout -- {shlex.quote(str(gone))}`; or {again}.",
            )
        if found.decision_sha256 is not None:
            _compare(found.folder / DECISION, found.decision_sha256, decided, ("what was decided", again))
        if withdrawn:
            gone = found.folder / WITHDRAWAL
            raise RefusedError(
                f"the approval of {found.folder} was withdrawn, and {gone} is gone",
                hint=f"Restore it: `git checkout -- {shlex.quote(str(gone))}`; or {again}.",
            )

    def refuse_if_removed(self, record: RecordFiles) -> None:
        """Refuse to decide while the proposal that waits is gone: an earlier one would stand in its place.

        Raises:
            RefusedError: The database knows a proposal that waits, and there is no file of it.
        """
        try:
            waiting = self._database.pending_attempt() if self._database else None
        except (PipelineError, OSError) as error:
            self.warn(error)
            return
        if waiting and waiting not in map(place_of, record.reviews.attempts):
            folder = self._workspace.reviews / folder_name(*waiting)
            raise RefusedError(
                f"{folder} waits for a decision, and is gone",
                hint=f"Restore it: `git checkout -- {shlex.quote(str(folder))}`; if it was removed on "
                f"purpose, `{self._workspace.command('rebuild')}` forgets it.",
            )

    def remove_rows(self, attempts: Collection[tuple[str, int]]) -> None:
        """Remove the rows of runs by week and attempt; what cannot be removed now is a warning."""
        if self._database is None:
            return
        try:
            if self._database.remove_rows(attempts) and self._workspace.database.exists():
                compact_sqlite(self._workspace.database)
        except (PipelineError, OSError) as error:
            self._warnings.append(f"the database is as large as it was: {error}. Prune again later")

    def update(self, record: RecordFiles, *, names_at: datetime | None = None) -> None:
        """Record the latest documents; an empty database is filled by the next run.

        Args:
            record: The files of record, read after the last of them was written.
            names_at: When the command wrote judgements, which are recorded too; None where it wrote none.
        """
        if self._database is None:
            return
        try:
            if not self._database.is_empty():
                record_documents(self._database, record, leave_damaged_out=True)
                if names_at is not None:
                    self._database.record_crosswalk(load_crosswalk(self._workspace.crosswalk), at=names_at)
        except (PipelineError, OSError) as error:
            self.warn(error)


@contextmanager
def database_mirror(workspace: Workspace, settings: Settings) -> Iterator[DatabaseMirror]:
    """Open the database for a decision; one that cannot be opened is a warning."""
    if settings.database_url is None and not workspace.database.exists():
        yield DatabaseMirror(workspace, None)
        return
    try:
        database = open_database(database_url(workspace, settings))
    except (PipelineError, OSError) as error:
        mirror = DatabaseMirror(workspace, None)
        mirror.warn(error)
        yield mirror
        return
    with database:
        yield DatabaseMirror(workspace, database)


def _compare(file: Path, found: str, known: frozenset[Sha256], words: tuple[str, str]) -> None:
    written, again = words
    if known and found not in known:
        raise RefusedError(
            f"{file} differs from {written}: it is {found[:8]}, not "
            f"{', '.join(sorted(digest[:8] for digest in known))}",
            hint=f"Restore it: `git checkout -- {shlex.quote(str(file))}`; or {again}, for another review.",
        )


def record_documents(
    database: Database, record: RecordFiles, *, leave_damaged_out: bool = False
) -> tuple[int, int]:
    """Record proposals, decisions and pools from the files; returns how many decisions and pools there are.

    Files that were recorded byte for byte are not read again. A proposal with other bytes than were recorded
    of its attempt was edited: it is not recorded, so that whoever decides about it, or asks, is told.

    Args:
        database: Where to record.
        record: The files.
        leave_damaged_out: Record what else there is where a file is broken; `status` names that file.

    Raises:
        RefusedError: A file that was not recorded yet is broken or edited.
    """
    reviews, published, decisions = record.reviews, record.versions, 0
    with database.transaction():
        known = database.document_digests()
        for folder in reviews.attempts:
            if reviews.is_heartbeat(folder):
                continue
            decisions += reviews.has(folder / DECISION)
            try:
                found = _to_record(reviews, folder, known)
            except RefusedError:
                if not leave_damaged_out:
                    raise
                continue
            if found:
                _record(database, found)
        for version in published:
            database.record_pool(version.pool, pool_sha256=version.sha256)
    return decisions, len(published)


def _to_record(reviews: Reviews, folder: Path, known: frozenset[Sha256]) -> StoredProposal | None:
    """Return a filed proposal unless all of it is recorded; a withdrawal has no digest in the database.

    Raises:
        RefusedError: A file of it is broken or edited.
    """
    files = (folder / PROPOSAL, folder / DECISION)
    is_known = {reviews.digest_of(file) for file in files if file is files[0] or reviews.has(file)} <= known
    return None if is_known and not reviews.has(folder / WITHDRAWAL) else reviews.proposal(folder)


def _record(database: Database, found: StoredProposal) -> None:
    known = database.proposals_of(found.proposal.week, found.proposal.attempt)
    if known and found.sha256 not in known:
        return
    database.record_proposal(found.proposal, proposal_sha256=found.sha256)
    if found.decision and found.decision_sha256:
        database.record_decision(found.decision, decision_sha256=found.decision_sha256)
    if found.withdrawal:
        database.record_withdrawal(found.sha256)


@contextmanager
def database_copy(workspace: Workspace, settings: Settings) -> Iterator[Database]:
    """Open a copy of the workspace's database, or the one elsewhere, so that a question changes nothing."""
    if settings.database_url is not None:
        with open_database(settings.database_url) as database:
            yield database
        return
    with TemporaryDirectory(prefix="modelpool-") as folder:
        copy = Path(folder) / "database.sqlite"
        if workspace.database.exists():
            copy_sqlite(workspace.database, copy)
        with open_database(f"sqlite:///{copy}") as database:
            yield database
