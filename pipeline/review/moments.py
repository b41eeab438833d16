"""Moments as the documents write them: UTC, to the second."""

from __future__ import annotations

from datetime import UTC, datetime


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
