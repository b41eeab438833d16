"""Transactions: together, or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.store.conftest import contents

if TYPE_CHECKING:
    from pipeline.domain.run import RunRecord
    from pipeline.store.database import Database
    from tests.store.conftest import Records


def _record_and_stop(database: Database, run: RunRecord, error: BaseException) -> None:
    with database.transaction():
        database.clear()
        database.record_run(run)
        raise error


def test_what_is_recorded_together_is_seen_inside_and_kept(database: Database, records: Records) -> None:
    with database.transaction():
        database.record_run(records.run("2026-W33", {"alpha": 1400}))
        assert not database.is_empty()
    assert not database.is_empty()


def test_an_interrupted_rebuild_leaves_the_desk_as_it_was(database: Database, records: Records) -> None:
    database.record_run(records.run("2026-W33", {"alpha": 1400}))
    before = contents(database)
    with pytest.raises(KeyboardInterrupt):
        _record_and_stop(database, records.run("2026-W34", {"alpha": 1400}), KeyboardInterrupt())
    assert contents(database) == before


@pytest.mark.usefixtures("file")  # on a server the ids go on; tests/flow/test_postgres.py compares the rows
def test_a_rebuild_gives_the_same_rows(database: Database, records: Records) -> None:
    run = records.run("2026-W33", {"alpha": 1400})
    pool = records.pool(1, "2026-W33", {"frugal": ("alpha",)})
    database.record_run(run)
    records.publish(database, pool)
    before = contents(database)
    with database.transaction():
        database.clear()
        assert database.is_empty()
        database.record_run(run)
        records.publish(database, pool)
    assert contents(database) == before


def test_a_part_that_fails_leaves_nothing_of_itself_when_the_rest_goes_on(
    database: Database, records: Records
) -> None:
    with database.transaction():
        database.record_run(records.run("2026-W33", {"alpha": 1400}))
        with pytest.raises(ZeroDivisionError):
            _record_and_stop(database, records.run("2026-W34", {"beta": 1400}), ZeroDivisionError())
    assert [row[1] for row in contents(database)["run"]] == ["2026-W33"]


def test_after_a_failure_the_desk_can_be_used_again(database: Database, records: Records) -> None:
    with pytest.raises(ZeroDivisionError), database.transaction():
        raise ZeroDivisionError
    database.record_run(records.run("2026-W33", {"alpha": 1400}))
    assert not database.is_empty()
