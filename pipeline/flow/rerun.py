"""A week once more, on a workspace as it stood: the week's own code, and nothing is filed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from pipeline.errors import UsageError
from pipeline.flow.archive import Archive
from pipeline.flow.found import DiffersError
from pipeline.flow.gather import Gatherer, gather
from pipeline.flow.job import Job
from pipeline.flow.outcome import document_of
from pipeline.flow.rebuild import catch_up
from pipeline.flow.rules import read_rules
from pipeline.flow.stood import stand
from pipeline.flow.week import conclude
from pipeline.store.desk import open_desk

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from pipeline.domain.names import SourceName
    from pipeline.domain.observation import Capture
    from pipeline.domain.proposal import Heartbeat, Proposal
    from pipeline.domain.week import Week
    from pipeline.errors import SourceHeldError
    from pipeline.flow.rules import Rules
    from pipeline.flow.stood import Past, Stood
    from pipeline.settings import Settings
    from pipeline.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Which week is to be made once more, and what the sources answered."""

    workspace: Workspace
    settings: Settings
    week: Week
    attempt: int
    now: datetime
    answers: Mapping[SourceName, tuple[Capture, ...] | SourceHeldError]
    progress: Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rerun:
    """The document that comes out."""

    document: Proposal | Heartbeat
    without_bytes: tuple[str, ...]
    """Earlier runs whose captures are not here, so that nothing is remembered of them."""


class Listener(Gatherer):
    """Decides as the week does what is used of an answer, and keeps no bytes."""

    def _keep(self, answer: tuple[Capture, ...]) -> None:
        """Leave the captures where they are."""


def rerun(question: Question, past: Past) -> Rerun:
    """Make the document of a week on what stood then; the workspace is only read.

    Raises:
        DiffersError: This version of the program does not read what people had written then.
        RefusedError: The record is damaged.
    """
    with TemporaryDirectory(prefix="modelpool-") as folder:
        then = stand(question.workspace, past, Path(folder))
        try:
            rules = read_rules(then)
        except UsageError as error:
            said = str(error).replace(f"{folder}/", "")
            raise DiffersError(
                "code",
                f"this version does not read what people had written then: {said}",
                hint="Replay it with the version that the run names as `code`.",
            ) from None
        return _rerun(question, then, rules)


def _rerun(question: Question, then: Stood, rules: Rules) -> Rerun:
    then.database.parent.mkdir(parents=True, exist_ok=True)
    with open_desk(f"sqlite:///{then.database}") as desk:
        question.progress("remembering the earlier runs")
        rebuilt = catch_up(desk, then, rules)
        listener = Listener(
            workspace=then,
            rules=rules,
            desk=desk,
            archive=Archive(then, question.week),
            week=question.week,
            now=question.now,
        )
        job = Job(
            workspace=then,
            settings=question.settings,
            week=question.week,
            now=question.now,
            captures=(),
            progress=question.progress,
        )
        question.progress("scoring and selecting")
        done = conclude(job, rules, gather(listener, question.answers), desk)
        document = document_of(done, question.attempt)
    return Rerun(document=document, without_bytes=rebuilt.without_bytes if rebuilt else ())
