"""Takes the answers of the sources from the run of another workspace, so that each source is asked once."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING

from pipeline.domain.calendar import Week, moment_text, read_moment
from pipeline.errors import RefusedError
from pipeline.flow.record.capture_index import CaptureIndex
from pipeline.flow.replay.recorded_inputs import DiffersError, noticed_while_asking, recorded_captures
from pipeline.flow.run.fetch import SourceAnswers
from pipeline.review.proposals.proposal_store import Reviews
from pipeline.workspace_lock import LockHolder, hold_lock

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from datetime import datetime

    from pipeline.domain.proposal import Heartbeat, Proposal
    from pipeline.flow.run.run_state import RunRequest
    from pipeline.workspace import Workspace


def shared_answers(job: RunRequest, other: Workspace) -> SourceAnswers:
    """Return what the sources answered to the other workspace's last run of the same week.

    The bytes are kept here too, so that nothing that follows needs the other workspace.

    Raises:
        RefusedError: It has no run of that week, a capture of it is gone, or a command writes there.
    """
    with _held(job, other):
        return _answers(job, other)


def shared_weeks(job: RunRequest, other: Workspace, last: str) -> dict[Week, datetime]:
    """Find the weeks between the last one and this that the other workspace ran, and when it last did.

    Those of which an answer is no longer there are left out; a damaged one is left to the run that takes it.

    Raises:
        RefusedError: A run on record there is damaged, or a command writes there.
    """
    with _held(job, other):
        runs = {Week(run.week): run for run in Reviews(other.reviews).runs if last < run.week < job.week}
        return {week: read_moment(run.as_of) for week, run in runs.items() if not _is_gone(run, other)}


def _is_gone(run: Proposal | Heartbeat, other: Workspace) -> bool:
    captures = CaptureIndex(other, Week(run.week))
    try:
        recorded_captures(run, captures)
    except DiffersError:
        return not captures.damaged
    return False


def _held(job: RunRequest, other: Workspace) -> AbstractContextManager[None]:
    """Lock the other workspace while it is read; a shared crosswalk is locked already."""
    held = job.workspace.other("crosswalk")
    if held is not None and held.root.resolve() == other.root.resolve():
        return nullcontext()
    return hold_lock(other.root / "data", LockHolder(command="run", since=moment_text(job.now)))


def _answers(job: RunRequest, other: Workspace) -> SourceAnswers:
    until = moment_text(job.now)
    runs = [run for run in Reviews(other.reviews).runs if run.week == job.week and run.as_of <= until]
    if not runs:
        raise RefusedError(
            f"{other.root}, where the sources are asked, has no run of {job.week} up to {until}",
            hint=f"`{other.command('run')}`, then `{job.workspace.command('run')}`.",
        )
    try:
        answers = recorded_captures(runs[-1], CaptureIndex(other, job.week))
    except DiffersError as error:
        raise RefusedError(f"{other.root}: {error}", hint=error.hint) from None
    return SourceAnswers(by_source=answers, findings=noticed_while_asking(runs[-1]))
