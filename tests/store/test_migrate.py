"""From no file, or an older one, to the newest schema: whole or not at all."""

from __future__ import annotations

import ast
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import inspect

from pipeline.errors import RefusedError
from pipeline.store import migrate
from pipeline.store.database import open_database
from pipeline.store.driver import connect, read_url
from pipeline.store.tables import METADATA

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy.engine import Engine

    from tests.store.conftest import Records

ROW = "INSERT INTO run VALUES (1, '2026-W33', 1, '2026-08-15', 'held', ?, ?)"
BROKEN = '''"""A step that fails half-way.

Revision: 0005
After: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add a table and a row that refers to nothing."""
    op.create_table("planted", sa.Column("id", sa.Integer()))
    op.execute("INSERT INTO missing VALUES (99, 'nobody')")
'''


@pytest.fixture
def engine(url: str, file: Path) -> Iterator[Engine]:
    file.parent.mkdir()
    made = connect(read_url(url), wait_seconds=1, foreign_keys=False)
    yield made
    made.dispose()


def _tables(engine: Engine) -> set[str]:
    with engine.connect() as connection:
        return set(inspect(connection).get_table_names()) - {"alembic_version"}


def test_the_newest_revision_is_the_one_the_code_names(engine: Engine) -> None:
    with engine.connect() as connection:
        assert ScriptDirectory.from_config(migrate.config(connection)).get_heads() == [migrate.HEAD]


def test_there_is_a_way_back_to_nothing(engine: Engine) -> None:
    with engine.begin() as connection:
        migrate.upgrade(connection)
    assert _tables(engine) == set(METADATA.tables)
    with engine.begin() as connection:
        migrate.upgrade(connection, to="base", back=True)
    assert _tables(engine) == set()


def test_a_new_desk_has_the_tables_that_the_migrations_make_and_needs_no_alembic(
    url: str, file: Path, tmp_path: Path
) -> None:
    script = f"""
import sys
from pipeline.store.database import open_database
open_database({url!r}).__exit__()
sys.exit("alembic" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", script], env=_environment(), check=False)
    assert done.returncode == 0
    migrated = tmp_path / "migrated.sqlite"
    other = connect(read_url(f"sqlite:///{migrated}"), wait_seconds=1, foreign_keys=False)
    with other.begin() as connection:
        migrate.upgrade(connection)
    other.dispose()
    assert _said(file) == _said(migrated)
    open_database(url, thorough=True).__exit__()


_ADDED = re.compile(r", (?=\w+ [A-Z]+(?:,|$))")
"""SQLite writes the columns that a migration adds on one line."""


def _said(file: Path) -> dict[str, list[str]]:
    """What a database holds before its first row: each table's columns and constraints, in any order."""
    with closing(sqlite3.connect(file)) as made:
        texts = dict(made.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL"))
        revision = made.execute("SELECT version_num FROM alembic_version").fetchall()
    assert revision == [(migrate.HEAD,)]
    return {
        name: sorted(
            column.strip().rstrip(",")
            for line in text.splitlines()
            for column in _ADDED.split(line)
            if column.strip()
        )
        for name, text in texts.items()
    }


def test_a_desk_that_went_back_to_nothing_is_made_anew(engine: Engine, url: str) -> None:
    with engine.begin() as connection:
        migrate.upgrade(connection)
        migrate.upgrade(connection, to="base", back=True)
    open_database(url).__exit__()
    assert _tables(engine) == set(METADATA.tables)


def test_an_older_desk_is_upgraded_with_its_rows(engine: Engine, url: str) -> None:
    with engine.begin() as connection:
        migrate.upgrade(connection, to="0001")
        connection.exec_driver_sql(ROW, ("0" * 64, "1" * 64))
    assert "decision" not in _tables(engine)
    with open_database(url) as database, database._reading() as connection:
        assert connection.exec_driver_sql("SELECT id, week, outcome FROM run").all() == [
            (1, "2026-W33", "held")
        ]
    assert _tables(engine) == set(METADATA.tables)


def test_a_step_that_fails_leaves_the_desk_as_it_was(
    url: str, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_database(url).__exit__()
    before = file.read_bytes()
    copied = shutil.copytree(migrate._MIGRATIONS, tmp_path / "migrations")
    (copied / "versions" / "0006_broken.py").write_text(BROKEN)
    monkeypatch.setattr(migrate, "_MIGRATIONS", copied)
    monkeypatch.setattr(migrate, "HEAD", "0006")
    with pytest.raises(RefusedError, match="rows that refer to nothing"):
        open_database(url)
    assert file.read_bytes() == before


@pytest.mark.parametrize("table", ["run", "score", "pool"])
def test_a_kill_during_a_migration_needs_no_repair(
    url: str, file: Path, table: str, records: Records
) -> None:
    script = f"""
import os, signal
from sqlalchemy import event
from sqlalchemy.engine import Engine
from pipeline.store.database import open_database

@event.listens_for(Engine, "after_cursor_execute")
def kill(connection, cursor, statement, *rest):
    if "CREATE TABLE {table} " in statement:
        os.kill(os.getpid(), signal.SIGKILL)

open_database({url!r})
"""
    killed = subprocess.run([sys.executable, "-c", script], env=_environment(), check=False)
    assert killed.returncode == -signal.SIGKILL
    with closing(sqlite3.connect(file)) as left:
        assert left.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,)
    with open_database(url) as database:
        database.record_run(records.run("2026-W33", {"alpha": 1400}))


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}


def test_a_desk_that_is_up_to_date_is_opened_without_alembic(url: str) -> None:
    open_database(url).__exit__()
    script = f"""
import sys
from pipeline.store.database import open_database
with open_database({url!r}) as database:
    assert database.is_empty()
heavy = {{"alembic", "pandas", "numpy", "sqlalchemy.orm"}} & set(sys.modules)
sys.exit(f"loaded {{sorted(heavy)}}" if heavy else 0)
"""
    done = subprocess.run(
        [sys.executable, "-c", script], env=_environment(), check=False, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_no_step_imports_code_that_may_change_later() -> None:
    for file in sorted((migrate._MIGRATIONS / "versions").glob("*.py")):
        tree = ast.parse(file.read_text())
        imported = {
            name.split(".")[0]
            for node in ast.walk(tree)
            if isinstance(node, ast.Import | ast.ImportFrom)
            for name in (
                [node.module or ""] if isinstance(node, ast.ImportFrom) else [a.name for a in node.names]
            )
        }
        assert {"alembic"} <= imported - sys.stdlib_module_names <= {"sqlalchemy", "alembic"}, file.name
        assert (ast.get_docstring(tree) or "").count("\n\n") >= 1, f"{file.name} does not say why"
