"""What was recorded is read without the database's libraries, or not at all."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from pipeline.store.recorded_digests import proposals_in
from tests.store.conftest import digest

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.store.database import Database
    from tests.store.conftest import Records


def test_the_digests_of_an_attempt_are_those_that_the_database_knows(
    database: Database, file: Path, records: Records
) -> None:
    one = records.proposal(records.pool(1, "2026-W33", {"frugal": ("alpha",)}))
    database.record_proposal(one, proposal_sha256=digest(one))
    assert proposals_in(file, "2026-W33", 1) == database.proposals_of("2026-W33", 1) == {digest(one)}
    assert proposals_in(file, "2026-W33", 2) == frozenset()


def test_a_database_of_another_revision_is_left_to_those_who_can_bring_it_there(
    database: Database, file: Path
) -> None:
    assert database.is_empty()
    with closing(sqlite3.connect(file)) as other, other:
        assert other.execute("UPDATE alembic_version SET version_num = '0004'").rowcount == 1
    assert proposals_in(file, "2026-W33", 1) is None


def test_what_is_no_database_or_is_being_written_says_nothing(
    database: Database, file: Path, tmp_path: Path
) -> None:
    assert database.is_empty()
    (tmp_path / "broken").write_bytes(b"broken" * 1000)
    assert proposals_in(tmp_path / "broken", "2026-W33", 1) is None
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        assert proposals_in(file, "2026-W33", 1) is None
