"""Summarizes a reading: which models it names, how much is filled, its day, and whether it is new."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date
from typing import TYPE_CHECKING

from pipeline.domain.document import sha256_hex
from pipeline.domain.run import ReadingSummary
from pipeline.domain.subjects import PRICE_METRIC

if TYPE_CHECKING:
    from pipeline.domain.ids import MetricName, Sha256, SourceKey
    from pipeline.domain.observation import Price, Reading


"""The word for a known input and output price, beside the names of metrics."""


def names_of(reading: Reading) -> frozenset[SourceKey]:
    """Return the keys of everything the source lists."""
    return frozenset(entry.key for entry in reading.entries)


def count_numbers(reading: Reading) -> frozenset[SourceKey]:
    """Return the keys that have a value or a price."""
    return frozenset(observation.key for observation in reading.observations) | frozenset(
        price.key for price in reading.prices
    )


def coverage(reading: Reading) -> Mapping[str, float]:
    """Return for each used field the share that has it: of the names, or of the observations."""
    counts = Counter[str](observation.metric for observation in reading.observations)
    counts[PRICE_METRIC] = sum(
        price.input_microusd_per_mtok is not None and price.output_microusd_per_mtok is not None
        for price in reading.prices
    )
    counts["context"] = sum(entry.context_tokens is not None for entry in reading.entries)
    counts["modalities"] = sum(entry.input_modalities is not None for entry in reading.entries)
    counts["tools"] = sum(entry.tools is not None for entry in reading.entries)
    counts["organization"] = sum(entry.organization is not None for entry in reading.entries)
    listed = len(reading.entries)
    shares = {field: count / listed for field, count in counts.items() if count and listed}
    observed = len(reading.observations)
    voted = sum(one.votes is not None for one in reading.observations)
    bounded = sum(one.low is not None and one.high is not None for one in reading.observations)
    parts = {"votes": voted, "interval": bounded}
    return shares | {field: count / observed for field, count in parts.items() if count}


def values_of(reading: Reading) -> Mapping[tuple[MetricName, SourceKey], float]:
    """Return every observed value by metric and key."""
    return {(observation.metric, observation.key): observation.value for observation in reading.observations}


def numbers_of(reading: Reading) -> frozenset[Hashable]:
    """Return what the source measures and asks: scores and prices, whoever is listed around them."""
    scores = {
        (
            observation.key,
            observation.metric,
            observation.scale,
            observation.value,
            observation.low,
            observation.high,
            observation.votes,
            observation.estimated,
        )
        for observation in reading.observations
    }
    prices = {
        (
            price.key,
            price.input_microusd_per_mtok,
            price.output_microusd_per_mtok,
            price.cache_read_microusd_per_mtok,
            price.note,
        )
        for price in reading.prices
    }
    return frozenset[Hashable]().union(scores, prices)


def numbers_digest(reading: Reading) -> Sha256:
    """Return the digest of what the source measures and asks."""
    return sha256_hex("\n".join(sorted(map(repr, numbers_of(reading)))).encode())


def summarize(reading: Reading, metrics: Collection[str]) -> ReadingSummary:
    """Work out what later weeks ask of a reading, with its observations of some metrics."""
    return ReadingSummary(
        names=len(count_numbers(reading)),
        numbers=numbers_digest(reading),
        observations=tuple(
            observation for observation in reading.observations if observation.metric in metrics
        ),
        asked=asked_by_key(reading.prices),
    )


def asked_by_key(prices: Iterable[Price]) -> dict[SourceKey, int]:
    """Return three parts input and one part output of every price above zero, by key."""
    return {
        price.key: 3 * price.input_microusd_per_mtok + price.output_microusd_per_mtok
        for price in prices
        if price.input_microusd_per_mtok and price.output_microusd_per_mtok
    }


def content_day(reading: Reading) -> date:
    """Return the day the content is of: as published, else of its newest value, else of the fetch."""
    if reading.published_on is not None:
        return reading.published_on
    days = {observation.observed_on for observation in reading.observations} | {
        price.observed_on for price in reading.prices
    }
    return max(days, default=reading.fetched_at.astimezone(UTC).date())


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierReading:
    """One earlier weekly run of a source."""

    week: str
    names: int
    """Names with a number."""
    numbers: Sha256
    """Digest of its numbers."""
    read: Callable[[], Reading | None]
    """Reads its captures again; None when they are gone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierReadingStats:
    """What earlier weekly runs of a source looked like."""

    names: tuple[int, ...] = ()
    """Names with a number in each, newest first."""
    unchanged: int = 0
    """How many of them in a row, up to the last one, said exactly the numbers of this reading."""
    replayed: str = ""
    """The week whose numbers this reading repeats although other numbers came since; empty when none."""


def compare_recent(reading: Reading, steps: Sequence[EarlierReading]) -> EarlierReadingStats:
    """Compare a reading with earlier runs, newest first, by the digests of their numbers."""
    digest = numbers_digest(reading) if steps else ""
    counts = tuple(step.names for step in steps)
    unchanged = 0
    for place, step in enumerate(steps):
        if step.numbers != digest:
            continue
        if place != unchanged:
            replayed = "" if unchanged else step.week
            return EarlierReadingStats(names=counts, unchanged=unchanged, replayed=replayed)
        unchanged += 1
    return EarlierReadingStats(names=counts, unchanged=unchanged)


def distinct_readings(reading: Reading, steps: Sequence[EarlierReading], count: int) -> tuple[Reading, ...]:
    """Return what the source said before, newest first, leaving out weeks that only repeat the next one."""
    found: list[Reading] = []
    after = numbers_digest(reading)
    for step in steps:
        before = step.read() if len(found) < count and step.numbers != after else None
        if before is not None:
            found.append(before)
            after = step.numbers
    return tuple(found)
