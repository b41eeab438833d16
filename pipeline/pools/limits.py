"""How alike the members of one pool may be: one per family, half of the places per vendor."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pipeline.pools.runner import Seat


def vendor_cap(k: int) -> int:
    """Return how many of `k` places one vendor may hold: half, rounded up.

    From two places on, a full pool therefore has at least two vendors.
    """
    return (k + 1) // 2


def barred_by(seats: Iterable[Seat], entrant: Seat, k: int) -> str | None:
    """Name the limit that keeps an entrant out of these seats: `family`, `vendor_limit` or None."""
    taken = tuple(seats)
    if any(seat.family == entrant.family for seat in taken):
        return "family"
    if sum(seat.vendor == entrant.vendor for seat in taken) >= vendor_cap(k):
        return "vendor_limit"
    return None
