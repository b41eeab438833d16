"""Copies a SQLite database as it stands after its last complete transaction."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from pipeline.store.database import WAIT_SECONDS
from pipeline.store.driver import translate_errors

if TYPE_CHECKING:
    from pathlib import Path


def copy_sqlite(source: Path, target: Path, *, wait_seconds: float = WAIT_SECONDS) -> None:
    """Copy a database that another command may be writing, or that a killed one left half written.

    The read transaction is begun first: SQLite's backup would wait without an end for a writer, and a journal
    that a killed writer left is rolled back here, as at every opening.

    Args:
        source: The file; it must exist.
        target: Where the copy goes.
        wait_seconds: How long to wait for a writer.

    Raises:
        RefusedError: Another command is writing, or the file is not a sound database.
    """
    with (
        translate_errors(str(source)),
        closing(sqlite3.connect(source, timeout=wait_seconds, isolation_level=None)) as there,
        closing(sqlite3.connect(target)) as copy,
    ):
        there.execute("BEGIN")
        there.execute("SELECT count(*) FROM sqlite_master").fetchone()
        there.backup(copy)
