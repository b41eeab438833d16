"""Runs the weeks that were missed before this one, from captures that are here: stored, or given by week.

A missed week is one after the last on record of which captures are here, or in the workspace that asks the
sources for this one. The weeks are run in order, each at the moment of its captures, so that what sources
said then is on record when the next is compared with it. The proposal of the newest week is the one that
waits: it supersedes those of the missed weeks.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pipeline.captures.store import is_here, load_capture, sidecars
from pipeline.domain.calendar import monday, read_week
from pipeline.errors import UsageError
from pipeline.flow.run.fetch import shared_weeks
from pipeline.flow.run.weekly import run
from pipeline.review.proposals import documents
from pipeline.sources.local_files import read_captures

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.captures.store import Sidecar
    from pipeline.domain.calendar import Week
    from pipeline.domain.ids import SourceName
    from pipeline.domain.observation import Capture
    from pipeline.flow.run.run_state import RunRequest, RunResult

_NUMBERS: Final = re.compile(r"(\d+)")
_TO_SUNDAY: Final = timedelta(days=6)
_LAST_SECOND: Final = time(23, 59, 59, tzinfo=UTC)


def catch_up(job: RunRequest) -> Iterator[RunResult]:
    """Run every missed week, oldest first, then the week that is asked for.

    Where folders are given, each holds one folder a week (`2026-W30`): those are the missed weeks, and the
    week that is asked for is read from its folder, or the sources are asked where it has none.

    Raises:
        UsageError: A capture argument is no folder with folders of weeks.
        RefusedError: The record on disk is damaged.
    """
    given = _folders(job.captures)
    last = max(
        (documents.place_of(attempt)[0] for attempt in documents.attempts(job.workspace.reviews)), default=""
    )
    missed = (
        {week: _given_week(folder, week, job) for week, folder in given.items() if last < week < job.week}
        if given
        else _stored_weeks(job, last) | _shared_weeks(job, last)
    )
    for week in sorted(missed):
        job.progress(f"catching up {week}")
        yield run(missed[week])
    own = given.get(job.week)
    yield run(replace(job, captures=(str(own),) if own else ()))


def _folders(places: tuple[str, ...]) -> dict[Week, Path]:
    """Find the folders named after weeks; others are ignored.

    Raises:
        UsageError: A place is no folder, or holds no week.
    """
    found: dict[Week, Path] = {}
    for place in map(Path, places):
        weeks = [path for path in place.iterdir() if path.is_dir()] if place.is_dir() else []
        named = {path.name: path for path in weeks if documents.place_of(path) == (path.name, 1)}
        if not named:
            raise UsageError(
                f"{place} holds no folder that is named by a week, such as 2026-W30",
                hint="With --catch-up, --captures names a folder with one folder of captures a week.",
            )
        found |= {read_week(name): path for name, path in named.items()}
    return found


def _given_week(folder: Path, week: Week, job: RunRequest) -> RunRequest:
    """Read the files of a week as they stood on its Sunday."""
    moment = min(datetime.combine(monday(week) + _TO_SUNDAY, _LAST_SECOND), job.now)
    answers = read_captures((folder,), now=moment, base=job.workspace.root)
    return replace(job, week=week, now=moment, captures=(), answers=answers)


def _shared_weeks(job: RunRequest, last: str) -> dict[Week, RunRequest]:
    """Find the weeks after the last one that the workspace ran which asks the sources for this one."""
    other = job.workspace.shared_from("captures")
    moments = shared_weeks(job, other, last) if other else {}
    return {week: replace(job, week=week, now=moment) for week, moment in moments.items()}


def _stored_weeks(job: RunRequest, last: str) -> dict[Week, RunRequest]:
    """Find the last whole answer of each source in each week after the last one, its pages in reading order.

    Raises:
        RefusedError: The bytes of a capture are not what they were.
    """
    raw, base = job.workspace.raw, job.workspace.root
    cars: defaultdict[tuple[Week, SourceName, datetime], list[Sidecar]] = defaultdict(list)
    for sidecar in sidecars(raw):
        if last < sidecar.week < job.week:
            cars[sidecar.week, sidecar.source, sidecar.fetched_at].append(sidecar)
    found: defaultdict[Week, dict[SourceName, tuple[Capture, ...]]] = defaultdict(dict)
    for week, source, moment in sorted(cars):
        pages = sorted(cars[week, source, moment], key=_page)
        if all(is_here(sidecar, raw=raw, base=base) for sidecar in pages):
            found[week][source] = tuple(load_capture(sidecar, raw=raw, base=base) for sidecar in pages)
    moments = {
        week: max(one.fetched_at for captures in answers.values() for one in captures)
        for week, answers in found.items()
    }
    return {
        week: replace(job, week=week, now=moments[week], answers=answers) for week, answers in found.items()
    }


def _page(sidecar: Sidecar) -> list[tuple[int, str]]:
    """Sort key: addresses by their text, numbers in them by size."""
    return [(int(part), "") if part.isdigit() else (-1, part) for part in _NUMBERS.split(sidecar.url)]
