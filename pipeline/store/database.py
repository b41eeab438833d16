"""Records what happened and answers what was. Nothing here decides anything."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Self

from sqlalchemy import exists, select

from pipeline.domain.proposal import Verdict
from pipeline.store import comparison, reviews, runs
from pipeline.store.driver import READS_ONLY, connect, make_folder, place_of, read_url, translate_errors
from pipeline.store.migrate import HEAD, schema_revision, to_head
from pipeline.store.review_tables import POOL, PROPOSAL, VARIANT
from pipeline.store.tables import METADATA, RUN

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from datetime import datetime

    from sqlalchemy.engine import Connection, Engine

    from pipeline.domain.crosswalk import Crosswalk
    from pipeline.domain.ids import Sha256
    from pipeline.domain.pool import Pool
    from pipeline.domain.proposal import Decision, Proposal
    from pipeline.domain.run import RunRecord
    from pipeline.store.comparison import FileRecord, RowDifference, StatedScores


class DatabaseConnection:
    """A context manager over one database; transactions inside one another are one."""

    def __init__(self, engine: Engine, place: str) -> None:
        """Keep the engine; the first transaction opens a connection."""
        self._engine = engine
        self._place = place
        self._current: Connection | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._engine.dispose()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Make everything recorded inside one transaction: all of it is kept, or none.

        Raises:
            RefusedError: Another command is writing, or the database cannot be written.
        """
        with self._writing():
            yield

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        if self._current is not None:
            with translate_errors(self._place), self._current.begin_nested():
                yield self._current
            return
        with translate_errors(self._place), self._engine.begin() as connection:
            self._current = connection
            try:
                yield connection
            finally:
                self._current = None

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        if self._current is not None:
            yield self._current
            return
        with translate_errors(self._place), self._engine.connect() as connection:
            yield connection.execution_options(**{READS_ONLY: True})


WAIT_SECONDS = 5.0
"""How long a writer waits for another; a run holds the lock for less than a second."""


def open_database(url: str, *, wait_seconds: float = WAIT_SECONDS, thorough: bool = False) -> Database:
    """Open the database, creating or upgrading its tables; use the result in a `with` statement.

    Args:
        url: `sqlite:///path` or `postgresql://...`; a SQLite file and its folder are made when absent.
        wait_seconds: How long to wait for another writer before refusing.
        thorough: Also compare every index with its table; without it 76 MB are checked in 0.2 s.

    Raises:
        UsageError: The URL cannot be read or its driver is not installed.
        RefusedError: The file is corrupt, not ours, newer than this program, locked or not writable.
    """
    address = read_url(url)
    place = place_of(address)
    if address.get_backend_name() == "sqlite":
        make_folder(address)
    engine = connect(address, wait_seconds=wait_seconds)
    try:
        to_head(address, engine, wait_seconds=wait_seconds, thorough=thorough)
    except BaseException:
        engine.dispose()
        raise
    return Database(engine, place)


def read_schema(url: str, *, wait_seconds: float = WAIT_SECONDS) -> tuple[str | None, str]:
    """Return the revision of a database that exists, and the newest one; nothing is made or upgraded.

    Raises:
        UsageError: The URL cannot be read or its driver is not installed.
        RefusedError: The database is corrupt, not ours, newer than this program, or cannot be reached.
    """
    address = read_url(url)
    engine = connect(address, wait_seconds=wait_seconds)
    try:
        return schema_revision(address, engine), HEAD
    finally:
        engine.dispose()


