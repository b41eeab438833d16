"""The log notices what somebody did to it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.store.database import Database
    from tests.store.conftest import Records


@pytest.fixture
def written(database: Database, records: Records) -> Database:
    """A database with a log of eight lines."""
    run = records.run("2026-W33", {"alpha": 1400})
    database.record_crosswalk(run.crosswalk, at=run.as_of)
    database.record_run(run)
    records.publish(database, records.pool(1, "2026-W33", {"frugal": ("alpha",)}))
    database.record_run(records.run("2026-W34", {"alpha": 1410}))
    return database


def _tamper(file: Path, *statements: str) -> None:
    """Change the file as somebody would who wants to: no constraint is in the way."""
    with closing(sqlite3.connect(file)) as other, other:
        other.execute("PRAGMA ignore_check_constraints=ON")
        for statement in statements:
            assert other.execute(statement).rowcount == 1


def test_the_log_names_what_was_recorded_in_order(written: Database) -> None:
    log = written.audit()
    assert [(line.sequence, line.kind) for line in log] == [
        (1, "crosswalk"),
        (2, "run"),
        (3, "results"),
        (4, "proposal"),
        (5, "decision"),
        (6, "pool"),
        (7, "run"),
        (8, "results"),
    ]
    assert [line.previous for line in log] == [None, *(line.sha256 for line in log[:-1])]
    assert written.verify_audit()


@pytest.mark.parametrize("sequence", range(1, 9))
@pytest.mark.parametrize(
    "change",
    [
        "kind = 'other'",
        "subject = '" + "a" * 64 + "'",
        "at = '2020-01-01 00:00:00.000000'",
        "sha256 = '" + "b" * 64 + "'",
        "previous = '" + "b" * 64 + "'",
        "sequence = sequence + 100",
    ],
)
def test_an_edited_line_is_noticed(written: Database, file: Path, sequence: int, change: str) -> None:
    _tamper(file, f"UPDATE audit SET {change} WHERE sequence = {sequence}")  # noqa: S608 - from the table above
    assert not written.verify_audit()


@pytest.mark.parametrize("sequence", range(1, 9))
def test_a_removed_line_is_noticed_even_at_the_end(written: Database, file: Path, sequence: int) -> None:
    _tamper(file, f"DELETE FROM audit WHERE sequence = {sequence}")  # noqa: S608 - a number
    assert not written.verify_audit()


def test_two_lines_that_changed_places_are_noticed(written: Database, file: Path) -> None:
    _tamper(
        file,
        "UPDATE audit SET sequence = 99 WHERE sequence = 3",
        "UPDATE audit SET sequence = 3 WHERE sequence = 4",
        "UPDATE audit SET sequence = 4 WHERE sequence = 99",
    )
    assert not written.verify_audit()


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO pool VALUES (2, '" + "c" * 64 + "', '2026-W34', '2026-08-22', '2026-09-19')",
        "UPDATE run SET sha256 = '" + "c" * 64 + "' WHERE id = 2",
        "DELETE FROM decision",
    ],
)
def test_what_the_desk_holds_and_the_log_does_not_say_is_noticed(
    written: Database, file: Path, statement: str
) -> None:
    _tamper(file, statement)
    assert not written.verify_audit()


def test_an_empty_log_is_whole(database: Database) -> None:
    assert database.is_empty()
    assert database.audit() == ()
    assert database.verify_audit()
