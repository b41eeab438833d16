"""A reading beside the last good one of its source."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING

from pipeline.domain.observation import Severity
from pipeline.observations.extent import content_day, coverage, names, values
from pipeline.observations.price_band import price_moved
from pipeline.observations.said import finding, some

if TYPE_CHECKING:
    from pipeline.domain.observation import Finding, Reading
    from pipeline.observations.expectations import Expectation

_LEAST_COMMON = 20
"""A median move needs at least this many common names; fewer say nothing about the scale."""


def compared(reading: Reading, expectation: Expectation, last: Reading) -> list[Finding]:
    """Find what became of names, fields, scales and prices; an older content is not compared further."""
    if content_day(reading) < content_day(last):
        message = (
            f"its content of {content_day(reading)} is older than the one in force, of {content_day(last)}"
        )
        return [finding(reading, "older", Severity.HOLD, message)]
    found = [
        *_vanished(reading, expectation, last),
        *_dropped(reading, expectation, last),
        *price_moved(reading, expectation, last),
    ]
    if reading.scale != last.scale:
        message = f"its scale changed from {last.scale} to {reading.scale}; the values are not compared"
        return [*found, finding(reading, "scale-change", Severity.WARN, message)]
    return [*found, *_shifted(reading, expectation, last), *_moved(reading, expectation, last)]


def _vanished(reading: Reading, expectation: Expectation, last: Reading) -> list[Finding]:
    before = names(last)
    gone = sorted(before - names(reading))
    if not gone or len(gone) <= expectation.max_vanished * len(before):
        return []
    message = (
        f"{len(gone)} of {len(before)} names are gone ({len(gone) / len(before):.1%}, at most "
        f"{expectation.max_vanished:.1%} are believable): {some(gone)}"
    )
    return [finding(reading, "vanished", Severity.HOLD, message)]


def _dropped(reading: Reading, expectation: Expectation, last: Reading) -> list[Finding]:
    before, after = coverage(last), coverage(reading)
    return [
        finding(
            reading,
            "coverage-drop",
            Severity.HOLD if metric in expectation.coverage else Severity.WARN,
            f"{metric} fell from {share:.1%} to {after.get(metric, 0.0):.1%} of the names",
        )
        for metric, share in sorted(before.items())
        if share - after.get(metric, 0.0) > expectation.max_coverage_drop
    ]


def _moves(reading: Reading, last: Reading, metric: str) -> list[float]:
    before = values(last)
    return [value - before[at] for at, value in values(reading).items() if at[0] == metric and at in before]


def _shifted(reading: Reading, expectation: Expectation, last: Reading) -> list[Finding]:
    """Find a common move of a whole board: a re-based scale under its old name."""
    found = []
    for metric, limit in sorted((expectation.warn_shift | expectation.max_shift).items()):
        moves = _moves(reading, last, metric)
        if len(moves) >= _LEAST_COMMON and abs(median(moves)) > limit:
            message = (
                f"{metric} moved by {median(moves):+.2f} in the median of {len(moves)} common names, "
                f"more than {limit:g}, while it still calls itself {reading.scale}"
            )
            severity = Severity.HOLD if metric in expectation.max_shift else Severity.WARN
            found.append(finding(reading, "scale-shift", severity, message))
    return found


def _moved(reading: Reading, expectation: Expectation, last: Reading) -> list[Finding]:
    """Find a board of which many names moved: scored anew, though neither its name nor its median says so."""
    found = []
    for metric, limit in sorted(expectation.max_moved.items()):
        moves = _moves(reading, last, metric)
        share = sum(abs(move) > limit.by for move in moves) / max(1, len(moves))
        if len(moves) >= _LEAST_COMMON and share > limit.share:
            message = (
                f"{share:.0%} of {len(moves)} common names moved by more than {limit.by:g} in {metric}, at "
                f"most {limit.share:.0%} are believable while it still calls itself {reading.scale}"
            )
            found.append(finding(reading, "rows-moved", Severity.HOLD, message))
    return found
