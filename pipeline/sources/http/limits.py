"""One source, one deadline: a stop watch for everything that a visit does."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


_SILENCE_SECONDS = 30.0
"""Nothing at all for this long is a failure of its own, even when more time is left."""


class Deadline:
    """A stop watch that runs backwards; it knows nothing of the time of day."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        """Return the seconds that are left, zero when it has passed."""
        return max(0.0, self._end - time.monotonic())

    def within(self, timeout: float | None, passed: type[Exception]) -> float:
        """Shorten a timeout to what is left.

        Raises:
            Exception: Of the type `passed`, when nothing is left.
        """
        left = self.left()
        if not left:
            raise passed("the deadline has passed")
        return min(left, timeout or _SILENCE_SECONDS)


_LONGEST_COUNT = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimit:
    """What may still be asked today."""

    limit: int
    used: int
    resets_at: datetime | None = None

    @property
    def left(self) -> int:
        """Requests that are left."""
        return max(0, self.limit - self.used)

    def after(self, headers: Mapping[str, str]) -> RateLimit:
        """Count one request, and believe what the answer says about the rest."""
        limit, left = count_in(headers, "x-ratelimit-limit"), count_in(headers, "x-ratelimit-remaining")
        resets = count_in(headers, "x-ratelimit-reset")
        limit = self.limit if limit is None else limit
        return RateLimit(
            limit=limit,
            used=self.used + 1 if left is None else max(0, limit - left),
            resets_at=self.resets_at if resets is None else datetime.fromtimestamp(resets, UTC),
        )

    def words(self) -> str:
        """Say what is left, for a person."""
        until = f"; it starts anew at {self.resets_at:%Y-%m-%d %H:%M} UTC" if self.resets_at else ""
        return f"{self.left} of {self.limit} requests of today are left{until}"


def count_in(headers: Mapping[str, str], name: str) -> int | None:
    """Return the whole number that a header states; None where it states none."""
    stated = headers.get(name, "").strip()
    return (
        int(stated) if stated.isascii() and stated.isdigit() and len(stated) <= _LONGEST_COUNT + 1 else None
    )
