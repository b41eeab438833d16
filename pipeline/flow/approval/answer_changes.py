"""Files a named person's answers to single changes, and selects the week again without those on hold.

The rest is recomputed by the week's own code on the captures of the proposal that was answered, filed with
its page and a digest of its own. Nothing is approved here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.domain.calendar import Week, read_moment
from pipeline.errors import RefusedError
from pipeline.flow.approval.stale_proposal import refuse_if_acceptances_moved, refuse_if_stale
from pipeline.flow.record.capture_index import CaptureIndex
from pipeline.flow.record.config import read_config
from pipeline.flow.record.database import database_mirror, database_url
from pipeline.flow.record.rebuild import sync_from_files
from pipeline.flow.record.record_files import RecordFiles
from pipeline.flow.replay.recorded_answers import noticed_while_asking, recorded_captures
from pipeline.flow.replay.rerun import evaluate_recorded
from pipeline.flow.run.file_run import file
from pipeline.flow.run.run_state import RunRequest
from pipeline.review.decisions.chain import latest_decision
from pipeline.review.decisions.change_answers import (
    AnswersInput,
    ChangeAnswerInput,
    RetractionInput,
    file_answers,
    file_retraction,
    make_answers,
    make_retraction,
)
from pipeline.review.proposals.questions import questions_of
from pipeline.store.database import open_database

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pipeline.domain.answers import RememberedAnswer
    from pipeline.domain.proposal import AnswerRetraction, ChangeAnswers
    from pipeline.flow.run.run_state import RunResult
    from pipeline.settings import Settings
    from pipeline.workspace import Workspace

__all__ = [
    "AnswerResult",
    "AnswersInput",
    "ChangeAnswerInput",
    "RetractionInput",
    "answer_changes",
    "questions_of",
    "retract_answer",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerResult:
    """The answers that were filed, and what is left of the week."""

    answers: ChangeAnswers
    path: Path
    left: RunResult


def answer_changes(
    workspace: Workspace, settings: Settings, typed: AnswersInput, progress: Callable[[str], None]
) -> AnswerResult:
    """File answers about the pending proposal, and propose the week anew without the changes they hold.

    Whatever can refuse is asked first. The same answers again complete what was interrupted.

    Raises:
        UsageError: A number, a day, the reviewer or a note cannot be taken.
        RefusedError: Nothing is pending, the digest is another's, what the proposal was made from moved, or
            its captures are not on this machine.
    """
    record = RecordFiles(workspace)
    found = record.reviews.pending
    if found is None:
        raise RefusedError("no proposal is pending", hint="`modelpool run` proposes.")
    with database_mirror(workspace, settings) as mirror:
        mirror.refuse_if_edited(found)
    refuse_if_stale(record, found, now=typed.now)
    refuse_if_acceptances_moved(record, found)
    latest = record.chain.latest
    answers = make_answers(found, typed, previous=latest[1] if latest else None)
    job = RunRequest(
        workspace=workspace,
        settings=settings,
        week=Week(found.proposal.week),
        now=read_moment(found.proposal.as_of),
        captures=(),
        progress=progress,
        findings=noticed_while_asking(found.proposal),
    )
    captures = recorded_captures(found.proposal, CaptureIndex(workspace, job.week))
    rules = read_config(workspace)
    with open_database(database_url(workspace, settings)) as database:
        sync_from_files(database, record, rules)
        path = file_answers(found, answers)
        job.progress("selecting without what is held")
        done, _ = evaluate_recorded(job, rules, captures)
        return AnswerResult(answers=answers, path=path, left=file(done, database))


def retract_answer(
    workspace: Workspace, typed: RetractionInput
) -> tuple[RememberedAnswer, AnswerRetraction, Path]:
    """Take one answer back, so that the next run asks again; the chain of decisions keeps both.

    Raises:
        UsageError: The reviewer or the note cannot be kept.
        RefusedError: No answer on record has the key, or the clock is behind the last decision.
        OSError: The disk refused; the answer stands.
    """
    latest = latest_decision(workspace.reviews)
    if latest is None:
        raise RefusedError(
            "nobody answered anything yet", hint="`modelpool review` shows what waits for an answer."
        )
    found, retraction = make_retraction(workspace.reviews, typed, previous=latest[1])
    return found, retraction, file_retraction(workspace.reviews, retraction)
