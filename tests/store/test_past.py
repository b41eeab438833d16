"""The gate is told what was used and what a person let through, and nothing that nobody approved."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from pipeline.domain.calendar import Week
from pipeline.domain.ids import LMARENA_TEXT, OPENROUTER
from tests.store.conftest import ARENA, Records, digest, moment

if TYPE_CHECKING:
    from pipeline.domain.observation import Capture
    from pipeline.domain.run import ApprovedRow
    from pipeline.store.database import Database

TIERS = {"frugal": ("alpha",)}


def _approved(desk: Database, *, weeks: int = 8, now: str = "2026-W40") -> tuple[ApprovedRow, ...]:
    return desk.approved(LMARENA_TEXT, metrics=[ARENA], since=moment(now) - timedelta(weeks=weeks))


def _values(found: tuple[ApprovedRow, ...]) -> list[dict[str, float]]:
    return [{row.key: row.value for row in one.observations} for one in found]


def test_the_weeks_that_used_new_data_come_back_newest_first(desk: Database, records: Records) -> None:
    good = records.run("2026-W33", {"alpha": 1400.0})
    bad = records.run("2026-W34", {"alpha": 1500.0, "beta": 1.0})
    carried = replace(
        bad,
        captures=(good.captures[0], bad.captures[1]),
        readings=(good.readings[0], bad.readings[1]),
        held=(LMARENA_TEXT,),
    )
    nothing = replace(bad, week=Week("2026-W35"), captures=(), readings=(), held=(LMARENA_TEXT,))
    for run in (good, carried, nothing):
        desk.record_run(run)
    (text,) = desk.uses(LMARENA_TEXT)
    assert (text.week, text.attempt, text.names) == ("2026-W33", 1, 1)
    assert text.captures == (good.captures[0].sha256,)
    assert [(use.week, use.names) for use in desk.uses(OPENROUTER)] == [("2026-W34", 2), ("2026-W33", 1)]
    assert [use.week for use in desk.uses(OPENROUTER, before=Week("2026-W34"))] == ["2026-W33"]
    assert [use.week for use in desk.uses(OPENROUTER, limit=1)] == ["2026-W34"]


def test_a_weeks_last_attempt_that_used_new_data_stands_for_it(desk: Database, records: Records) -> None:
    first = records.run("2026-W33", {"alpha": 1400.0})
    second = records.run("2026-W33", {"alpha": 1500.0}, attempt=2)
    third = replace(records.run("2026-W33", {"alpha": 1.0}, attempt=3), held=(LMARENA_TEXT,))
    for run in (first, second, third):
        desk.record_run(run)
    (use,) = desk.uses(LMARENA_TEXT)
    assert (use.attempt, use.captures) == (2, (second.captures[0].sha256,))


def test_the_captures_of_a_paged_source_come_back_page_by_page(desk: Database, records: Records) -> None:
    run = records.run("2026-W33", {"alpha": 1400.0})
    pages: tuple[Capture, ...] = tuple(replace(run.captures[0], body=bytes([page])) for page in range(9))
    reading = replace(run.readings[0], captures=tuple(page.sha256 for page in pages), observations=())
    with desk._engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA reverse_unordered_selects=ON")
    desk.record_run(replace(run, captures=(*reversed(pages), run.captures[1]), readings=(reading,)))
    assert desk.uses(LMARENA_TEXT)[0].captures == tuple(page.sha256 for page in pages)


def test_only_approved_rows_are_compared_with(desk: Database, records: Records) -> None:
    run = records.run("2026-W33", {"alpha": 1400.0}, microusd=1_000_000)
    desk.record_run(run)
    assert _approved(desk) == ()
    records.publish(desk, records.pool(1, "2026-W33", TIERS))
    desk.record_run(records.run("2026-W34", {"alpha": 1900.0}))
    proposal = records.proposal(records.pool(2, "2026-W34", TIERS))
    desk.record_proposal(proposal, proposal_sha256=digest(proposal))
    (found,) = _approved(desk)
    assert found.observations == run.readings[0].observations
    assert found.as_of == run.as_of
    assert not found.by_name
    (prices,) = desk.approved(OPENROUTER, metrics=[], since=run.as_of)
    assert prices.prices == run.readings[1].prices
    assert prices.observations == ()
    assert _values(desk.approved(LMARENA_TEXT, metrics=[], since=run.as_of)) == [{}]


def test_approvals_of_the_last_weeks_count_and_the_one_in_force_always(
    desk: Database, records: Records
) -> None:
    previous = None
    for version, week in enumerate(("2026-W31", "2026-W33", "2026-W35"), start=1):
        desk.record_run(records.run(week, {"alpha": 1000.0 + version}))
        previous = records.publish(desk, records.pool(version, week, TIERS), previous=previous)
    assert _values(_approved(desk)) == [{"alpha": 1003.0}, {"alpha": 1002.0}]
    assert _values(_approved(desk, weeks=7, now="2026-W40")) == [{"alpha": 1003.0}, {"alpha": 1002.0}]
    assert _values(_approved(desk, weeks=1, now="2027-W40")) == [{"alpha": 1003.0}]


def test_rows_are_found_by_the_capture_they_were_read_from(desk: Database, records: Records) -> None:
    run = records.run("2026-W33", {"alpha": 1400.0, "beta": 1300.0})
    desk.record_run(run)
    desk.record_run(replace(run, week=Week("2026-W34")))
    text, catalogue = run.captures
    assert set(desk.captured(LMARENA_TEXT, text.sha256)) == set(run.readings[0].observations)
    assert set(desk.captured(OPENROUTER, catalogue.sha256)) == set(run.readings[1].prices)
    assert desk.captured(OPENROUTER, text.sha256) == ()
