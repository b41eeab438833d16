"""Files a named person's answers to single changes, and selects the week again without those on hold.

The rest is recomputed by the week's own code on the captures of the proposal that was answered, filed with
its page and a digest of its own. Nothing is approved here. Answers may come from one TOML file.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import Field, ValidationError, model_validator

from pipeline.domain.calendar import Week, read_moment
from pipeline.domain.document import Document
from pipeline.domain.proposal import Said
from pipeline.errors import RefusedError
from pipeline.flow.approval.approve import nothing_pending
from pipeline.flow.approval.stale_proposal import refuse_if_acceptances_moved, refuse_if_stale
from pipeline.flow.record.capture_index import CaptureIndex
from pipeline.flow.record.config import read_config
from pipeline.flow.record.database import database_mirror, database_url
from pipeline.flow.record.integrity import refuse_lost_decisions
from pipeline.flow.record.rebuild import sync_from_files
from pipeline.flow.record.record_files import RecordFiles
from pipeline.flow.replay.recorded_inputs import noticed_while_asking, recorded_captures
from pipeline.flow.replay.rerun import evaluate_recorded
from pipeline.flow.run.run_state import RunRequest
from pipeline.flow.run.store_run import store_result
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
from pipeline.toml_file import broken_at, dotted_key, line_of, read_toml

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
        raise nothing_pending(record)
    with database_mirror(workspace, settings) as mirror:
        mirror.refuse_if_edited(found)
    refuse_if_stale(record, found, now=typed.now)
    refuse_if_acceptances_moved(record, found)
    refuse_lost_decisions(record)
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
        return AnswerResult(answers=answers, path=path, left=store_result(done, database))


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


class ChangeLine(Document):
    """The answer to one change."""

    number: Annotated[int, Field(ge=1)]
    """As the page counts."""
    answer: Literal["accept", "hold", "never"]
    until: date | None = None
    """Of a hold: from this day on it is asked again."""
    note: Said | None = None

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        if (self.until is not None) != (self.answer == "hold"):
            raise ValueError("a hold has a day in `until`, and nothing else does")
        return self


class AnswersFile(Document):
    """The whole file; a change that it does not name is accepted."""

    change: tuple[ChangeLine, ...]

    @model_validator(mode="after")
    def _answers_once(self) -> Self:
        numbers = [one.number for one in self.change]
        for twice in {number for number in numbers if numbers.count(number) > 1}:
            raise ValueError(f"change {twice} is answered twice")
        return self

    @property
    def answers(self) -> tuple[ChangeAnswerInput, ...]:
        """The changes that are not taken."""
        return tuple(
            ChangeAnswerInput(number=one.number, until=one.until, note=one.note)
            for one in self.change
            if one.answer != "accept"
        )

    @property
    def accepted(self) -> tuple[int, ...]:
        """The numbers of the changes that are said to be taken."""
        return tuple(one.number for one in self.change if one.answer == "accept")


def read_answers(path: Path | None) -> AnswersFile:
    """Read a file of answers; without one, nothing is answered.

    Raises:
        UsageError: It is missing, no TOML, or a key is missing, unknown or not of its form.
    """
    if path is None:
        return AnswersFile(change=())
    _, text, document = read_toml(path)
    try:
        # By way of JSON, since a strict model takes an array for a tuple only there.
        return AnswersFile.model_validate_json(json.dumps(document, default=str))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        key = first["loc"]
        message = first["msg"].removeprefix("Value error, ")
        raise broken_at(
            path, line_of(text, key), f"{dotted_key(key)}: {message}" if key else message, _FORM
        ) from None


_FORM = "[[change]] tables with number, answer (accept, hold, never), until for a hold, and perhaps note"
