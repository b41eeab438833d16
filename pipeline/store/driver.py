"""Opens a database, and puts every failure of its driver in words.

SQLite as measured for a weekly job that must survive a power cut: `journal_mode=DELETE` and
`synchronous=EXTRA` (no side files to lose, the folder is synced too), foreign keys on, and the
driver's own transactions off. The driver would begin only before the first write, so that a read
before it belongs to no transaction and two read-then-write transactions fail each other; and it
would let DDL survive a rollback. We begin ourselves, and a writer takes the lock at once.
"""

from __future__ import annotations

import shlex
import sqlite3
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import create_engine, event
from sqlalchemy.engine import URL, Connection, Engine, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError

from pipeline.errors import RefusedError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator


READS_ONLY = "modelpool_reads_only"
"""Execution option of a connection that takes no write lock."""

_PRAGMAS = ("journal_mode=DELETE", "synchronous=EXTRA")
_CORRUPT = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_LOCKED = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
_WRITERS_LOCK = 0x6D6F64656C706F6F
"""Of PostgreSQL's advisory locks, the one that a writer of this program holds until its transaction ends."""
_LOCK_TIMEOUT = "55P03"


class UnusableError(RefusedError):
    """Nothing can be done with this file but to make it again from the files of record."""


def read_url(text: str) -> URL:
    """Read a database URL; `postgresql:` means the driver of the extra `postgres`.

    Raises:
        UsageError: The text is not a database URL.
    """
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        raise UsageError(
            "the variable MODELPOOL_DATABASE_URL is not a URL of a database",
            hint="Write it as sqlite:///data/pipeline.sqlite or postgresql://host:port/name.",
        ) from None
    return url.set(drivername="postgresql+psycopg") if url.drivername in {"postgres", "postgresql"} else url


def place_of(url: URL) -> str:
    """Name the database for a person: the file, or the URL without its password."""
    if url.get_backend_name() == "sqlite":
        return url.database or ":memory:"
    return url.render_as_string(hide_password=True)


def make_folder(url: URL) -> None:
    """Make the folder of a SQLite file.

    Raises:
        UsageError: The URL names no file; a database in memory would forget every week.
        RefusedError: The folder cannot be made.
    """
    if url.database in {None, "", ":memory:"}:
        raise UsageError(
            f"the variable MODELPOOL_DATABASE_URL, {url.render_as_string(hide_password=True)}, names no file",
            hint="Write it as sqlite:///data/pipeline.sqlite.",
        )
    folder = Path(place_of(url)).parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RefusedError(
            f"the folder {folder} cannot be made: {error.strerror}",
            hint=f"Check what is there with `ls -ld {shlex.quote(str(folder))}`.",
        ) from error


def connect(url: URL, *, wait_seconds: float, foreign_keys: bool = True) -> Engine:
    """Prepare connections to `url`; nothing is opened yet.

    Args:
        url: As given by `read_url`.
        wait_seconds: How long a writer waits for another one.
        foreign_keys: Off only while a migration rebuilds tables.

    Raises:
        UsageError: The URL's driver is not installed.
    """
    sqlite = url.get_backend_name() == "sqlite"
    try:
        engine = create_engine(url, connect_args={"timeout": wait_seconds} if sqlite else {})
    except (ModuleNotFoundError, ArgumentError) as error:
        raise UsageError(
            f"no driver for a {url.drivername} database: {error}",
            hint="Use sqlite:///data/pipeline.sqlite, or `pip install 'modelpool[postgres]'`.",
        ) from error
    if sqlite:
        _begin_ourselves(engine, foreign_keys=foreign_keys)
    else:
        _let_one_write(engine, wait_seconds)
    return engine


def _begin_ourselves(engine: Engine, *, foreign_keys: bool) -> None:
    def configure(driver: sqlite3.Connection, _record: object) -> None:
        driver.isolation_level = None
        for pragma in (*_PRAGMAS, f"foreign_keys={'ON' if foreign_keys else 'OFF'}"):
            driver.execute(f"PRAGMA {pragma}")

    def begin(connection: Connection) -> None:
        reads = READS_ONLY in connection.get_execution_options()
        connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")

    event.listen(engine, "connect", configure)
    event.listen(engine, "begin", begin)


def _let_one_write(engine: Engine, wait_seconds: float) -> None:
    """Let a writer on PostgreSQL wait for the one before it, as a writer of a SQLite file does.

    What is written follows from what was read before in the same transaction, e.g. which rows are in force.
    """

    def begin(connection: Connection) -> None:
        if READS_ONLY not in connection.get_execution_options():
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = {max(1, round(wait_seconds * 1000))}")
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_WRITERS_LOCK})")

    event.listen(engine, "begin", begin)


@contextmanager
def translate_errors(place: str) -> Iterator[None]:
    """Turn what the driver raises into a refusal that names the database and the next step.

    Raises:
        RefusedError: Another writer, a corrupt file, no space or rights, or rows that contradict.
    """
    try:
        yield
    except (DBAPIError, sqlite3.Error) as error:
        raise _refusal(place, error) from error


def _refusal(place: str, error: DBAPIError | sqlite3.Error) -> RefusedError:
    cause = _first_cause(error)
    said = str(cause).partition("\n")[0]  # PostgreSQL goes on with the whole row
    code = getattr(cause, "sqlite_errorcode", 0) & 0xFF  # the low byte is the primary code
    if code in _LOCKED or getattr(cause, "sqlstate", None) == _LOCK_TIMEOUT:
        return RefusedError(
            f"{place} is being written by another modelpool command",
            hint="Wait until the other command has ended, then run this one again.",
        )
    if code in _CORRUPT or Path(place).is_dir():
        return corrupt(place, "a folder is in its place" if Path(place).is_dir() else said)
    if isinstance(error, IntegrityError):
        return RefusedError(
            f"{place} refused rows that contradict what it holds: {said}",
            hint="`modelpool rebuild` makes it again from the files of record.",
        )
    return RefusedError(
        f"{place} could not be read or written: {said}",
        hint=f"Check that {place} can be written and that its disk has space (`df -h`).",
    )


def _first_cause(error: BaseException) -> BaseException | None:
    """Return what the driver raised first: a full disk ends the transaction, so rolling back fails too."""
    first, before = error, error.__context__
    while before is not None:
        first = before if isinstance(before, DBAPIError | sqlite3.Error) else first
        before = before.__context__
    return first.orig if isinstance(first, DBAPIError) else first


def corrupt(place: str, found: str) -> UnusableError:
    """Say that the file is not a sound database, and that it can be made again."""
    return UnusableError(
        f"{place} is not a sound database: {found}",
        hint="Files are the record: `modelpool rebuild` sets this file aside and makes it again from them.",
    )
