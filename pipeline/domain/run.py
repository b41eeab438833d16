"""What one run of the weekly job did, as the store keeps it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from pipeline.domain.crosswalk import Crosswalk
    from pipeline.domain.names import SourceName, VariantId
    from pipeline.domain.observation import Capture, Finding, Reading
    from pipeline.domain.score import Scoreboard
    from pipeline.domain.week import Week


class Outcome(StrEnum):
    """How a run ended."""

    PROPOSAL = "proposal"
    """A proposal waits for review."""
    UNCHANGED = "unchanged"
    """Nothing to review: a heartbeat."""
    HELD = "held"
    """A source is held and there is nothing to propose."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRecord:
    """One run, complete: the store keeps it, nothing else is derived from it."""

    week: Week
    attempt: int
    as_of: datetime
    outcome: Outcome
    captures: tuple[Capture, ...]
    """The captures behind `readings`; their bytes are kept by `observations`, not by the store."""
    readings: tuple[Reading, ...]
    """What was used: this week's readings and, for a held source, the last good one."""
    held: tuple[SourceName, ...]
    findings: tuple[Finding, ...]
    scoreboards: Mapping[str, Scoreboard]
    crosswalk: Crosswalk
    missing: tuple[VariantId, ...]
    """Members of the published pool that this week's data does not hold."""
