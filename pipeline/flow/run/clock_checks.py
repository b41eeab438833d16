"""Refuses to date a run by a clock that the record or the servers it asked contradict."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from pipeline.domain.calendar import moment_text, week_of
from pipeline.domain.observation import CLOCK, Finding, Severity
from pipeline.errors import ArgumentError, RefusedError
from pipeline.review.proposals.documents import place_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from pipeline.domain.calendar import Week
    from pipeline.domain.ids import SourceName
    from pipeline.flow.record.record_files import RecordFiles


FARTHEST: Final = timedelta(minutes=5)
"""How far this machine's clock may be from a server's; what Kerberos allows as well."""
_UNITS: Final = (
    ("days", timedelta(days=1)),
    ("hours", timedelta(hours=1)),
    ("minutes", timedelta(minutes=1)),
)


class WrongClockError(RefusedError):
    """Two servers or more agree that this machine's clock is wrong."""


@dataclass(slots=True)
class ServerClocks:
    """How far this machine's clock is ahead of each server that was asked, negative where it is behind."""

    _sources: dict[str, SourceName] = field(default_factory=dict)
    _errors: dict[str, timedelta] = field(default_factory=dict)

    def add(self, source: SourceName, errors: Mapping[str, timedelta]) -> bool:
        """Note what the servers of one source said; tell whether one of them is too far away."""
        for host, error in errors.items():
            self._sources.setdefault(host, source)
            self._errors[host] = min(error, self._errors.get(host, error), key=abs)
        return bool(_far_off(errors))

    def findings(self) -> tuple[Finding, ...]:
        """Name the servers that are too far away; a server counts once, for how many sources it may answer.

        Raises:
            WrongClockError: At least two of them agree, and no more servers confirm the clock.
        """
        far = _far_off(self._errors)
        agreeing = max(
            ([host for host in far if abs(far[host] - error) <= FARTHEST] for error in far.values()),
            key=len,
            default=[],
        )
        if len(agreeing) > 1 and len(agreeing) >= len(self._errors) - len(far):
            raise WrongClockError(
                f"{_words(min((far[host] for host in agreeing), key=abs), agreeing)}; nothing is dated by it",
                hint="Set the clock (`timedatectl` shows it, `date -u` as well), then `modelpool run` again: "
                "it asks the sources anew.",
            )
        return tuple(
            Finding(kind=CLOCK, severity=Severity.WARN, subject=self._sources[host], message=said)
            for host, said in zip(far, contradictions(far), strict=True)
        )


def contradictions(errors: Mapping[str, timedelta]) -> tuple[str, ...]:
    """Say by how much this machine's clock differs from the servers that are too far away, each by itself."""
    return tuple(_words(error, [host]) for host, error in _far_off(errors).items())


def _far_off(errors: Mapping[str, timedelta]) -> dict[str, timedelta]:
    return {host: error for host, error in sorted(errors.items()) if abs(error) > FARTHEST}


def _words(error: timedelta, hosts: Sequence[str]) -> str:
    """Write `this machine's clock is 61 minutes behind HOST`; the largest unit of which there are two."""
    unit, length = next(one for one in _UNITS if abs(error) >= 2 * one[1])
    side = "ahead of" if error > timedelta(0) else "behind"
    return f"this machine's clock is {abs(error) // length} {unit} {side} {' and '.join(hosts)}"


def refuse_future_week(week: Week, now: datetime) -> None:
    """Refuse a week that has not begun.

    Raises:
        ArgumentError: The week lies in the future.
    """
    if week > week_of(now):
        raise ArgumentError(
            f"the week {week} lies in the future: it is {week_of(now)}",
            hint="Leave out --week, or name this week or a past one.",
        )


def refuse_earlier_week(record: RecordFiles, week: Week, now: datetime) -> None:
    """Refuse a week before the last one that proposed a pool: its data would be compared with nothing newer.

    A later week that found nothing to review does not count, since the proposal before it still waits, nor
    does one that has not begun: a wrong clock filed it.

    Raises:
        ArgumentError: A later week has proposed something.
    """
    reviews = record.reviews
    proposed = (place_of(attempt)[0] for attempt in reviews.attempts if not reviews.is_heartbeat(attempt))
    if week < (last := max((one for one in proposed if one <= week_of(now)), default="")):
        raise ArgumentError(
            f"the week {week} is over: {last} has proposed a pool since",
            hint=f"Leave out --week. `modelpool replay --as-of {week}` shows what that week would propose.",
        )


def refuse_clock_behind(record: RecordFiles, now: datetime) -> None:
    """Refuse a moment before what is filed or in force was made.

    Raises:
        RefusedError: The clock is behind the last run, or behind the pool in force.
    """
    clock_time, reviews = moment_text(now), record.reviews
    filed = reviews.in_filing_order
    if filed and (before := reviews.made_at(filed[-1])) > clock_time:
        raise RefusedError(
            f"the clock says {clock_time}, before the last run {filed[-1].name} at {before}",
            hint="Set the clock of this machine, or the value of --now; "
            f"`modelpool replay --as-of {week_of(now)}` shows that week. If a wrong clock made {filed[-1]}, "
            "and nobody decided it, move that folder away.",
        )
    published = record.in_force
    if published is not None and published.pool.as_of > clock_time:
        raise RefusedError(
            f"the clock says {clock_time}, before v{published.version:04} in force was made at "
            f"{published.pool.as_of}",
            hint="Set the clock of this machine, or the value of --now.",
        )
