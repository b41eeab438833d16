"""Writes a share between 0 and 1 for people, in one way in the terminal and on every page."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal
from typing import Final

_FINEST: Final = 4
"""Decimals of a percentage that are enough to tell two probabilities apart."""


def percent(share: str) -> str:
    """Write a share, decimal text, as `48 %`; certain only when it is exactly 0 or 1."""
    value = Decimal(share) * 100
    rounded = whole_percent(share)
    if rounded in {0, 100} and value != rounded:
        return "< 1 %" if rounded == 0 else "> 99 %"
    return f"{rounded} %"


def whole_percent(share: str) -> Decimal:
    """Round a share, decimal text, to whole hundredths, half to even."""
    return (Decimal(share) * 100).quantize(Decimal(1), ROUND_HALF_EVEN)


def percent_apart(share: float, other: float) -> tuple[str, str]:
    """Write two shares with as many decimals as it takes to tell them apart, e.g. `49.9 %` and `50.0 %`."""
    one, two = (percent(str(each)) for each in (share, other))
    for places in range(1, _FINEST + 1):
        if one != two:
            break
        one, two = (f"{100 * each:.{places}f} %" for each in (share, other))
    return one, two
