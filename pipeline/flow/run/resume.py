"""Lets a run continue from the answers that a killed one of the same week has stored."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from pipeline.captures.store import (
    StoredAnswer,
    UnfinishedRun,
    drop_unfinished,
    load_unfinished,
    store_captures,
    store_unfinished,
)
from pipeline.domain.calendar import moment_text, read_moment
from pipeline.domain.ids import SourceName
from pipeline.domain.proposal import InputDigest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipeline.domain.observation import Capture
    from pipeline.flow.record.capture_index import CaptureIndex
    from pipeline.flow.run.run_state import RunRequest

_LONGEST: Final = timedelta(hours=12)
"""An older answer is asked for again: sources publish daily."""


class AnswerJournal:
    """The answers of one run, stored as they come."""

    def __init__(self, job: RunRequest, capture_index: CaptureIndex) -> None:
        """Find what a killed run of this week left; a run that reads files stores nothing here."""
        self._job, self._capture_index = job, capture_index
        left = load_unfinished(job.workspace.raw) if job.asks_sources else None
        fresh = left is not None and left.week == job.week and self._is_fresh(left)
        self._run = (
            left
            if left is not None and fresh
            else UnfinishedRun(format=1, week=job.week, began=moment_text(job.now), answers={})
        )

    def _is_fresh(self, left: UnfinishedRun) -> bool:
        return timedelta(0) <= self._job.now - read_moment(left.began) <= _LONGEST

    def answers(self) -> Mapping[SourceName, tuple[Capture, ...]]:
        """Return the whole answers that are here already; one whose bytes are damaged is asked for again."""
        found = {}
        for name, stored in self._run.answers.items():
            source = SourceName(name)
            lines = [
                InputDigest(name=name, sha256=one.sha256, detail=one.url, fetched_at=one.fetched_at)
                for one in stored
            ]
            if captures := self._capture_index.again(source, lines):
                found[source] = captures
        return found

    def keep(self, source: SourceName, captures: tuple[Capture, ...]) -> None:
        """Store a whole answer, so that nobody has to ask for it again; of a run that reads files, nothing.

        Raises:
            RefusedError: A sidecar of that digest exists and does not describe these bytes.
            OSError: The disk refused.
        """
        if not self._job.asks_sources:
            return
        workspace = self._job.workspace
        store_captures(captures, week=self._job.week, raw=workspace.raw, base=workspace.root)
        stored = tuple(
            StoredAnswer(sha256=capture.sha256, url=capture.url, fetched_at=moment_text(capture.fetched_at))
            for capture in captures
        )
        answers = {**self._run.answers, source: stored}
        self._run = self._run.model_copy(update={"answers": answers})
        store_unfinished(workspace.raw, self._run)

    def close(self) -> None:
        """Drop the answers once the run has filed its result."""
        if self._job.asks_sources:
            drop_unfinished(self._job.workspace.raw)
