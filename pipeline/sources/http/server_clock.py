"""Compares this machine's clock with the `Date` of a server's answer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from pipeline.sources.http.request import count_in

if TYPE_CHECKING:
    from collections.abc import Mapping


def clock_error(headers: Mapping[str, str], *, now: datetime) -> timedelta | None:
    """Say by how much a clock differs from the server that sent these headers.

    An answer from a cache may bear the moment at which it was stored, and says in `Age` how long ago that
    was: any moment between the two may be the server's, so only what lies outside differs.

    Args:
        headers: Lower-case names.
        now: What the clock said when the answer came.

    Returns:
        How far the clock is ahead, negative where it is behind; None where the answer bears no date.
    """
    try:
        dated = parsedate_to_datetime(headers.get("date", ""))
    except (ValueError, TypeError, OverflowError, IndexError):  # a date may be anything
        return None
    if dated.tzinfo is None:
        return None
    ahead = now - dated.astimezone(UTC)
    age = timedelta(seconds=count_in(headers, "age") or 0)
    return min(ahead, timedelta(0)) or max(ahead - age, timedelta(0))
