"""A past week in which nothing was run: what would have been proposed, from what was on record by its end."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING

from pipeline.domain.proposal import Verdict
from pipeline.domain.week import monday
from pipeline.errors import UsageError
from pipeline.flow.archive import Archive
from pipeline.flow.rebuild import captured
from pipeline.flow.rerun import Question, rerun
from pipeline.flow.rules import read_rules
from pipeline.flow.stood import Past
from pipeline.flow.written import CROSSWALK, WRITTEN, bytes_now, bytes_then, digests_of
from pipeline.identity.volume import known_by
from pipeline.publish.shelf import versions
from pipeline.review import folder as filing
from pipeline.review import shelf
from pipeline.review.accept import accepted
from pipeline.review.decide import decisions
from pipeline.review.moments import moment_text
from pipeline.sources.catalogue import SOURCES

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from pathlib import Path

    from pipeline.domain.names import SourceName
    from pipeline.domain.observation import Capture
    from pipeline.domain.proposal import Heartbeat, Proposal
    from pipeline.domain.week import Week
    from pipeline.flow.rerun import Rerun
    from pipeline.settings import Settings
    from pipeline.workspace import Workspace


def end_of(week: Week, now: datetime) -> datetime:
    """Return the last second of a week; of the running week, now.

    Raises:
        UsageError: The week has not begun.
    """
    start = datetime.combine(monday(week), time(), tzinfo=UTC)
    if start > now:
        raise UsageError(f"{week} has not begun", hint="Name a past week, e.g. --as-of 2026-W33.")
    return min(now, start + timedelta(weeks=1, seconds=-1))


def as_of(
    workspace: Workspace, settings: Settings, week: Week, ends: datetime, step: Callable[[str], None]
) -> Rerun:
    """Make the proposal of a week without a run; nothing is written.

    Runs of earlier weeks, decisions, acceptances and captures count up to the end of the week. Policy and
    expectations are those of the last run by then; the crosswalk is, too, with the lines dated since.

    Raises:
        UsageError: Policy or crosswalk are not of the written form.
        RefusedError: The record is damaged.
    """
    read_rules(workspace)
    archive = Archive(workspace, week)
    past = _past(workspace, week, ends)
    heard = {line.sha256 for folder in past.runs for line in filing.run_in(folder)[0].inputs}
    question = Question(
        workspace=workspace,
        settings=settings,
        week=week,
        attempt=1,
        now=ends,
        answers=_answers(workspace, archive, ends, heard),
        progress=step,
    )
    return rerun(question, past)


def _past(workspace: Workspace, week: Week, ends: datetime) -> Past:
    by = moment_text(ends)
    runs = {
        folder: run
        for folder in shelf.attempts(workspace.reviews)
        for run in (filing.run_in(folder)[0],)
        if run.week < week and run.as_of <= by
    }
    decided = {folder: one for folder, one, _ in decisions(workspace.reviews) if one.decided_at <= by}
    approved = {one.pool_sha256 for one in decided.values() if one.verdict is Verdict.APPROVED}
    chain = versions(workspace.pools)
    first_later = next((place for place, one in enumerate(chain) if one.sha256 not in approved), len(chain))
    latest = max(runs.values(), key=lambda run: (run.as_of, run.week, run.attempt), default=None)
    return Past(
        written={name: _written(name, latest, workspace, ends) for name in WRITTEN},
        runs={folder: folder in decided for folder in runs},
        acceptances=tuple(one for one in accepted(workspace.reviews) if one.accepted_at <= by),
        published=chain[:first_later],
    )


def _written(name: str, latest: Proposal | Heartbeat | None, workspace: Workspace, ends: datetime) -> bytes:
    """Return what people had written by then, as far as it is known."""
    digest = digests_of(latest.inputs).get(name) if latest else None
    then = bytes_then(workspace, name, digest) if digest else None
    if name == CROSSWALK:
        return known_by(ends.date(), then=then, now=bytes_now(workspace, name))
    return bytes_now(workspace, name) if then is None else then


def _answers(
    workspace: Workspace, archive: Archive, ends: datetime, heard: Collection[str]
) -> dict[SourceName, tuple[Capture, ...]]:
    """Return each source's newest stored answer by then, unless an earlier run has heard it already."""
    together = _together(workspace)
    answers: dict[SourceName, tuple[Capture, ...]] = {}
    for source in SOURCES:
        cars = [car for car in archive.sidecars() if car.source == source and car.fetched_at <= ends]
        known = [car for car in cars if archive.has(source, car.sha256)]
        if not known:
            continue
        newest = max(known, key=lambda car: (car.fetched_at, car.week, car.sha256))
        same = [car for car in known if (car.week, car.fetched_at) == (newest.week, newest.fetched_at)]
        pages = sorted(same, key=lambda car: (car.url, car.sha256))
        digests = together.get(newest.sha256) or tuple(car.sha256 for car in pages)
        if not set(digests) <= set(heard) and (found := archive.captures(source, digests)):
            answers[source] = found
    return answers


def _together(workspace: Workspace) -> dict[str, tuple[str, ...]]:
    """Say for each capture that a run was given which captures made that answer, in reading order."""
    found: dict[str, tuple[str, ...]] = {}
    folders: list[Path] = list(shelf.attempts(workspace.reviews))
    for folder in folders:
        inputs = filing.run_in(folder)[0].inputs
        for _, lines in (*captured(inputs), *captured(inputs, "held")):
            digests = tuple(line.sha256 for line in lines)
            for digest in digests:
                found.setdefault(digest, digests)
    return found
