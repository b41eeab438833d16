"""Refuses to date anything by a clock that is behind what is on record."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.domain.calendar import moment_text, week_of
from pipeline.errors import RefusedError, UsageError

if TYPE_CHECKING:
    from datetime import datetime

    from pipeline.domain.calendar import Week
    from pipeline.flow.record.record_files import RecordFiles


def refuse_future_week(week: Week, now: datetime) -> None:
    """Refuse a week that has not begun.

    Raises:
        UsageError: The week lies in the future.
    """
    if week > week_of(now):
        raise UsageError(
            f"the week {week} lies in the future: it is {week_of(now)}",
            hint="Leave out --week, or name this week or a past one.",
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
