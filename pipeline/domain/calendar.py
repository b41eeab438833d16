"""Converts days to weeks and back: ISO weeks in UTC, written `%G-W%V` (2027-01-01 is in 2026-W53)."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Final, NewType

from pipeline.errors import ArgumentError

Week = NewType("Week", str)

YEARS: Final = range(2000, 3000)
"""Of weeks and moments that people name: what is counted from one of them stays within the calendar."""

_WEEK = re.compile(r"([0-9]{4})-W([0-9]{2})")


def week_of(moment: datetime) -> Week:
    """Return the ISO week of a moment, in UTC.

    Raises:
        ValueError: The moment has no time zone.
    """
    if moment.tzinfo is None:
        raise ValueError(f"naive datetime: {moment}")
    return Week(moment.astimezone(UTC).strftime("%G-W%V"))


def read_week(text: str) -> Week:
    """Read `2026-W33`.

    Raises:
        ArgumentError: The text is not an ISO week that exists, or one of another age.
    """
    hint = "Write it as 2026-W33; weeks start on Monday, UTC."
    try:
        monday(Week(text))
    except ValueError as error:
        raise ArgumentError(f"{text!r} is not an ISO week", hint=hint) from error
    if int(text[:4]) not in YEARS:
        raise ArgumentError(f"the week {text} is outside the years {YEARS[0]} to {YEARS[-1]}", hint=hint)
    return Week(text)


def monday(week: Week) -> date:
    """Return the day a week starts on.

    Raises:
        ValueError: No such week.
    """
    match = _WEEK.fullmatch(week)
    if match is None:
        raise ValueError(f"not an ISO week: {week!r}")
    return date.fromisocalendar(int(match[1]), int(match[2]), 1)


def moment_text(moment: datetime) -> str:
    """Write a moment in UTC to the second, e.g. `2026-08-15T12:00:00Z`.

    Raises:
        ValueError: The moment has no time zone.
    """
    if moment.tzinfo is None:
        raise ValueError(f"naive datetime: {moment}")
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def read_moment(text: str) -> datetime:
    """Read `2026-08-15T12:00:00Z`; `moment_text` of the result is the same text.

    Raises:
        ValueError: The text is not such a moment.
    """
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
