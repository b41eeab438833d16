"""Copies or compacts the file of a database, or opens one that is filled again, whatever is in its place."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from pipeline.store.database import WAIT_SECONDS, Database, open_database
from pipeline.store.driver import UnusableError, place_of, read_url, translate_errors


def recreate_database(url: str, *, wait_seconds: float = WAIT_SECONDS) -> Database:
    """Open a database for `modelpool rebuild`: an unusable SQLite file is renamed, not repaired.

    A sound database is opened as it is, for `clear()` inside `transaction()`. A file of something else is
    never touched.

    Raises:
        UsageError: The URL cannot be read or its driver is not installed.
        RefusedError: The database is locked, not writable, or belongs to something else.
    """
    try:
        return open_database(url, wait_seconds=wait_seconds, thorough=True)
    except UnusableError:
        if set_aside(url) is None:
            raise
        return open_database(url, wait_seconds=wait_seconds)


def set_aside(url: str) -> Path | None:
    """Rename a SQLite file with its journal, or a folder in its place, to `<name>.broken`.

    Returns:
        The new name; None when there is no file, or the database is not a file.

    Raises:
        UsageError: The URL cannot be read.
    """
    address = read_url(url)
    place = Path(place_of(address))
    if address.get_backend_name() != "sqlite" or not place.exists():
        return None
    journal = place.with_name(f"{place.name}-journal")
    broken = place.with_name(f"{place.name}.broken")
    if journal.is_file():
        # A journal left beside a new file of the same name would be rolled into it.
        journal.replace(place.with_name(f"{broken.name}-journal"))
    return place.replace(broken)


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


def compact_sqlite(file: Path, *, wait_seconds: float = WAIT_SECONDS) -> None:
    """Give the space of removed rows back to the disk.

    Raises:
        RefusedError: Another command is writing, or the disk has no room for the smaller copy meanwhile.
    """
    with (
        translate_errors(str(file)),
        closing(sqlite3.connect(file, timeout=wait_seconds, isolation_level=None)) as there,
    ):
        there.execute("VACUUM")
