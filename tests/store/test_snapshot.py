"""A database is copied as it stands after its last complete transaction, whoever wrote it when."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from typing import TYPE_CHECKING, Final

import pytest

from pipeline.errors import RefusedError
from pipeline.store.database import open_database
from pipeline.store.database_file import copy_sqlite
from tests.store.conftest import Records, contents

if TYPE_CHECKING:
    from pathlib import Path

    from tests.example import Example

_KILLED: Final = """
import os, signal, sqlite3, sys
database = sqlite3.connect(sys.argv[1], isolation_level=None)
database.execute("PRAGMA journal_mode=DELETE")
database.execute("PRAGMA cache_size=1")
database.execute("BEGIN IMMEDIATE")
database.execute("UPDATE run SET sha256 = lower(hex(randomblob(32)))")
database.execute("CREATE TABLE filler (body)")
database.executemany("INSERT INTO filler VALUES (zeroblob(4000))", [()] * 200)
os.kill(os.getpid(), signal.SIGKILL)
"""
"""A writer whose pages are in the file already, and whose journal says how to take them out again."""


def kill_a_writer(file: Path) -> None:
    """Leave a database as a command leaves it that was killed inside its transaction."""
    before = file.read_bytes()
    done = subprocess.run([sys.executable, "-c", _KILLED, str(file)], check=False)
    assert done.returncode == -signal.SIGKILL
    journal = file.with_name(f"{file.name}-journal")
    assert journal.stat().st_size > 0, "the writer left no journal, so nothing was interrupted"
    assert file.read_bytes() != before, "no page of the cut transaction had reached the file"


def test_a_transaction_that_was_killed_is_not_in_the_copy(
    url: str, file: Path, records: Records, tmp_path: Path
) -> None:
    with open_database(url) as database:
        database.record_run(records.run("2026-W33", {"alpha": 1400.0}))
        log = contents(database)
    kill_a_writer(file)
    copy_sqlite(file, tmp_path / "copy.sqlite")
    with open_database(f"sqlite:///{tmp_path / 'copy.sqlite'}") as copied:
        assert contents(copied) == log


def test_a_database_that_is_being_written_is_not_copied_half(url: str, file: Path, tmp_path: Path) -> None:
    open_database(url).__exit__()
    with closing(sqlite3.connect(file, isolation_level=None)) as writer:
        writer.execute("BEGIN EXCLUSIVE")
        with pytest.raises(RefusedError, match="is being written by another modelpool command"):
            copy_sqlite(file, tmp_path / "copy.sqlite", wait_seconds=0)


def test_verify_raises_no_alarm_after_a_kill(file: Path, ran: Example) -> None:
    """Copied without its journal, the file held half of a transaction: the log looked edited."""
    kill_a_writer(ran.folder / "data/pipeline.sqlite")
    checked = ran("verify", "--now", "2026-08-15T13:00:00Z")
    assert checked.code == 0, checked.err
