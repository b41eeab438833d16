"""Takes the answers of the sources from the run of another workspace, so that each source is asked once."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING

from pipeline.domain.calendar import moment_text
from pipeline.errors import RefusedError
from pipeline.flow.record.capture_index import CaptureIndex
from pipeline.flow.record.run_history import recorded_runs
from pipeline.flow.replay.recorded_answers import noticed_while_asking, recorded_captures
from pipeline.flow.replay.recorded_inputs import DiffersError
from pipeline.flow.run.fetch import SourceAnswers
from pipeline.workspace_lock import LockHolder, hold_lock

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from pipeline.flow.run.request import RunRequest
    from pipeline.workspace import Workspace


def shared_answers(job: RunRequest, other: Workspace) -> SourceAnswers:
    """Return what the sources answered to the other workspace's last run of the same week.

    The bytes are kept here too, so that nothing that follows needs the other workspace.

    Raises:
        RefusedError: It has no run of that week, a capture of it is gone, or a command writes there.
    """
    with _held(job, other):
        return _answers(job, other)


def _held(job: RunRequest, other: Workspace) -> AbstractContextManager[None]:
    """Let nobody write there while it is read; whose crosswalk is used is held already."""
    held = job.workspace.other("crosswalk")
    if held is not None and held.root.resolve() == other.root.resolve():
        return nullcontext()
    return hold_lock(other.root / "data", LockHolder(command="run", since=moment_text(job.now)))


def _answers(job: RunRequest, other: Workspace) -> SourceAnswers:
    said = moment_text(job.now)
    runs = [run for run in recorded_runs(other) if run.week == job.week and run.as_of <= said]
    if not runs:
        raise RefusedError(
            f"{other.root}, where the sources are asked, has no run of {job.week} up to {said}",
            hint=f"`{other.command('run')}`, then `{job.workspace.command('run')}`.",
        )
    try:
        answers = recorded_captures(runs[-1], CaptureIndex(other, job.week))
    except DiffersError as error:
        raise RefusedError(f"{other.root}: {error}", hint=error.hint) from None
    return SourceAnswers(by_source=answers, findings=noticed_while_asking(runs[-1]))
