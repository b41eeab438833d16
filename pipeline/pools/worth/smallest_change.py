"""Finds the first amount of a ladder, or between two of its steps, that passes a question."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


def smallest_change(passes: Callable[[int], bool], ladder: Sequence[int]) -> int | None:
    """Return the smallest amount found that passes, by bisection below the first rung that does.

    Rules are not monotone (a better variant may push out the one that let it in), so the rungs are
    tried in order; what is returned was tried and did pass, and one unit less did not.

    Args:
        passes: Asked for one amount at a time, in whole units.
        ladder: Amounts to try, from the smallest change to the largest; the first is no change.
    """
    below = ladder[0]
    for rung in ladder[1:]:
        if passes(rung):
            return _narrowed(passes, below, rung)
        below = rung
    return None


def _narrowed(passes: Callable[[int], bool], fails: int, found: int) -> int:
    while abs(found - fails) > 1:
        middle = (fails + found) // 2
        if passes(middle):
            found = middle
        else:
            fails = middle
    return found
