"""Compares what a database holds with what the files of record say, row by row.

Nothing is scored again: a proposal states the figures of every variant, rounded, for each evidence that its
tiers believe. What rounding hides, prices of a score, and a run without a proposal are passed over.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import Table, select

from pipeline.domain.proposal import Verdict
from pipeline.store import reviews
from pipeline.store.review_tables import DECISION, PENDING, POOL, POOL_MEMBER, PROPOSAL
from pipeline.store.reviews import crosswalk_rows, said_columns
from pipeline.store.rows import CAPTURE_REF, Row, table_rows, to_the_second
from pipeline.store.tables import (
    BOARD,
    CAPTURE,
    FINDING,
    MISSING,
    OBSERVATION,
    PRICE,
    PRUNED,
    READING,
    READING_CAPTURE,
    RUN,
    SCORE,
)

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from pipeline.domain.crosswalk import Crosswalk
    from pipeline.domain.ids import Sha256
    from pipeline.domain.pool import Pool
    from pipeline.domain.proposal import Decision, Proposal
    from pipeline.domain.run import RunRecord


_KEYS: Final[Mapping[Table, tuple[str, ...]]] = {
    READING: ("source",),
    READING_CAPTURE: ("source", "position"),
    OBSERVATION: ("source", "key", "metric", "scale"),
    PRICE: ("source", "key", "note"),
    MISSING: ("variant",),
    FINDING: ("position",),
}
"""Tables of a run whose rows are read from files and captures; scores follow from them by arithmetic."""
_OF_FILES: Final[Mapping[Table, tuple[str, ...]]] = {
    PROPOSAL: ("sha256",),
    DECISION: ("proposal_sha256",),
    POOL: ("version",),
    POOL_MEMBER: ("version", "tier", "rank"),
}
_SHOWN: Final = 80
_DERIVED: Final = frozenset({"run_id", "state"})
"""Columns that follow from other rows of the database."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RowDifference:
    """A row of the database that is not what the files say."""

    table: str
    row: str
    """Its key, e.g. `openrouter openai/gpt-5`."""
    column: str
    """Empty where the whole row is too many or missing."""
    stored: str
    expected: str

    def words(self) -> str:
        """Say where the row is, and what stands there."""
        if not self.column:
            return f"{self.table} {self.row} is {self.stored} in the database, {self.expected} in the files"
        return f"{self.table} {self.row}: {self.column} is {self.stored}, the files say {self.expected}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedRun:
    """The row of a run."""

    id: int
    crosswalk_sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRecord:
    """The files of record, each with the digest of its bytes; of a pool, of its signed part."""

    attempts: Collection[tuple[str, int]]
    """Week and attempt of every run that filed something."""
    proposals: Sequence[tuple[Proposal, Sha256]]
    decisions: Sequence[tuple[Decision, Sha256]]
    approved: Collection[Sha256]
    """Digests of the proposals that are approved still."""
    pools: Sequence[tuple[Pool, Sha256]]

    def rows(self) -> Mapping[Table, Sequence[Row]]:
        """Return the rows they are recorded as."""
        return {
            PROPOSAL: [reviews.proposal_row(one, sha256) for one, sha256 in self.proposals],
            DECISION: [reviews.decision_row(one, sha256) for one, sha256 in self.decisions],
            POOL: [reviews.pool_row(one, sha256) for one, sha256 in self.pools],
            POOL_MEMBER: [row for one, _ in self.pools for row in reviews.member_rows(one)],
        }


def run_difference(connection: Connection, run: RunRecord) -> RowDifference | None:
    """Find the first row of a recorded run that is not what its captures say; None without one.

    A run that was not recorded has no rows to compare: the next one records it.
    """
    recorded = recorded_run(connection, run)
    if recorded is None:
        return None
    left_out = frozenset() if recorded.crosswalk_sha256 == run.crosswalk.sha256 else frozenset({"variant"})
    expected = table_rows(run)
    for table, keys in _KEYS.items():
        stored = _stored_of_run(connection, table, recorded.id)
        found_first = first_difference(
            f"{table.name} of {run.week}", keys, stored, expected[table], left_out - {*keys}
        )
        if found_first is not None:
            return found_first
    return None


def recorded_run(connection: Connection, run: RunRecord) -> RecordedRun | None:
    """Find the row of a run; None where it was not recorded, or its rows were removed."""
    found = (
        select(RUN.c.id, RUN.c.crosswalk_sha256)
        .where(RUN.c.week == run.week, RUN.c.attempt == run.attempt, RUN.c.as_of == to_the_second(run.as_of))
        .where(RUN.c.sha256 != PRUNED)
        .order_by(RUN.c.id.desc())
        .limit(1)
    )
    row = connection.execute(found).first()
    return RecordedRun(id=row.id, crosswalk_sha256=row.crosswalk_sha256) if row else None


