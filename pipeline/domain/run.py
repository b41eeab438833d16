"""Defines one run of the weekly job as the store keeps it, the notice about it, and a week of a backtest."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime
    from pathlib import Path

    from pipeline.domain.answers import RememberedAnswer
    from pipeline.domain.calendar import Week
    from pipeline.domain.crosswalk import Crosswalk
    from pipeline.domain.http_proxy import ProxyAddress
    from pipeline.domain.ids import MetricName, Sha256, SourceKey, SourceName, TierName, VariantId
    from pipeline.domain.observation import Capture, Finding, Observation, Reading
    from pipeline.domain.pool import Change, FactChange
    from pipeline.domain.score import Scoreboard


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
    """The captures behind `readings`; their bytes are kept by `captures`, not by the store."""
    readings: tuple[Reading, ...]
    """What was used: this week's readings and, for a held source, the last good one."""
    held: tuple[SourceName, ...]
    findings: tuple[Finding, ...]
    scoreboards: Mapping[str, Scoreboard]
    crosswalk: Crosswalk
    missing: tuple[VariantId, ...]
    """Members of the published pool that this week's data does not hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LastScore:
    """A variant's numbers in the run behind the published pool."""

    values: Mapping[MetricName, tuple[str, float]]
    """Metric to (scale, value as published)."""
    input_microusd_per_mtok: int | None
    output_microusd_per_mtok: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PriorState:
    """Earlier weeks; empty for a new workspace."""

    left_pool: Mapping[tuple[TierName, VariantId], Week] = field(default_factory=dict)
    """The last week a variant left a tier's published pool."""
    missing_runs: Mapping[VariantId, int] = field(default_factory=dict)
    """How many runs in a row, up to the last one, an incumbent was missing from the data."""
    last_scores: Mapping[VariantId, LastScore] = field(default_factory=dict)
    """By variant; a variant that is not here was not known when the pool in force was made."""
    answers: tuple[RememberedAnswer, ...] = ()
    """What people answered about changes, by tier and variant; nobody took it back."""
    rejected_facts: tuple[FactChange, ...] = ()
    """Changes of facts that were rejected with a proposal of nothing else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingSummary:
    """What later weeks ask of a reading, so that its captures need not be parsed again."""

    names: int
    """Source keys with a value or a price."""
    numbers: Sha256
    """Digest of everything that the source measured and asked: the same numbers, the same digest."""
    observations: tuple[Observation, ...]
    """Those of the metrics that are compared row by row."""
    asked: Mapping[SourceKey, int]
    """Three parts input and one part output of every price above zero, in micro-dollars per million."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptureUse:
    """One run that used new data of a source."""

    week: Week
    attempt: int
    captures: tuple[Sha256, ...]
    """In reading order."""
    summary: ReadingSummary


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovedRows:
    """Rows of a source that a person let through: behind a published pool, or accepted by name."""

    as_of: datetime
    """The moment of the run, or of the acceptance."""
    by_name: bool = False
    """A person accepted exactly these rows: what was approved of them before no longer counts."""
    observations: tuple[Observation, ...]
    asked: Mapping[SourceKey, int] = field(default_factory=dict)
    """What the source asked for the same names then, which measured dollars move with: as in a summary."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PastWeek:
    """What a policy held in one tier in one week of a backtest."""

    week: Week
    day: date
    """The day of the table."""
    held: tuple[str, ...]
    """Models in rank order."""
    changes: tuple[Change, ...]
    """Who entered and who left, with the product's own cause and reason."""
    loss_first: float | None
    """Answers per 100 requests that the first pick lost; None where no later table judges it."""
    loss_bands: float | None
    """The same of who serves each band, the mean of the bands."""
    turnover: float
    """Share of the places that changed hands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunNotice:
    """What is said; plain text without anything that a source wrote."""

    subject: str
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        """Subject and lines as one text."""
        return "\n".join((self.subject, *self.lines))


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboundNetwork:
    """How the operator's network lets a message out."""

    proxy: ProxyAddress | None = None
    authorities: Path | None = None
    """PEM file of authorities that are trusted beside the usual ones."""
