"""How many requests a day are left, where a source counts them.

Two counts are kept against each other: our own captures of the day, which are known before anything is asked,
and what the source says in each answer, which is right. A day is a day in UTC.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_LONGEST_COUNT = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """What may still be asked today."""

    limit: int
    used: int
    resets_at: datetime | None = None

    @property
    def left(self) -> int:
        """Requests that are left."""
        return max(0, self.limit - self.used)

    def after(self, headers: Mapping[str, str]) -> Budget:
        """Count one request, and believe what the answer says about the rest."""
        limit, left = _count(headers, "x-ratelimit-limit"), _count(headers, "x-ratelimit-remaining")
        resets = _count(headers, "x-ratelimit-reset")
        limit = self.limit if limit is None else limit
        return Budget(
            limit=limit,
            used=self.used + 1 if left is None else max(0, limit - left),
            resets_at=self.resets_at if resets is None else datetime.fromtimestamp(resets, UTC),
        )

    def words(self) -> str:
        """Say what is left, for a person."""
        until = f"; it starts anew at {self.resets_at:%Y-%m-%d %H:%M} UTC" if self.resets_at else ""
        return f"{self.left} of {self.limit} requests of today are left{until}"


def _count(headers: Mapping[str, str], name: str) -> int | None:
    stated = headers.get(name, "").strip()
    return (
        int(stated) if stated.isascii() and stated.isdigit() and len(stated) <= _LONGEST_COUNT + 1 else None
    )
