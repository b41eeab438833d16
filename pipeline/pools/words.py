"""How numbers read in a sentence for the reviewer."""

from __future__ import annotations

from functools import lru_cache

from pipeline.domain.canonical import decimal_text

_WHOLE_CENTS_FROM = 10.0


@lru_cache(maxsize=4096)
def usd(amount: float) -> str:
    """Write dollars: cents from ten dollars on, millionths below, without idle zeros."""
    if amount >= _WHOLE_CENTS_FROM:
        return f"${decimal_text(amount, 2)}"
    whole, _, fraction = decimal_text(amount, 6).partition(".")
    return f"${whole}.{fraction.rstrip('0').ljust(2, '0')}"


def elo(points: float) -> str:
    """Write Elo points with one decimal."""
    return f"{decimal_text(points, 1)} Elo"


def signed_usd(amount: float) -> str:
    """Write dollars that may be negative."""
    return f"-{usd(-amount)}" if amount < 0 else usd(amount)