def file_difference(connection: Connection, record: FileRecord) -> RowDifference | None:
    """Find the first row about a proposal, decision or pool that its file does not say; None without one.

    A file that was not recorded yet is passed over. A decision, a pool, a withdrawal or a proposal that waits
    was recorded from a file; a superseded proposal may be gone. Of an attempt that was recorded, the file is
    one of those that were; a version that was recorded, was with all its members.
    """
    expected = record.rows()
    if changed := _edited_proposal(connection, expected[PROPOSAL]) or _find_removed(connection, record):
        return changed
    for table, keys in _OF_FILES.items():
        rows = [dict(row) for row in connection.execute(select(table)).mappings()]
        known = {_key(row, keys) for row in rows}
        if table is POOL_MEMBER:
            versions = set(connection.scalars(select(POOL.c.version)))
            known |= {_key(row, keys) for row in expected[table] if row["version"] in versions}
        said = {_key(row, keys) for row in expected[table]}
        stored = [row for row in rows if table is not PROPOSAL or _key(row, keys) in said]
        recorded = [row for row in expected[table] if _key(row, keys) in known]
        if found := first_difference(table.name, keys, stored, recorded, _DERIVED):
            return found
    return None


def _edited_proposal(connection: Connection, expected: Sequence[Row]) -> RowDifference | None:
    """Find the first file of a recorded attempt whose bytes were never recorded."""
    known: dict[object, set[str]] = {}
    for week, attempt, sha256 in connection.execute(_ATTEMPTS):
        known.setdefault((week, attempt), set()).add(sha256)
    for row in expected:
        recorded = known.get((row["week"], row["attempt"]), set())
        if recorded and row["sha256"] not in recorded:
            return RowDifference(
                table=PROPOSAL.name,
                row=f"{row['week']} attempt {row['attempt']}",
                column="sha256",
                stored=" or ".join(sorted(recorded)),
                expected=str(row["sha256"]),
            )
    return None


def _find_removed(connection: Connection, record: FileRecord) -> RowDifference | None:
    """Find a proposal that waits for a person, or a withdrawal, of which there is no file any more."""
    for week, attempt, sha256, state in connection.execute(_STATES):
        place = f"{week} attempt {attempt}"
        if state == PENDING and (week, attempt) not in record.attempts:
            return RowDifference(
                table=PROPOSAL.name, row=place, column="", stored="waiting for a decision", expected="not"
            )
        if state == Verdict.REJECTED and sha256 in record.approved:
            return RowDifference(
                table=PROPOSAL.name, row=place, column="state", stored=str(state), expected="approved"
            )
    return None


_STATES: Final = select(PROPOSAL.c.week, PROPOSAL.c.attempt, PROPOSAL.c.sha256, PROPOSAL.c.state).order_by(
    PROPOSAL.c.week, PROPOSAL.c.attempt
)
_ATTEMPTS: Final = select(PROPOSAL.c.week, PROPOSAL.c.attempt, PROPOSAL.c.sha256)


def _stored_of_run(connection: Connection, table: Table, run_id: int) -> list[Row]:
    rows = [dict(row) for row in connection.execute(select(table).where(table.c.run_id == run_id)).mappings()]
    if "capture_id" not in table.c:
        return rows
    captures = {number: (source, sha256) for number, source, sha256 in connection.execute(_CAPTURES)}
    for row in rows:
        row[CAPTURE_REF] = captures.get(row["capture_id"])
    return rows


_CAPTURES: Final = select(CAPTURE.c.id, CAPTURE.c.source, CAPTURE.c.sha256)


def first_difference(
    table: str,
    keys: tuple[str, ...],
    stored: Iterable[Row],
    expected: Iterable[Row],
    left_out: frozenset[str],
) -> RowDifference | None:
    """Find the first row, by its key, that is stored otherwise than expected; None without one.

    Args:
        table: What the difference calls the rows.
        keys: Columns that tell the rows apart.
        stored: Rows of the database.
        expected: Rows that the files say; their columns are compared.
        left_out: Columns that are not compared.
    """
    there, said = {_key(row, keys): row for row in stored}, {_key(row, keys): row for row in expected}
    unlike = (
        key
        for key in there.keys() | said.keys()
        if not _is_as_expected(there.get(key), said.get(key), left_out)
    )
    if (key := min(unlike, default=None)) is not None:
        name = " ".join(part[:_SHOWN] for part in key if part)
        if key not in there or key not in said:
            words = ("there", "not") if key in there else ("not", "there")
            return RowDifference(table=table, row=name, column="", stored=words[0], expected=words[1])
        for column in _columns(said[key], left_out):
            if there[key][column] != said[key][column]:
                return RowDifference(
                    table=table,
                    row=name,
                    column=column,
                    stored=str(there[key][column]),
                    expected=str(said[key][column]),
                )
    return None


