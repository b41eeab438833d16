"""Selects a past week again with the weekly job's own code, on the workspace it found; files nothing."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from pipeline.errors import SourceHeldError, UsageError
from pipeline.flow.record.capture_index import CaptureIndex
from pipeline.flow.record.config import Config, read_config
from pipeline.flow.record.record_files import RecordFiles
from pipeline.flow.record.run_history import RunHistory
from pipeline.flow.replay.past_workspace import PastRecord, PastWorkspace, write_past_workspace
from pipeline.flow.replay.recorded_inputs import DiffersError
from pipeline.flow.run.ingest import Ingestion, ingest
from pipeline.flow.run.prior_state import KeptLastScores
from pipeline.flow.run.run_state import RunRequest
from pipeline.flow.run.store_run import document_of
from pipeline.flow.run.weekly import evaluate

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from pipeline.domain.calendar import Week
    from pipeline.domain.ids import SourceName
    from pipeline.domain.observation import Capture, Finding
    from pipeline.domain.proposal import Heartbeat, Proposal
    from pipeline.flow.run.run_state import EvaluatedWeek
    from pipeline.settings import Settings
    from pipeline.workspace import Workspace

    RecordedAnswers = Mapping[SourceName, tuple[Capture, ...] | SourceHeldError]
    """By source, what it answered, or why it gave nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RerunRequest:
    """Which week is selected again, and what the sources answered."""

    workspace: Workspace
    settings: Settings
    week: Week
    attempt: int
    now: datetime
    answers: RecordedAnswers
    findings: tuple[Finding, ...]
    """What was noticed while they were asked, which no capture tells."""
    progress: Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class RerunResult:
    """The document that comes out."""

    document: Proposal | Heartbeat
    without_bytes: tuple[str, ...]
    """Earlier runs whose captures are not here, so that nothing is remembered of them."""


class CaptureReader(Ingestion):
    """Decides as the weekly job does which answers are used, and stores no bytes."""

    def _keep(self, answer: tuple[Capture, ...]) -> None:
        """Leave the captures where they are."""


def rerun(question: RerunRequest, past: PastRecord) -> RerunResult:
    """Compose the document of a week from the record of that time; the workspace is only read.

    Raises:
        DiffersError: This version of the program does not read what people had written then.
        RefusedError: The record is damaged.
    """
    with TemporaryDirectory(prefix="modelpool-") as folder:
        then = write_past_workspace(question.workspace, past, Path(folder))
        try:
            rules = read_config(then)
        except UsageError as error:
            reason = str(error).replace(f"{folder}/", "")
            raise DiffersError(
                "code",
                f"this version does not read what people had written then: {reason}",
                hint="Replay it with the version that the run names as `code`.",
            ) from None
        return _rerun(question, then, rules)


def evaluate_recorded(
    job: RunRequest, rules: Config, answers: RecordedAnswers
) -> tuple[EvaluatedWeek, RunHistory]:
    """Evaluate a week from answers on record; nothing is written.

    Raises:
        RefusedError: The record is damaged.
    """
    history = RunHistory(RecordFiles(job.workspace), CaptureIndex(job.workspace, job.week))
    reader = CaptureReader(rules=rules, history=history, week=job.week, now=job.now)
    return evaluate(job, rules, ingest(reader, answers), history, KeptLastScores(None)), history


def _rerun(question: RerunRequest, then: PastWorkspace, rules: Config) -> RerunResult:
    job = RunRequest(
        workspace=then,
        settings=question.settings,
        week=question.week,
        now=question.now,
        captures=(),
        progress=question.progress,
        findings=question.findings,
    )
    question.progress("scoring and selecting")
    done, history = evaluate_recorded(job, rules, question.answers)
    return RerunResult(document=document_of(done, question.attempt), without_bytes=history.without_bytes)
