"""Transactions: together, or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pipeline.domain.run import RunRecord
    from pipeline.store.database import Database
    from tests.store.conftest import Records


def _record_and_stop(desk: Database, run: RunRecord, error: BaseException) -> None:
    with desk.together():
        desk.clear()
        desk.record_run(run)
        raise error


def test_what_is_recorded_together_is_seen_inside_and_kept(desk: Database, records: Records) -> None:
    with desk.together():
        desk.record_run(records.run("2026-W33", {"alpha": 1400}))
        assert not desk.is_empty()
    assert not desk.is_empty()


def test_an_interrupted_rebuild_leaves_the_desk_as_it_was(desk: Database, records: Records) -> None:
    desk.record_run(records.run("2026-W33", {"alpha": 1400}))
    before = desk.audit()
    with pytest.raises(KeyboardInterrupt):
        _record_and_stop(desk, records.run("2026-W34", {"alpha": 1400}), KeyboardInterrupt())
    assert desk.audit() == before
    assert desk.verify_audit()


def test_a_rebuild_gives_the_same_log_digest_by_digest(desk: Database, records: Records) -> None:
    run = records.run("2026-W33", {"alpha": 1400})
    pool = records.pool(1, "2026-W33", {"frugal": ("alpha",)})
    desk.record_run(run)
    records.publish(desk, pool)
    before = desk.audit()
    with desk.together():
        desk.clear()
        assert desk.is_empty()
        desk.record_run(run)
        records.publish(desk, pool)
    assert desk.audit() == before


def test_a_part_that_fails_leaves_nothing_of_itself_when_the_rest_goes_on(
    desk: Database, records: Records
) -> None:
    with desk.together():
        desk.record_run(records.run("2026-W33", {"alpha": 1400}))
        with pytest.raises(ZeroDivisionError):
            _record_and_stop(desk, records.run("2026-W34", {"beta": 1400}), ZeroDivisionError())
    assert len(desk.audit()) == 1
    assert desk.verify_audit()


def test_after_a_failure_the_desk_can_be_used_again(desk: Database, records: Records) -> None:
    with pytest.raises(ZeroDivisionError), desk.together():
        raise ZeroDivisionError
    desk.record_run(records.run("2026-W33", {"alpha": 1400}))
    assert not desk.is_empty()