def _is_as_expected(stored: Row | None, expected: Row | None, left_out: frozenset[str]) -> bool:
    """Return whether a row is stored as expected; one of which there is no other is not."""
    if stored is None or expected is None:
        return False
    return all(stored[column] == value for column, value in expected.items() if column not in left_out)


def _columns(row: Row, left_out: frozenset[str]) -> list[str]:
    """Name the columns to compare; a digest says only that another one differs."""
    return sorted(row.keys() - left_out, key=lambda column: (column == "sha256", column))


def _key(row: Row, keys: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"{row[name]:06}" if isinstance(row[name], int) else str(row[name]) for name in keys)


StatedScores = Mapping[tuple[str, str], tuple[str | None, str | None]]
"""Quality and dollars per task as decimal text, by evidence and variant."""
_COLUMNS = ("quality", "usd_per_task")
_HALF = 0.501
"""A stated figure is at most half a unit of its last place off; a little more for the binary fraction."""


def score_difference(connection: Connection, run: RunRecord, stated: StatedScores) -> RowDifference | None:
    """Find the first score that is not what the proposal states, or the first board that nobody published."""
    recorded = recorded_run(connection, run)
    if recorded is None:
        return None
    return _first_score(connection, run, recorded.id, stated) or _first_board(connection, run, recorded.id)


def crosswalk_difference(connection: Connection, crosswalk: Crosswalk) -> RowDifference | None:
    """Find the first live variant or judgement that is not in the files.

    Files that people edited since the last run are passed over: that run did not know them.
    """
    latest = select(RUN.c.crosswalk_sha256).order_by(RUN.c.id.desc()).limit(1)
    if connection.scalar(latest) != crosswalk.sha256:
        return None
    for table, keys, expected in crosswalk_rows(crosswalk):
        live = table.c.superseded_at.is_(None)
        names = said_columns(table)
        stored = connection.execute(select(*(table.c[name] for name in names)).where(live)).all()
        if set(map(tuple, stored)) == {tuple(row[name] for name in names) for row in expected}:
            continue
        rows = [dict(zip(names, row, strict=True)) for row in stored]
        return first_difference(table.name, keys, rows, expected, frozenset())
    return None


def _first_score(
    connection: Connection, run: RunRecord, recorded: int, stated: StatedScores
) -> RowDifference | None:
    columns = (SCORE.c.evidence, SCORE.c.variant, SCORE.c.quality, SCORE.c.usd_per_task)
    rows = connection.execute(select(*columns).where(SCORE.c.run_id == recorded))
    stored = {(row[0], row[1]): (row[2], row[3]) for row in rows}
    if not stored:
        return None  # it was never scored here
    for key in sorted(stated):
        found = stored.get(key, (None, None))
        for column, there, said in zip(_COLUMNS, found, stated[key], strict=True):
            if not _is_stated(there, said):
                return RowDifference(
                    table=f"score of {run.week}",
                    row=" ".join(key),
                    column=column,
                    stored=str(there),
                    expected=str(said),
                )
    return None


def _is_stated(stored: float | None, said: str | None) -> bool:
    if stored is None or said is None:
        return stored is None and said is None
    places = len(said.partition(".")[2])
    return abs(stored - float(said)) <= _HALF / 10.0**places


def _first_board(connection: Connection, run: RunRecord, recorded: int) -> RowDifference | None:
    published = {
        (str(observation.metric), observation.scale, observation.value)
        for reading in run.readings
        for observation in reading.observations
    }
    columns = (BOARD.c.metric, BOARD.c.scale, BOARD.c.published, BOARD.c.evidence, BOARD.c.variant)
    found = connection.execute(select(*columns).where(BOARD.c.run_id == recorded).order_by(*columns))
    for metric, scale, value, evidence, variant in found:
        if (metric, scale, value) not in published:
            return RowDifference(
                table=f"board of {run.week}",
                row=f"{evidence} {variant} {metric}",
                column="published",
                stored=str(value),
                expected="no such figure",
            )
    return None
