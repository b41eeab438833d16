"""Missed weeks are run in order from captures that are here; the proposal of the newest week waits."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from pipeline.captures.store import store_captures
from pipeline.domain.calendar import Week, week_of
from pipeline.domain.ids import SourceName
from pipeline.domain.observation import Capture
from pipeline.flow.run import catch_up as room
from pipeline.flow.run.catch_up import catch_up
from pipeline.flow.run.run_state import RunRequest
from pipeline.review.proposals import documents
from pipeline.review.proposals.proposal_store import Reviews
from pipeline.settings import Settings
from pipeline.workspace import Workspace

if TYPE_CHECKING:
    from pathlib import Path

    from tests.example import Example

NOW = datetime(2027, 1, 16, 12, tzinfo=UTC)
PAGES = 11


def asked(example: Example, now: datetime = NOW, captures: tuple[str, ...] = ()) -> RunRequest:
    return RunRequest(
        workspace=Workspace(example.folder),
        settings=Settings(),
        week=week_of(now),
        now=now,
        captures=captures,
        progress=lambda _: None,
    )


def stored(example: Example, fetched_at: datetime, body: str) -> None:
    """Store what a run of that week had captured before it failed: an answer of eleven pages."""
    pages = [
        Capture(
            source=SourceName("artificial-analysis"),
            url=f"https://example.test/models?page={number}",
            fetched_at=fetched_at,
            status=200,
            body=f"{body} {number}".encode(),
        )
        for number in range(1, PAGES + 1)
    ]
    place = Workspace(example.folder)
    store_captures(pages, week=week_of(fetched_at), raw=place.raw, base=place.root)


def weeks_run(example: Example, monkeypatch: pytest.MonkeyPatch) -> list[RunRequest]:
    made: list[RunRequest] = []
    monkeypatch.setattr(room, "run", made.append)
    list(catch_up(asked(example)))
    return made


def test_stored_weeks_are_run_in_order_over_the_end_of_a_year_of_53_weeks(
    ran: Example, monkeypatch: pytest.MonkeyPatch
) -> None:
    days = [datetime(2027, 1, 9, 8, tzinfo=UTC), datetime(2026, 12, 26, 8, tzinfo=UTC)]
    days.append(datetime(2027, 1, 2, 8, tzinfo=UTC))
    for day in days:
        stored(ran, day, f"{day}")
        stored(ran, day + timedelta(hours=1), f"later, {day}")
    made = weeks_run(ran, monkeypatch)
    assert [one.week for one in made] == ["2026-W52", "2026-W53", "2027-W01", "2027-W02"]
    assert [one.now for one in made] == [*(day + timedelta(hours=1) for day in sorted(days)), NOW]
    assert [one.asks_sources for one in made] == [False, False, False, True]
    for one in made[:-1]:
        assert one.answers is not None
        (pages,) = one.answers.values()
        numbers = [int(page.body.split()[-1]) for page in pages]
        assert numbers == list(range(1, PAGES + 1))
        assert all(page.body.startswith(b"later") for page in pages)


def test_a_week_that_is_on_record_or_whose_bytes_are_gone_is_not_run(
    ran: Example, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored(ran, datetime(2026, 8, 12, 8, tzinfo=UTC), "in the week that was run")
    stored(ran, datetime(2026, 12, 26, 8, tzinfo=UTC), "gone")
    for file in (ran.folder / "data/raw").glob("*/2026-W52/*.gz"):
        file.unlink()
    assert [one.week for one in weeks_run(ran, monkeypatch)] == ["2027-W02"]


@pytest.mark.timeout(480)  # three weeks are run and one is replayed
def test_folders_of_weeks_become_one_history_and_one_waiting_proposal(ran: Example, tmp_path: Path) -> None:
    sample, given = ran.folder / "data/sample/2026-W33", tmp_path / "given"
    for week, day in (("2026-W34", "2026-08-20"), ("2026-W35", "2026-08-27")):
        shutil.copytree(sample, given / week)
        for file in [*(given / week).iterdir()]:
            file.write_bytes(file.read_bytes() + b"\n" * int(day[-1]))
            file.rename(file.with_name(f"{day}{file.name[10:]}"))
    now = ("--week", "2026-W35", "--now", "2026-08-29T12:00:00Z")
    answer = ran("run", "--catch-up", "--captures", str(given), *now)
    assert answer.code in {0, 10, 20}, answer.err
    assert "Caught up 2026-W34" in answer.out
    reviews = Workspace(ran.folder).reviews
    folders = documents.attempts(reviews)[-3:]
    assert [folder.name for folder in folders] == ["2026-W33", "2026-W34", "2026-W35"]
    document = json.loads((folders[2] / _name(folders[2])).read_bytes())
    earlier = {line["detail"]: line["sha256"] for line in document["inputs"] if line["name"] == "earlier"}
    assert earlier == {"2026-W34": documents.file_digest(folders[1] / _name(folders[1]))}
    waiting = Reviews(reviews).pending
    assert [waiting.folder if waiting else None] == [folders[2]]
    assert ran("replay", "2026-W34").code == 0


def _name(folder: Path) -> str:
    return documents.PROPOSAL if documents.is_proposal(folder) else documents.HEARTBEAT


def test_a_folder_without_weeks_is_a_usage_error(ran: Example) -> None:
    refused = ran("run", "--catch-up", "--captures", str(ran.folder / "data/sample/2026-W33"))
    assert refused.code == 2
    assert "2026-W30" in refused.err
    assert [Week(one.name) for one in documents.attempts(Workspace(ran.folder).reviews)][-1] == "2026-W33"
