"""How the database is opened, and what an operator reads when it cannot be."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import create_engine, text

from pipeline.errors import RefusedError, UsageError
from pipeline.store import driver
from pipeline.store.database import Database, open_database
from pipeline.store.driver import READS_ONLY, connect, read_url

if TYPE_CHECKING:
    from pathlib import Path

    from tests.store.conftest import Records


@pytest.mark.parametrize(
    ("pragma", "value"), [("journal_mode", "delete"), ("synchronous", 3), ("foreign_keys", 1)]
)
def test_every_connection_has_the_pragmas_a_power_cut_asks_for(
    file: Path, database: Database, pragma: str, value: object
) -> None:
    with database._engine.connect() as connection:
        assert connection.exec_driver_sql(f"PRAGMA {pragma}").scalar() == value


def test_the_driver_begins_nothing_by_itself(database: Database) -> None:
    with database._engine.connect() as connection:
        assert getattr(connection.connection.dbapi_connection, "isolation_level", "unknown") is None


def test_a_file_left_in_wal_mode_is_taken_back(url: str, file: Path) -> None:
    open_database(url).__exit__()
    with closing(sqlite3.connect(file)) as other:
        other.execute("PRAGMA journal_mode=WAL")
    open_database(url).__exit__()
    with closing(sqlite3.connect(file)) as other:
        assert other.execute("PRAGMA journal_mode").fetchone() == ("delete",)


def test_a_transaction_takes_the_write_lock_before_its_first_read(database: Database, file: Path) -> None:
    with (
        database._engine.begin(),
        closing(sqlite3.connect(file, timeout=0)) as other,
        pytest.raises(sqlite3.OperationalError, match="locked"),
    ):
        other.execute("BEGIN IMMEDIATE")


def test_a_transaction_that_only_reads_takes_no_write_lock(database: Database, file: Path) -> None:
    with database._engine.connect().execution_options(**{READS_ONLY: True}) as connection:
        connection.exec_driver_sql("SELECT count(*) FROM run").scalar()
        with closing(sqlite3.connect(file, timeout=0, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            other.execute("ROLLBACK")


def test_ddl_does_not_survive_a_rollback(tmp_path: Path) -> None:
    engine = connect(read_url(f"sqlite:///{tmp_path / 'x.sqlite'}"), wait_seconds=1)
    with engine.connect() as connection:
        connection.exec_driver_sql("CREATE TABLE planted (a)")
        connection.rollback()
        assert connection.exec_driver_sql("SELECT count(*) FROM sqlite_master").scalar() == 0
    engine.dispose()


def test_a_second_writer_waits_and_is_then_refused_with_the_file_and_what_to_do(
    database: Database, url: str, file: Path, records: Records
) -> None:
    with open_database(url, wait_seconds=0.3) as second, database.transaction():
        begun = time.monotonic()
        with pytest.raises(RefusedError, match="another modelpool command") as caught:
            second.record_run(records.run("2026-W33", {"alpha": 1400}))
        assert 0.25 <= time.monotonic() - begun < 5
        assert str(file) in str(caught.value)
        assert "Wait until the other command has ended" in caught.value.hint
    assert database.is_empty()


def test_a_second_writer_goes_on_when_the_first_has_ended(
    database: Database, url: str, records: Records
) -> None:
    holding = threading.Event()

    def hold() -> None:
        with open_database(url) as first, first.transaction():
            holding.set()
            time.sleep(0.3)

    other = threading.Thread(target=hold)
    other.start()
    assert holding.wait(5)
    database.record_run(records.run("2026-W33", {"alpha": 1400}))
    other.join()
    assert not database.is_empty()


def test_a_reader_is_not_kept_waiting_by_a_writer(database: Database, url: str, records: Records) -> None:
    with open_database(url, wait_seconds=0) as reader, database.transaction():
        database.record_run(records.run("2026-W33", {"alpha": 1400}))
        assert reader.is_empty()


def test_a_file_that_is_not_a_database_is_refused(url: str, file: Path) -> None:
    file.parent.mkdir()
    file.write_bytes(b"<html>Just a moment</html>" * 100)
    with pytest.raises(RefusedError, match="not a sound database") as caught:
        open_database(url)
    assert "modelpool rebuild" in caught.value.hint
    assert str(file) in str(caught.value)


def test_no_overwritten_page_is_answered_from(url: str, file: Path, records: Records) -> None:
    """Every page in turn is overwritten: refused, or everything on the database is still the same."""
    with open_database(url) as database:
        database.record_run(records.run("2026-W33", {f"m{n:03}": 1400 + n for n in range(60)}))
    sound = file.read_bytes()
    with closing(sqlite3.connect(file)) as whole:
        before = list(whole.iterdump())
    refused, pages = 0, len(sound) // 4096
    for page in range(pages):
        noise = bytes((page * 31 + n * 7) % 256 for n in range(4096))
        file.write_bytes(sound[: page * 4096] + noise + sound[(page + 1) * 4096 :])
        try:
            open_database(url).__exit__()
        except RefusedError as error:
            assert "modelpool rebuild" in error.hint  # noqa: PT017 - most pages refuse, unused ones may not
            refused += 1
        else:
            with closing(sqlite3.connect(file)) as whole:
                assert list(whole.iterdump()) == before
    assert refused >= pages - 2


def test_a_file_of_something_else_is_left_alone(url: str, file: Path) -> None:
    file.parent.mkdir()
    with closing(sqlite3.connect(file)) as other:
        other.execute("CREATE TABLE customers (name)")
    with pytest.raises(RefusedError, match="tables of something else: customers") as caught:
        open_database(url)
    assert "MODELPOOL_DATABASE_URL" in caught.value.hint


def test_a_database_of_a_newer_program_is_refused(url: str, file: Path) -> None:
    open_database(url).__exit__()
    with closing(sqlite3.connect(file)) as other, other:
        other.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(RefusedError, match="does not know") as caught:
        open_database(url)
    assert "newer modelpool" in caught.value.hint


@pytest.mark.parametrize(
    ("url", "complaint"),
    [
        pytest.param("data/pipeline.sqlite", "MODELPOOL_DATABASE_URL is not a URL", id="a path"),
        pytest.param("postgresql://me:secret@host:port/x", "is not a URL", id="a port that is no number"),
        pytest.param("sqlite://", "MODELPOOL_DATABASE_URL, sqlite://, names no file", id="in memory"),
        pytest.param("sqlite://me:secret@", "names no file", id="no file, with a password"),
        pytest.param("nosuchdatabase://host/name", "no driver", id="unknown database"),
    ],
)
def test_an_address_that_cannot_be_used_says_how_to_write_one(url: str, complaint: str) -> None:
    with pytest.raises(UsageError, match=complaint) as caught:
        open_database(url)
    assert "sqlite:///data/pipeline.sqlite" in caught.value.hint
    assert "secret" not in f"{caught.value} {caught.value.hint}"


def test_a_place_that_is_a_folder_is_refused_in_words(url: str, file: Path) -> None:
    file.mkdir(parents=True)
    with pytest.raises(RefusedError, match="a folder is in its place") as caught:
        open_database(url)
    assert "modelpool rebuild" in caught.value.hint


def test_a_folder_that_cannot_be_made_is_refused_in_words(url: str, file: Path) -> None:
    file.parent.write_text("a file where the folder should be")
    with pytest.raises(RefusedError, match="cannot be made"):
        open_database(url)


def test_a_full_disk_is_refused_in_words_and_changes_nothing(
    database: Database, file: Path, records: Records
) -> None:
    before = file.read_bytes()
    with database._engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")  # SQLite's own way to be full
    with pytest.raises(RefusedError, match="full") as caught:
        database.record_run(records.large_run("2026-W33", names=20))
    assert "df -h" in caught.value.hint
    assert file.read_bytes() == before


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_file_of_somebody_else_is_refused_in_words(url: str, file: Path, records: Records) -> None:
    open_database(url).__exit__()
    file.chmod(0o444)
    with open_database(url) as database, pytest.raises(RefusedError, match="readonly"):
        database.record_run(records.run("2026-W33", {"alpha": 1400}))


def test_a_password_is_in_no_message() -> None:
    assert (
        driver.place_of(read_url("postgresql://me:hunter2@host/name"))
        == "postgresql+psycopg://me:***@host/name"
    )


def _plant_a_version_twice(database: Database) -> None:
    row = text("INSERT INTO pool VALUES (1, :sha, '2026-W33', '2026-08-15', '2026-09-12')")
    with database._writing() as connection:
        for _ in range(2):
            connection.execute(row, {"sha": "0" * 64})


def test_rows_that_contradict_the_desk_are_refused_in_words(database: Database) -> None:
    with pytest.raises(
        RefusedError, match=r"UNIQUE constraint failed: pool\.version|unique constraint \"pk_pool\""
    ) as caught:
        _plant_a_version_twice(database)
    assert "refused rows that contradict" in str(caught.value)
    assert "modelpool rebuild" in caught.value.hint


def test_an_error_that_is_not_the_databases_keeps_its_own_words(database: Database) -> None:
    with pytest.raises(ZeroDivisionError), database.transaction():
        raise ZeroDivisionError


def test_without_our_events_the_driver_would_keep_ddl(tmp_path: Path) -> None:
    """The reason for the events; when this fails, they can go."""
    engine = create_engine(f"sqlite:///{tmp_path / 'x.sqlite'}")
    with engine.connect() as connection:
        connection.exec_driver_sql("CREATE TABLE planted (a)")
        connection.rollback()
        assert connection.exec_driver_sql("SELECT count(*) FROM sqlite_master").scalar() == 1
    engine.dispose()
