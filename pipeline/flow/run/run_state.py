"""Defines what a run is asked to do, what is known while it runs, and how it ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.flow.run.spend import NO_SPEND
from pipeline.pools.selection_input import SelectionInput
from pipeline.sources.registry import ATTRIBUTION

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime
    from pathlib import Path

    from pipeline.domain.calendar import Week
    from pipeline.domain.ids import SourceName
    from pipeline.domain.observation import Capture, Finding
    from pipeline.domain.proposal import Proposal, ProposalKind
    from pipeline.domain.run import Outcome, PriorState
    from pipeline.flow.record.config import Config
    from pipeline.flow.record.record_files import RecordFiles
    from pipeline.flow.run.ingest import SourceResult
    from pipeline.flow.run.score import ScoredWeek
    from pipeline.flow.run.spend import SpendReport
    from pipeline.pools.selection_input import Selection
    from pipeline.publish.versions import PublishedVersion
    from pipeline.settings import Settings
    from pipeline.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRequest:
    """What one run is asked to do."""

    workspace: Workspace
    settings: Settings
    week: Week
    now: datetime
    captures: tuple[str, ...]
    """Folders or SOURCE=FILE pairs to read instead of asking the sources; empty: ask them."""
    progress: Callable[[str], None]
    answers: Mapping[SourceName, tuple[Capture, ...]] | None = None
    """What the sources said, for a week in which they can no longer be asked; None: see `captures`."""
    findings: tuple[Finding, ...] = ()
    """What was noticed while the sources were asked, which no capture tells."""

    @property
    def asks_sources(self) -> bool:
        """Return whether the sources are asked."""
        return not self.captures and self.answers is None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunResult:
    """How a run ended."""

    week: Week
    outcome: Outcome
    held: tuple[Finding, ...]
    findings: tuple[Finding, ...]
    folder: Path
    """The folder below `reviews/` with the proposal or the heartbeat."""
    proposal: Proposal | None
    warnings: tuple[str, ...] = ()
    """What could not be written after it was filed."""


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
class EvaluatedWeek:
    """The result of a week, before it is filed."""

    week: RunState
    selection: Selection | None
    """None where a source that the tiers believe has never said anything."""
    findings: tuple[Finding, ...]
    kind: ProposalKind | None = None
    """Why a person is asked; None: there is nothing to review."""
    spend: SpendReport = NO_SPEND


def selection_input(week: RunState, memory: PriorState) -> SelectionInput:
    """Build the input of this week's selection from the pool in force and the memory of earlier weeks."""
    latest = week.record.chain.latest
    return SelectionInput(
        week=week.job.week,
        as_of=week.job.now,
        policy=week.rules.policy,
        policy_sha256=week.rules.policy_sha256,
        scoreboards=week.assessment.scoreboards,
        variants=week.rules.crosswalk.variants,
        profiles=week.assessment.resolution.profiles,
        published=week.published.pool if week.published else None,
        published_sha256=week.published.sha256 if week.published else None,
        audit_head=latest[1] if latest else None,
        memory=memory,
        attribution=ATTRIBUTION,
    )
