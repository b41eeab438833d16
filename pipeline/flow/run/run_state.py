"""Defines what is known about a week while it is run, and what it came to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.flow.run.spend import NO_SPEND

if TYPE_CHECKING:
    from pipeline.domain.observation import Finding
    from pipeline.domain.proposal import ProposalKind
    from pipeline.flow.record.config import Config
    from pipeline.flow.record.record_files import RecordFiles
    from pipeline.flow.run.ingest import SourceResult
    from pipeline.flow.run.request import RunRequest
    from pipeline.flow.run.score import ScoredWeek
    from pipeline.flow.run.spend import SpendReport
    from pipeline.pools.selection_input import Selection
    from pipeline.publish.versions import PublishedVersion


@dataclass(frozen=True, slots=True, kw_only=True)
class RunState:
    """Everything known about this week before anything is written."""

    job: RunRequest
    rules: Config
    results: tuple[SourceResult, ...]
    assessment: ScoredWeek
    record: RecordFiles
    """The files of record as this run found them."""

    @property
    def published(self) -> PublishedVersion | None:
        """The version in force."""
        return self.record.in_force


@dataclass(frozen=True, slots=True, kw_only=True)
class FiledRun:
    """What a week came to, before it is filed."""

    week: RunState
    selection: Selection | None
    """None where a source that the tiers believe has never said anything."""
    findings: tuple[Finding, ...]
    kind: ProposalKind | None = None
    """Why a person is asked; None: there is nothing to review."""
    spend: SpendReport = NO_SPEND
