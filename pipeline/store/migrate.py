"""Upgrades a database to the newest schema; Alembic is loaded only where there is an older one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import Column, MetaData, String, Table, inspect, select

from pipeline.errors import RefusedError
from pipeline.store import recorded_digests, review_tables, tables
from pipeline.store.driver import READS_ONLY, UnusableError, connect, corrupt, place_of, translate_errors
from pipeline.store.tables import METADATA

if TYPE_CHECKING:
    from alembic.config import Config
    from sqlalchemy.engine import URL, Connection, Engine


HEAD: Final = recorded_digests.HEAD

_LOADED: Final = (tables.RUN, review_tables.POOL)  # importing them is what fills METADATA
_VERSIONS: Final = Table(
    "alembic_version",
    MetaData(naming_convention={"pk": "alembic_version_pkc"}),
    Column("version_num", String(32), primary_key=True),
)
"""Where Alembic keeps the revision, as Alembic makes it."""
_MIGRATIONS = Path(__file__).parent / "migrations"
_VIEWS: Final = _MIGRATIONS / "views" / "0004.sql"
"""The views as the newest revision that changes them makes them."""


def to_head(url: URL, engine: Engine, *, wait_seconds: float, thorough: bool) -> None:
    """Check that the database is sound and ours, and create or upgrade its tables in one transaction.

    Raises:
        RefusedError: The file is corrupt, belongs to something else, or is newer than this program.
    """
    place = place_of(url)
    with translate_errors(place), engine.connect().execution_options(**{READS_ONLY: True}) as connection:
        _check_sound(connection, place, thorough=thorough)
        found = _revision(connection, place)
    if found == HEAD:
        return
    migrating = connect(url, wait_seconds=wait_seconds, foreign_keys=False)
    try:
        with translate_errors(place), migrating.begin() as connection:
            if _revision(connection, place) is None:  # read again: another command may have created them
                create(connection)
            else:
                upgrade(connection)
    finally:
        migrating.dispose()


def schema_revision(url: URL, engine: Engine) -> str | None:
    """Check that the database is sound and ours, and return its revision; None where it has no table.

    Raises:
        RefusedError: It is corrupt, belongs to something else, or is newer than this program.
    """
    place = place_of(url)
    with translate_errors(place), engine.connect().execution_options(**{READS_ONLY: True}) as connection:
        _check_sound(connection, place, thorough=False)
        found = _revision(connection, place)
    if found is not None and not list((_MIGRATIONS / "versions").glob(f"{found}_*.py")):
        raise _unknown_revision(place, f"no migration {found}")
    return found


def create(connection: Connection) -> None:
    """Make the newest schema in an empty database; `make schema` compares it with what migrations make."""
    METADATA.create_all(connection)
    for statement in _VIEWS.read_text("utf-8").split(";\n"):
        connection.exec_driver_sql(statement)
    _VERSIONS.create(connection, checkfirst=True)
    connection.execute(_VERSIONS.insert().values(version_num=HEAD))


def upgrade(connection: Connection, *, to: str = "head", back: bool = False) -> None:
    """Run migrations on an open transaction, forwards, or `back` to an earlier revision.

    Raises:
        RefusedError: Rows refer to rows that a migration removed.
    """
    from alembic import command
    from alembic.util.exc import CommandError

    place = place_of(connection.engine.url)
    try:
        (command.downgrade if back else command.upgrade)(config(connection), to)
    except CommandError as error:
        raise _unknown_revision(place, str(error)) from error
    if connection.dialect.name == "sqlite" and connection.exec_driver_sql("PRAGMA foreign_key_check").first():
        raise corrupt(place, "a migration left rows that refer to nothing")


def _unknown_revision(place: str, found: str) -> UnusableError:
    return UnusableError(
        f"{place} has a schema this modelpool does not know: {found}",
        hint="A newer modelpool wrote it: install that one, or make it again with `modelpool rebuild`.",
    )


def config(connection: Connection) -> Config:
    """Describe the packaged migrations to Alembic; no alembic.ini is needed."""
    from alembic.config import Config

    described = Config()
    described.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    described.attributes["connection"] = connection
    return described


def _check_sound(connection: Connection, place: str, *, thorough: bool) -> None:
    if connection.dialect.name != "sqlite":
        return
    pragma = "integrity_check(1)" if thorough else "quick_check(1)"
    found = connection.exec_driver_sql(f"PRAGMA {pragma}").scalar_one()
    if found != "ok":
        raise corrupt(place, str(found))


def _revision(connection: Connection, place: str) -> str | None:
    found = inspect(connection).get_table_names()
    if _VERSIONS.name in found:
        return connection.scalar(select(_VERSIONS.c.version_num))
    if found:
        raise RefusedError(
            f"{place} holds tables of something else: {', '.join(sorted(found)[:3])}",
            hint="Point MODELPOOL_DATABASE_URL at another file; modelpool creates its own.",
        )
    return None
