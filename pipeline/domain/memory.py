"""What the store remembers of earlier weeks, as far as this week's rules need it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from pipeline.domain.names import MetricName, Sha256, TierName, VariantId
    from pipeline.domain.observation import Observation, Price
    from pipeline.domain.week import Week


@dataclass(frozen=True, slots=True, kw_only=True)
class LastScore:
    """A variant's numbers in the run behind the published pool."""

    values: Mapping[MetricName, tuple[str, float]]
    """Metric to (scale, value as published)."""
    input_microusd_per_mtok: int | None
    output_microusd_per_mtok: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """Earlier weeks; empty for a new workspace."""

    left_pool: Mapping[tuple[TierName, VariantId], Week] = field(default_factory=dict)
    """The last week a variant left a tier's published pool."""
    missing_runs: Mapping[VariantId, int] = field(default_factory=dict)
    """How many runs in a row, up to the last one, an incumbent was missing from the data."""
    last_scores: Mapping[VariantId, LastScore] = field(default_factory=dict)
    """By variant; a variant that is not here was not known when the pool in force was made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """One run that used new data of a source."""

    week: Week
    attempt: int
    captures: tuple[Sha256, ...]
    """In reading order."""
    names: int
    """Source keys with a value or a price."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Approved:
    """Rows of a source that a person let through: behind a published pool, or accepted by name."""

    as_of: datetime
    """The moment of the run, or of the acceptance."""
    by_name: bool = False
    """A person accepted exactly these rows: what was approved of them before no longer counts."""
    observations: tuple[Observation, ...]
    prices: tuple[Price, ...] = ()
    """What the source asked for the same names then, which measured dollars move with."""
