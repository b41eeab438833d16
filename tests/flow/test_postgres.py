"""A team's database on a server: the same digests as beside the workspace, filled from one by `rebuild`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pipeline.store.database import open_database
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


def _acts(url: str) -> list[tuple[str, str]]:
    with open_database(url) as database:
        assert database.verify_audit()
        return [(line.kind, line.sha256) for line in database.audit()]


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
    assert _acts(url) == _acts(f"sqlite:///{beside.folder / 'data/pipeline.sqlite'}")


def test_rebuild_moves_a_database_to_a_server_where_the_week_goes_on(
    server: PostgresServer, ran: Example, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = server.new_database()
    monkeypatch.setenv("MODELPOOL_DATABASE_URL", url)
    assert ran("rebuild").code == 0
    filled = _acts(url)
    (ran.folder / "data/pipeline.sqlite").unlink(missing_ok=True)
    assert ran.approve().code == 0
    assert ran("publish").code == 0
    checked = ran("verify", *NOW)
    assert "unbroken" in checked.out, checked.err
    assert [kind for kind, _ in _acts(url)[len(filled) :]] == ["decision", "pool"]
    assert ran("rebuild").code == 0
    assert ran("doctor", *NOW).out.count("ok   database: schema 0004") == 1
