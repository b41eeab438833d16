"""Checks that a reading is whole and believable, beside what people expect and earlier weeks.

A finding of severity `hold` means that the last good reading is used. Values of two scales are never
compared. The kinds are stable words. Whole: duplicate-row, too-few-names, too-few-rows, shrunk, low-coverage,
coverage-drop, canary-missing, vanished, identities-changed. Believable: scale-change, scale-shift, rows-moved
and refreshed; unit-slip, price-swap, price-zero, price-shift; no-spread and contradicts. Fresh: older,
replayed, unchanged, stale-content, future.

A source's own count of its rows (page totals, `count`, `num_rows_total`) is checked where it is parsed.
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from statistics import median
from typing import TYPE_CHECKING

from pipeline.checks.compare import compare_readings, price_findings
from pipeline.checks.findings import finding, name_some
from pipeline.checks.reading_stats import EarlierReadingStats, content_day, count_numbers, coverage, names_of
from pipeline.domain.observation import OLD_DATA, Finding, Reading, Severity

if TYPE_CHECKING:
    from pipeline.checks.expectations import SourceExpectation

_LEAST_WEEKS = 3
"""A median of fewer weeks is just the last one, with which the reading is compared anyway."""


def check_reading(
    reading: Reading,
    expectation: SourceExpectation,
    *,
    last: Reading | None,
    now: datetime,
    trail: EarlierReadingStats | None = None,
) -> tuple[Finding, ...]:
    """Compare a reading with what is expected.

    Args:
        reading: What the source said now.
        expectation: What people expect of it.
        last: The last good reading; None on the first run.
        now: For the age of the content, in UTC.
        trail: Earlier weekly runs; None on the first run.

    Returns:
        Findings; one of severity `hold` means: do not use this reading.
    """
    trail = trail or EarlierReadingStats()
    found = [
        *_complete(reading, expectation),
        *_find_uncovered(reading, expectation),
        *price_findings(reading, expectation),
        *_find_shrinking(reading, expectation, trail),
        *age_findings(reading, expectation, now),
        *_find_repeated(reading, expectation, trail),
    ]
    if last is not None:
        found += compare_readings(reading, expectation, last)
    return tuple(found)


def _complete(reading: Reading, expectation: SourceExpectation) -> list[Finding]:
    listed = names_of(reading)
    rows = len(reading.observations) + len(reading.prices)
    found = _find_doubled(reading)
    if len(listed) < expectation.min_names:
        message = f"{len(listed)} names, at least {expectation.min_names} are expected"
        found.append(finding(reading, "too-few-names", Severity.HOLD, message))
    if rows < expectation.min_rows:
        message = f"{rows} rows, at least {expectation.min_rows} are expected"
        found.append(finding(reading, "too-few-rows", Severity.HOLD, message))
    missing = sorted(key for key in expectation.canaries if key not in listed)
    there = len(expectation.canaries) - len(missing)
    if there < expectation.min_canaries:
        message = (
            f"{there} of {len(expectation.canaries)} names that were always there are present, at least "
            f"{expectation.min_canaries} are expected; missing: {name_some(missing)}"
        )
        found.append(finding(reading, "canary-missing", Severity.HOLD, message))
    return found


def _find_doubled(reading: Reading) -> list[Finding]:
    """Find names that are given twice; a parser sets them aside, so here none may be left."""
    counts = Counter[tuple[str, ...]](("entry", entry.key) for entry in reading.entries)
    counts.update(
        (observation.metric, observation.scale, observation.key) for observation in reading.observations
    )
    counts.update(("price", price.note, price.key) for price in reading.prices)
    twice = sorted({at[-1] for at, count in counts.items() if count > 1})
    if not twice:
        return []
    message = f"{len(twice)} names are given several times: {name_some(twice)}"
    return [finding(reading, "duplicate-row", Severity.HOLD, message)]


def _find_uncovered(reading: Reading, expectation: SourceExpectation) -> list[Finding]:
    shares = coverage(reading)
    return [
        finding(
            reading,
            "low-coverage",
            Severity.HOLD,
            f"{shares.get(metric, 0.0):.1%} of the names have {metric}, at least {least:.1%} are expected",
        )
        for metric, least in sorted(expectation.coverage.items())
        if shares.get(metric, 0.0) < least
    ]


def _find_shrinking(
    reading: Reading, expectation: SourceExpectation, trail: EarlierReadingStats
) -> list[Finding]:
    """Find a board that loses a little every week, each time within what is believable."""
    if len(trail.names) < _LEAST_WEEKS:
        return []
    usual, there = median(trail.names), len(count_numbers(reading))
    if there >= (1 - expectation.max_vanished) * usual:
        return []
    message = (
        f"{there} names with a number, where the median of the last {len(trail.names)} weeks is {usual:g} "
        f"and {1 - expectation.max_vanished:.0%} of it is expected"
    )
    return [finding(reading, "shrunk", Severity.HOLD, message)]


def age_findings(reading: Reading, expectation: SourceExpectation, now: datetime) -> list[Finding]:
    """Say where a reading's content is older than expected, or of a day to come."""
    days = (now.astimezone(UTC).date() - content_day(reading)).days
    if days < -1:
        message = f"its content is dated {content_day(reading)}, after today"
        return [finding(reading, "future", Severity.HOLD, message)]
    if days <= expectation.max_age_days:
        return []
    message = f"its content is {days} days old, more than {expectation.max_age_days}"
    return [finding(reading, OLD_DATA, Severity.WARN, message)]


def _find_repeated(
    reading: Reading, expectation: SourceExpectation, trail: EarlierReadingStats
) -> list[Finding]:
    """Judge freshness by the numbers, not by a clock: whatever date it bears, it may be an old answer."""
    if trail.replayed:
        message = f"it repeats the numbers of {trail.replayed}, although it said others since"
        return [finding(reading, "replayed", Severity.HOLD, message)]
    if not trail.unchanged:
        return []
    runs = trail.unchanged + 1
    severity = Severity.NOTE
    if runs >= expectation.warn_unchanged:
        severity = Severity.HOLD if runs >= expectation.hold_unchanged else Severity.WARN
    message = f"it says the same numbers in {runs} weekly runs in a row"
    return [finding(reading, "unchanged", severity, message)]
