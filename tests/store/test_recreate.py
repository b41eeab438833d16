"""A database that cannot be used is set aside; one that can is kept."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from pipeline.errors import RefusedError
from pipeline.store.database import Database, open_database
from pipeline.store.database_file import recreate_database, set_aside
from pipeline.store.driver import UnusableError
from tests.store.conftest import Records, contents

if TYPE_CHECKING:
    from pathlib import Path


def test_a_broken_file_is_set_aside_and_a_new_one_is_made(url: str, file: Path) -> None:
    file.parent.mkdir()
    file.write_bytes(b"broken" * 1000)
    with recreate_database(url) as database:
        assert database.is_empty()
    assert file.with_name("pipeline.sqlite.broken").read_bytes() == b"broken" * 1000


def test_a_folder_in_its_place_is_named_and_set_aside(url: str, file: Path) -> None:
    file.mkdir(parents=True)
    with pytest.raises(UnusableError, match="a folder is in its place"):
        open_database(url)
    with recreate_database(url) as database:
        assert database.is_empty()
    assert file.with_name(f"{file.name}.broken").is_dir()


def test_a_journal_is_set_aside_with_its_file(url: str, file: Path) -> None:
    file.parent.mkdir()
    file.write_bytes(b"broken")
    journal = file.with_name("pipeline.sqlite-journal")
    journal.write_bytes(b"old")
    assert set_aside(url) == file.with_name("pipeline.sqlite.broken")
    assert not journal.exists()
    assert file.with_name("pipeline.sqlite.broken-journal").read_bytes() == b"old"


def test_a_file_of_a_newer_program_is_set_aside_too(url: str, file: Path) -> None:
    open_database(url).__exit__()
    with closing(sqlite3.connect(file)) as other, other:
        other.execute("UPDATE alembic_version SET version_num = '9999'")
    with recreate_database(url) as database:
        assert database.is_empty()
    assert file.with_name("pipeline.sqlite.broken").exists()


def _swap_index(file: Path, old: str, new: str) -> None:
    with closing(sqlite3.connect(file)) as other, other:
        other.execute("PRAGMA writable_schema=ON")
        swap = "UPDATE sqlite_master SET sql = replace(sql, ?, ?) WHERE name = 'ix_run_week_attempt'"
        assert other.execute(swap, (old, new)).rowcount == 1


def test_an_index_that_contradicts_its_table_is_found(url: str, file: Path, records: Records) -> None:
    """The quick check at every opening compares no index with its table; a rebuild does."""
    open_database(url).__exit__()
    _swap_index(file, "week, attempt", "week, outcome")
    with open_database(url) as database:
        database.record_run(records.run("2026-W33", {"alpha": 1400}))
    _swap_index(file, "week, outcome", "week, attempt")
    with open_database(url) as unnoticed:
        assert not unnoticed.is_empty()
    with recreate_database(url) as new:
        assert new.is_empty()


def test_a_sound_desk_is_opened_as_it_is(database: Database, url: str, file: Path, records: Records) -> None:
    database.record_run(records.run("2026-W33", {"alpha": 1400}))
    with recreate_database(url) as same:
        assert contents(same) == contents(database)
    assert not file.with_name("pipeline.sqlite.broken").exists()


def test_a_file_of_something_else_is_never_touched(url: str, file: Path) -> None:
    file.parent.mkdir()
    with closing(sqlite3.connect(file)) as other:
        other.execute("CREATE TABLE customers (name)")
    with pytest.raises(RefusedError, match="something else"):
        recreate_database(url)
    assert [path.name for path in file.parent.iterdir()] == ["pipeline.sqlite"]


def test_a_desk_that_is_locked_is_not_set_aside(database: Database, url: str, file: Path) -> None:
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(RefusedError, match="another modelpool command"):
            recreate_database(url, wait_seconds=0)
    assert not file.with_name("pipeline.sqlite.broken").exists()


@pytest.mark.parametrize("url", ["sqlite:////nowhere/at/all.sqlite", "postgresql://host/name"])
def test_where_there_is_no_file_nothing_is_set_aside(url: str) -> None:
    assert set_aside(url) is None
