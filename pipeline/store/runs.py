"""Writes one run, complete or not at all, and removes the rows of old ones."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from sqlalchemy import delete, select, update

from pipeline.store.review_tables import PROPOSAL
from pipeline.store.rows import CAPTURE_REF, Row, add, capture_rows, digest_of, head_row, table_rows
from pipeline.store.tables import CAPTURE, METADATA, PRUNED, RUN

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from sqlalchemy.engine import Connection

    from pipeline.domain.run import RunRecord


def record_run(connection: Connection, run: RunRecord) -> None:
    """Write a run, unless the last run of its attempt is the same, row by row.

    A run that was begun again under the same attempt (after a crash, with another policy) is a run
    of its own. The last one recorded stands for the attempt; the one behind a proposal stays bound
    to it whatever is recorded later.

    Raises:
        ValueError: A number names a capture that the run does not hold.
    """
    head, captures, tables = head_row(run), capture_rows(run), table_rows(run)
    sha256 = digest_of(chain((head,), captures, *tables.values()))
    last = (
        select(RUN.c.sha256)
        .where(RUN.c.week == run.week, RUN.c.attempt == run.attempt)
        .order_by(RUN.c.id.desc())
        .limit(1)
    )
    if connection.scalar(last) == sha256:
        return
    run_id = _run_number(connection, {**head, "sha256": sha256})
    numbers = _numbers(connection, captures)
    for table, rows in tables.items():
        add(connection, table, [_with_numbers(row, run_id, numbers) for row in rows])
    connection.execute(
        update(PROPOSAL)
        .where(PROPOSAL.c.week == run.week, PROPOSAL.c.attempt == run.attempt)
        .where(PROPOSAL.c.as_of == head["as_of"], PROPOSAL.c.run_id.is_(None))
        .values(run_id=run_id)
    )


def attempts(connection: Connection) -> frozenset[tuple[str, int]]:
    """Return the weeks and attempts of which a run is recorded."""
    found = connection.execute(select(RUN.c.week, RUN.c.attempt).distinct())
    return frozenset((week, attempt) for week, attempt in found)


def remove_rows(connection: Connection, attempts: Collection[tuple[str, int]]) -> int:
    """Remove what runs of some weeks and attempts were given and scored; that they ran stays (`PRUNED`).

    Returns:
        How many rows went.
    """
    removed = 0
    for week, attempt in attempts:
        of_attempt = (RUN.c.week == week) & (RUN.c.attempt == attempt)
        runs = select(RUN.c.id).where(of_attempt)
        for table in reversed(METADATA.sorted_tables):
            if "run_id" in table.c and table is not PROPOSAL:
                removed += connection.execute(delete(table).where(table.c.run_id.in_(runs))).rowcount
        connection.execute(update(RUN).where(of_attempt).values(sha256=PRUNED))
    return removed


def _run_number(connection: Connection, head: Row) -> int:
    key = connection.execute(RUN.insert().values(head)).inserted_primary_key
    if key is None:
        raise ValueError("the database gave the run no number")
    return int(key[0])


def _numbers(connection: Connection, captures: Sequence[Row]) -> dict[object, int]:
    """Write the captures that are new and return the number of each, by (source, digest)."""
    digests = [row["sha256"] for row in captures]
    stored = select(CAPTURE.c.source, CAPTURE.c.sha256, CAPTURE.c.id).where(CAPTURE.c.sha256.in_(digests))
    known = {(source, sha256) for source, sha256, _ in connection.execute(stored)}
    add(connection, CAPTURE, [row for row in captures if (row["source"], row["sha256"]) not in known])
    return {(source, sha256): number for source, sha256, number in connection.execute(stored)}


def _with_numbers(row: Row, run_id: int, numbers: Mapping[object, int]) -> Row:
    numbered = {"run_id": run_id, **row}
    if CAPTURE_REF in row:
        reference = numbered.pop(CAPTURE_REF)
        if reference not in numbers:
            raise ValueError(f"the run does not hold capture {reference}, which {row} names")
        numbered["capture_id"] = numbers[reference]
    return numbered
