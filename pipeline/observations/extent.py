"""A reading as a whole: whom it names, how much of it is filled, of which day it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable
from datetime import UTC
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from pipeline.domain.names import MetricName, SourceKey
    from pipeline.domain.observation import Reading

PRICE = "price"
"""The word for a known input and output price, beside the names of metrics."""


def names(reading: Reading) -> frozenset[SourceKey]:
    """Return the keys of everything the source lists."""
    return frozenset(entry.key for entry in reading.entries)


def coverage(reading: Reading) -> Mapping[str, float]:
    """Return for each metric, and for `price`, the share of the listed names that have it."""
    counts = Counter[str](observation.metric for observation in reading.observations)
    counts[PRICE] = sum(
        price.input_microusd_per_mtok is not None and price.output_microusd_per_mtok is not None
        for price in reading.prices
    )
    listed = len(reading.entries)
    return {metric: count / listed for metric, count in counts.items() if count and listed}


def values(reading: Reading) -> Mapping[tuple[MetricName, SourceKey], float]:
    """Return every observed value by metric and key."""
    return {(observation.metric, observation.key): observation.value for observation in reading.observations}


def content(reading: Reading) -> frozenset[Hashable]:
    """Return what the source says, without when and in which bytes it said it."""
    scores = {
        (one.key, one.metric, one.scale, one.value, one.low, one.high, one.votes, one.estimated)
        for one in reading.observations
    }
    prices = {
        (
            one.key,
            one.input_microusd_per_mtok,
            one.output_microusd_per_mtok,
            one.cache_read_microusd_per_mtok,
            one.note,
        )
        for one in reading.prices
    }
    return frozenset[Hashable]().union(scores, prices, reading.entries)


def content_day(reading: Reading) -> date:
    """Return the day the content is of: as published, else of its newest value, else of the fetch."""
    if reading.published_on is not None:
        return reading.published_on
    days = {one.observed_on for one in reading.observations} | {one.observed_on for one in reading.prices}
    return max(days, default=reading.fetched_at.astimezone(UTC).date())
