"""Reads the moments and the dollars of usage lines into their one form."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Final

_MOST_USD: Final = 10_000
"""For one answer; more is another unit."""
_PLACES: Final = Decimal(10) ** -12


def moment_of(value: object, *, naive_is_utc: bool) -> str:
    """Write a moment in UTC, to the second.

    Raises:
        ValueError: It is no moment, or has no time zone where one is needed.
    """
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        found = None
    if found is not None and found.tzinfo is None and naive_is_utc:
        found = found.replace(tzinfo=UTC)
    if found is None or found.tzinfo is None:
        raise ValueError(f"the time {str(value)[:40]!r} is no moment with a time zone")
    return found.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def decimal_of(value: object) -> str:
    """Write dollars as decimal text without trailing zeros.

    Raises:
        ValueError: It is no amount from 0 to 10,000 dollars.
    """
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        raise ValueError(f"the dollars {str(value)[:40]!r} are no number")  # noqa: TRY004 - one error type for a bad line
    try:
        found = Decimal(value)
    except InvalidOperation:
        raise ValueError(f"the dollars {str(value)[:40]!r} are no number") from None
    if not found.is_finite() or not 0 <= found <= _MOST_USD:
        raise ValueError(f"the dollars {str(value)[:40]!r} are not from 0 to {_MOST_USD} for one answer")
    text = f"{found.quantize(_PLACES):f}"
    return text.rstrip("0").rstrip(".")
