"""The database of a workspace as its commands find it: its SQLite file, or the server of `--postgres`."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sqlalchemy import create_engine, text

from pipeline.flow.record.database import database_url
from pipeline.settings import Settings
from pipeline.workspace import Workspace
from tests.example import Example

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Connection


def is_on_server() -> bool:
    """Tell whether commands keep their rows in a server, where no file shows a change."""
    return Settings.from_environment().database_url is not None


def address(folder: Path) -> str:
    """Return where the commands of a workspace keep their rows."""
    return database_url(Workspace(folder), Settings.from_environment())


@contextmanager
def connected(folder: Path) -> Iterator[Connection]:
    """Write past the commands, as anybody can; no foreign key is in the way."""
    engine = create_engine(address(folder))
    try:
        with engine.begin() as connection:
            if engine.dialect.name == "postgresql":
                connection.execute(text("SET session_replication_role = replica"))
            else:
                connection.execute(text("PRAGMA ignore_check_constraints = ON"))
            yield connection
    finally:
        engine.dispose()


def changed_rows(folder: Path, statement: str) -> int:
    """Execute one statement; return how many rows it changed."""
    with connected(folder) as connection:
        return connection.exec_driver_sql(statement).rowcount


def remove_database(folder: Path) -> None:
    """Remove the file, or everything in the database of the server."""
    if not is_on_server():
        Workspace(folder).database.unlink()
        return
    with connected(folder) as connection:
        name = connection.scalar(text("SELECT current_schema()"))
        connection.execute(text(f"DROP SCHEMA {name} CASCADE"))
        connection.execute(text(f"CREATE SCHEMA {name}"))


def copy_workspace(source: Path, target: Path) -> Example:
    """Copy a workspace with its database; the server's, which is no file of it, is filled from the copy."""
    left_out = shutil.ignore_patterns("pipeline.sqlite" if is_on_server() else "")
    shutil.copytree(source, target, ignore=left_out)
    copied = Example(target)
    assert not is_on_server() or copied("rebuild").code == 0
    return copied
