"""A team's database on a server: the same digests as beside the workspace, filled from one by `rebuild`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from pipeline.store.database import open_database
from pipeline.store.tables import METADATA
from tests.example import Example, copy_record

if TYPE_CHECKING:
    from pathlib import Path

    from tests.postgres_server import PostgresServer

NOW = ("--now", "2026-08-15T13:00:00Z")


@pytest.fixture
def server(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> PostgresServer:
    if not request.config.getoption("--postgres"):
        pytest.skip("about a PostgreSQL server: run with --postgres")
    found: PostgresServer = request.getfixturevalue("postgres")
    monkeypatch.setenv("MODELPOOL_DATABASE_URL", found.new_database())
    return found


def _rows(url: str) -> dict[str, list[dict[str, object]]]:
    """Every row of every table, in an order that both kinds of databases know."""
    with open_database(url) as database, database._reading() as connection:
        return {
            name: sorted((dict(row) for row in connection.execute(select(table)).mappings()), key=repr)
            for name, table in METADATA.tables.items()
        }


def test_the_same_week_has_the_same_digests_on_both(
    server: PostgresServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    on_server, beside = (Example(tmp_path / name / "workspace") for name in ("server", "beside"))
    url = server.new_database()
    found = []
    for example, address in ((on_server, url), (beside, None)):
        copy_record(example.folder)
        if address is None:
            monkeypatch.delenv("MODELPOOL_DATABASE_URL")
        else:
            monkeypatch.setenv("MODELPOOL_DATABASE_URL", address)
        assert example.run().code == 10
        found.append((example.folder / "reviews/2026-W33/proposal.json").read_bytes())
    assert found[0] == found[1]
    assert not (on_server.folder / "data/pipeline.sqlite").exists()
    rows = _rows(url)
    assert rows == _rows(f"sqlite:///{beside.folder / 'data/pipeline.sqlite'}")
    assert (
        min(len(rows[name]) for name in ("run", "observation", "price", "score", "proposal", "variant")) > 0
    )


def test_rebuild_moves_a_database_to_a_server_where_the_week_goes_on(
    server: PostgresServer, ran: Example, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = server.new_database()
    monkeypatch.setenv("MODELPOOL_DATABASE_URL", url)
    assert ran("rebuild").code == 0
    filled = _rows(url)
    (ran.folder / "data/pipeline.sqlite").unlink(missing_ok=True)
    assert ran.approve().code == 0
    assert ran("publish").code == 0
    checked = ran("verify", *NOW)
    assert "in the database are what files and captures say" in checked.out, checked.err
    assert [len(_rows(url)[name]) - len(filled[name]) for name in ("decision", "pool")] == [1, 1]
    assert ran("rebuild").code == 0
    assert ran("doctor", *NOW).out.count("ok   database: schema 0005") == 1
