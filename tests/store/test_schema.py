"""Migrations and tables agree, and a difference is noticed."""

from __future__ import annotations

import io
import os
import runpy
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Column, Integer, Table
from sqlalchemy.engine import make_url
from sqlalchemy.schema import CreateTable

from pipeline.errors import RefusedError
from pipeline.store import migrate, schema
from pipeline.store.driver import connect, read_url
from pipeline.store.tables import METADATA

if TYPE_CHECKING:
    from pathlib import Path

    from tests.postgres_server import PostgresServer


@pytest.fixture
def scratch(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'scratch.sqlite'}"


@pytest.fixture
def versions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the migrations that a test may change."""
    copied = shutil.copytree(migrate._MIGRATIONS, tmp_path / "migrations")
    monkeypatch.setattr(migrate, "_MIGRATIONS", copied)
    return copied / "versions"


def test_migrations_make_the_tables_of_the_code(scratch: str) -> None:
    schema.check(scratch)


def test_a_server_is_given_the_tables_that_its_migrations_make(request: pytest.FixtureRequest) -> None:
    """Conditions of partial indexes and checks included, which Alembic does not compare."""
    if not request.config.getoption("--postgres"):
        pytest.skip("about a PostgreSQL server: run with --postgres")
    server: PostgresServer = request.getfixturevalue("postgres")
    found = []
    for make in (migrate.upgrade, migrate.create):
        engine = connect(read_url(server.new_database()), wait_seconds=1)
        with engine.begin() as connection:
            make(connection)
            found.append(schema._describe(connection))
        engine.dispose()
    assert found[0] == found[1]
    schema.check(server.new_database())


def test_a_planted_table_is_noticed(scratch: str) -> None:
    planted = Table("planted", METADATA, Column("id", Integer, primary_key=True))
    try:
        with pytest.raises(RefusedError, match="planted") as caught:
            schema.check(scratch)
    finally:
        METADATA.remove(planted)
    assert "migrations/versions" in caught.value.hint


def test_a_planted_column_is_noticed(scratch: str, versions: Path) -> None:
    _change(
        versions / "0001_the_run.py", '"url", sa.Text()', '"planted", sa.Text()), sa.Column("url", sa.Text()'
    )
    with pytest.raises(RefusedError, match="planted"):
        schema.check(scratch)


@pytest.mark.parametrize(
    ("file", "old", "new", "named"),
    [
        pytest.param("0002_the_review.py", '"rank >= 1"', '"rank >= 0"', "CHECK", id="check"),
        pytest.param("0002_the_review.py", "superseded_at IS NULL", "id > 0", "WHERE", id="partial index"),
        pytest.param(
            "0001_the_run.py", '"byte_count", sa.BigInteger()', '"byte_count", sa.Text()', "type", id="type"
        ),
        pytest.param(
            "0001_the_run.py",
            'sa.PrimaryKeyConstraint("run_id", "variant"',
            'sa.PrimaryKeyConstraint("variant", "run_id"',
            "PRIMARY KEY",
            id="primary key",
        ),
    ],
)
def test_a_planted_difference_is_noticed(  # noqa: PLR0913, PLR0917 - two fixtures and a table of four
    scratch: str, versions: Path, file: str, old: str, new: str, named: str
) -> None:
    _change(versions / file, old, new)
    with pytest.raises(RefusedError, match=named):
        schema.check(scratch)


def _change(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def test_the_command_says_that_all_is_well_and_nothing_else() -> None:
    path = os.pathsep.join(path for path in sys.path if path)
    done = subprocess.run(
        [sys.executable, "-m", "pipeline.store.schema"],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "Migrations and tables agree.\n", "")


def test_the_command_fails_with_a_next_step(
    scratch: str, versions: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _change(versions / "0002_the_review.py", '"rank >= 1"', '"rank >= 0"')
    assert schema.main([scratch]) == RefusedError.exit_code
    assert "hint: Write the difference as a migration" in capsys.readouterr().err


@pytest.mark.parametrize("table", METADATA.sorted_tables, ids=lambda table: table.name)
def test_every_table_can_be_made_on_postgres(table: Table) -> None:
    dialect = make_url("postgresql+psycopg://").get_dialect()()
    assert "ROWID" not in str(CreateTable(table).compile(dialect=dialect))


def test_the_migrations_make_partial_indexes_on_postgres_too() -> None:
    written = io.StringIO()
    context = MigrationContext.configure(
        dialect_name="postgresql", opts={"as_sql": True, "output_buffer": written}
    )
    for file in sorted((migrate._MIGRATIONS / "versions").glob("*.py")):
        with Operations.context(context):
            runpy.run_path(str(file))["upgrade"]()
    partial = [line for line in written.getvalue().splitlines() if "WHERE superseded_at IS NULL" in line]
    assert sorted(line.split()[3] for line in partial) == ["ix_judgement_one_live", "ix_variant_one_live"]


@pytest.mark.parametrize("table", METADATA.sorted_tables, ids=lambda table: table.name)
def test_every_constraint_has_a_name_a_migration_can_find(table: Table) -> None:
    assert [str(constraint) for constraint in table.constraints if not constraint.name] == []
