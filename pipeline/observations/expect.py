"""Whether a reading is whole and believable, compared with what people expect and with the last good one.

A finding of severity `hold` means that the last good reading stays in force. Values of two scales are never
compared. The kinds are stable words: too-few-names, too-few-rows, low-coverage, coverage-drop,
canary-missing, vanished, scale-change, scale-shift, older, unchanged, stale-content, future.
"""

from __future__ import annotations

from datetime import UTC, datetime
from statistics import median
from typing import TYPE_CHECKING

from pipeline.domain.observation import Finding, Severity
from pipeline.observations.extent import content, content_day, coverage, names, values

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.domain.observation import Reading
    from pipeline.observations.expectations import Expectation

_SHOWN = 5
_LEAST_COMMON = 20
"""A median move needs at least this many common names; fewer say nothing about the scale."""


def expect(
    reading: Reading, expectation: Expectation, *, last: Reading | None, now: datetime
) -> tuple[Finding, ...]:
    """Compare a reading with what is expected.

    Args:
        reading: What the source said now.
        expectation: What people expect of it.
        last: The last good reading; None on the first run.
        now: For the age of the content, in UTC.

    Returns:
        Findings; one of severity `hold` means: do not use this reading.
    """
    found = [
        *_complete(reading, expectation),
        *_covered(reading, expectation),
        *_aged(reading, expectation, now),
    ]
    if last is not None:
        found += _compared(reading, expectation, last)
    return tuple(found)


def _complete(reading: Reading, expectation: Expectation) -> list[Finding]:
    listed = names(reading)
    rows = len(reading.observations) + len(reading.prices)
    found = []
    if len(listed) < expectation.min_names:
        message = f"{len(listed)} names, at least {expectation.min_names} are expected"
        found.append(_finding(reading, "too-few-names", Severity.HOLD, message))
    if rows < expectation.min_rows:
        message = f"{rows} rows, at least {expectation.min_rows} are expected"
        found.append(_finding(reading, "too-few-rows", Severity.HOLD, message))
    missing = sorted(key for key in expectation.canaries if key not in listed)
    there = len(expectation.canaries) - len(missing)
    if there < expectation.min_canaries:
        message = (
            f"{there} of {len(expectation.canaries)} names that were always there are present, at least "
            f"{expectation.min_canaries} are expected; missing: {_some(missing)}"
        )
        found.append(_finding(reading, "canary-missing", Severity.HOLD, message))
    return found


def _covered(reading: Reading, expectation: Expectation) -> list[Finding]:
    shares = coverage(reading)
    return [
        _finding(
            reading,
            "low-coverage",
            Severity.HOLD,
            f"{shares.get(metric, 0.0):.1%} of the names have {metric}, at least {least:.1%} are expected",
        )
        for metric, least in sorted(expectation.coverage.items())
        if shares.get(metric, 0.0) < least
    ]


def _aged(reading: Reading, expectation: Expectation, now: datetime) -> list[Finding]:
    days = (now.astimezone(UTC).date() - content_day(reading)).days
    if days < -1:
        message = f"its content is dated {content_day(reading)}, after today"
        return [_finding(reading, "future", Severity.HOLD, message)]
    if days <= expectation.max_age_days:
        return []
    message = f"its content is {days} days old, more than {expectation.max_age_days}"
    return [_finding(reading, "stale-content", Severity.WARN, message)]


def _compared(reading: Reading, expectation: Expectation, last: Reading) -> list[Finding]:
    if content_day(reading) < content_day(last):
        message = (
            f"its content of {content_day(reading)} is older than the one in force, of {content_day(last)}"
        )
        return [_finding(reading, "older", Severity.HOLD, message)]
    if content(reading) == content(last):
        return [_finding(reading, "unchanged", Severity.NOTE, f"it says the same as on {content_day(last)}")]
    found = [*_vanished(reading, expectation, last), *_dropped(reading, expectation, last)]
    if reading.scale != last.scale:
        message = f"its scale changed from {last.scale} to {reading.scale}; the values are not compared"
        return [*found, _finding(reading, "scale-change", Severity.WARN, message)]
    return [*found, *_shifted(reading, expectation, last)]


def _vanished(reading: Reading, expectation: Expectation, last: Reading) -> list[Finding]:
    before = names(last)
    gone = sorted(before - names(reading))
    if not gone or len(gone) <= expectation.max_vanished * len(before):
        return []
    message = (
        f"{len(gone)} of {len(before)} names are gone ({len(gone) / len(before):.1%}, at most "
        f"{expectation.max_vanished:.1%} are believable): {_some(gone)}"
    )
    return [_finding(reading, "vanished", Severity.HOLD, message)]


def _dropped(reading: Reading, expectation: Expectation, last: Reading) -> list[Finding]:
    before, after = coverage(last), coverage(reading)
    return [
        _finding(
            reading,
            "coverage-drop",
            Severity.HOLD if metric in expectation.coverage else Severity.WARN,
            f"{metric} fell from {share:.1%} to {after.get(metric, 0.0):.1%} of the names",
        )
        for metric, share in sorted(before.items())
        if share - after.get(metric, 0.0) > expectation.max_coverage_drop
    ]


def _shifted(reading: Reading, expectation: Expectation, last: Reading) -> list[Finding]:
    """Find a common move of a whole board: a re-based scale under its old name."""
    before, after = values(last), values(reading)
    found = []
    for metric, limit in sorted((expectation.warn_shift | expectation.max_shift).items()):
        moves = [value - before[at] for at, value in after.items() if at[0] == metric and at in before]
        if len(moves) >= _LEAST_COMMON and abs(median(moves)) > limit:
            message = (
                f"{metric} moved by {median(moves):+.2f} in the median of {len(moves)} common names, "
                f"more than {limit:g}, while it still calls itself {reading.scale}"
            )
            severity = Severity.HOLD if metric in expectation.max_shift else Severity.WARN
            found.append(_finding(reading, "scale-shift", severity, message))
    return found


def _some(names: Sequence[str]) -> str:
    shown = ", ".join(names[:_SHOWN])
    return f"{shown} and {len(names) - _SHOWN} more" if len(names) > _SHOWN else shown


def _finding(reading: Reading, kind: str, severity: Severity, message: str) -> Finding:
    return Finding(
        kind=kind, severity=severity, subject=reading.source, message=f"{reading.source}: {message}"
    )