class Database(DatabaseConnection):
    """The database, as far as other rooms need it.

    Each `record_...` is one transaction, complete or not at all, and changes nothing when it is
    repeated. Inside `transaction()` they are parts of one transaction.
    """

    def is_empty(self) -> bool:
        """Return whether nothing was ever recorded."""
        with self._reading() as connection:
            tables = (RUN, PROPOSAL, POOL, VARIANT)
            return not any(connection.scalar(select(exists(table.select()))) for table in tables)

    def clear(self) -> None:
        """Remove every row; in one `transaction()` with what is recorded again, so that neither is lost."""
        with self._writing() as connection:
            for table in reversed(METADATA.sorted_tables):
                connection.execute(table.delete())

    def record_crosswalk(self, crosswalk: Crosswalk, *, at: datetime) -> None:
        """Keep variants and judgements; what changed or is gone is superseded at `at`."""
        with self._writing() as connection:
            reviews.record_crosswalk(connection, crosswalk, at=at)

    def record_run(self, run: RunRecord) -> None:
        """Keep a run, before its proposal; see `pipeline.store.runs.record_run` for a repeated attempt."""
        with self._writing() as connection:
            runs.record_run(connection, run)

    def remove_rows(self, attempts: Collection[tuple[str, int]]) -> int:
        """Remove the rows of some runs and return how many there were."""
        with self._writing() as connection:
            return runs.remove_rows(connection, attempts)

    def record_proposal(self, proposal: Proposal, *, proposal_sha256: Sha256) -> None:
        """Keep a proposal as pending; undecided earlier ones become superseded."""
        with self._writing() as connection:
            reviews.record_proposal(connection, proposal, sha256=proposal_sha256)

    def record_decision(self, decision: Decision, *, decision_sha256: Sha256) -> None:
        """Keep a decision about a proposal that was recorded.

        Raises:
            RefusedError: The proposal is unknown, has another pool, or has another decision.
        """
        with self._writing() as connection:
            reviews.record_decision(connection, decision, sha256=decision_sha256)

    def record_withdrawal(self, proposal_sha256: Sha256) -> None:
        """Keep that the approval of a proposal was withdrawn."""
        with self._writing() as connection:
            reviews.record_withdrawal(connection, proposal_sha256)

    def pending_attempt(self) -> tuple[str, int] | None:
        """Return week and attempt of the proposal that waits for a decision, as far as is recorded."""
        with self._reading() as connection:
            return reviews.pending_attempt(connection)

    def is_rejected(self, proposal_sha256: Sha256) -> bool:
        """Return whether a proposal was rejected, or its approval withdrawn, as far as is recorded."""
        with self._reading() as connection:
            return reviews.state_of(connection, proposal_sha256) == Verdict.REJECTED.value

    def record_pool(self, pool: Pool, *, pool_sha256: Sha256) -> None:
        """Keep a published version.

        Raises:
            RefusedError: The version was recorded with other content.
        """
        with self._writing() as connection:
            reviews.record_pool(connection, pool, sha256=pool_sha256)

    def proposals_of(self, week: str, attempt: int) -> frozenset[Sha256]:
        """Return the digests of every proposal.json recorded for an attempt; empty: not known here."""
        with self._reading() as connection:
            return reviews.proposals_of(connection, week, attempt)

    def attempts(self) -> frozenset[tuple[str, int]]:
        """Return the weeks and attempts of which a run is recorded."""
        with self._reading() as connection:
            return runs.attempts(connection)

    def document_digests(self) -> frozenset[Sha256]:
        """Return the digests of every proposal.json and decision.json that was recorded."""
        with self._reading() as connection:
            return reviews.document_digests(connection)

    def decisions_about(self, proposal_sha256: Sha256) -> frozenset[Sha256]:
        """Return the digests of every decision.json recorded about a proposal; empty: not known here."""
        with self._reading() as connection:
            return reviews.decisions_about(connection, proposal_sha256)

    def run_difference(self, run: RunRecord) -> RowDifference | None:
        """Find the first row of a run that is not what its captures say; scores are not looked at."""
        with self._reading() as connection:
            return comparison.run_difference(connection, run)

    def score_difference(self, run: RunRecord, stated: StatedScores) -> RowDifference | None:
        """Find the first score of a run that its proposal does not state, or board that nobody published."""
        with self._reading() as connection:
            return comparison.score_difference(connection, run, stated)

    def crosswalk_difference(self, crosswalk: Crosswalk) -> RowDifference | None:
        """Find the first live variant or judgement that is not in the files, as the last run read them."""
        with self._reading() as connection:
            return comparison.crosswalk_difference(connection, crosswalk)

    def file_difference(self, record: FileRecord) -> RowDifference | None:
        """Find the first row about a proposal, decision or pool that is not what its file says."""
        with self._reading() as connection:
            return comparison.file_difference(connection, record)
