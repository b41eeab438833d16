"""Compares the order of a board with that of the other boards, variant by variant.

A source is also compared with its own last good data; this is for what that cannot see: its first answer, and
values that changed places among names that all stay.
"""

from __future__ import annotations

from statistics import correlation, pstdev
from typing import TYPE_CHECKING, Final

from pipeline.checks.compare import ranks
from pipeline.checks.findings import finding
from pipeline.domain.observation import Severity

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pipeline.domain.ids import SourceName, VariantId
    from pipeline.domain.observation import Finding, Reading

LEAST_CORRELATION: Final = 0.3
"""Spearman's; real boards of text, web development and the index agree to .8 and more."""
_LEAST_COMMON: Final = 15
"""Fewer variants in common say nothing about an order."""


def order_findings(
    reading: Reading,
    values: Mapping[VariantId, float],
    others: Mapping[SourceName, Mapping[VariantId, float]],
) -> tuple[Finding, ...]:
    """Hold a board whose values do not tell variants apart, or whose order contradicts every other board.

    Args:
        reading: What the source says now.
        values: Its main value of each variant that a person judged.
        others: The same of the other sources, as they are used this week.
    """
    if len(values) >= _LEAST_COMMON and not pstdev(values.values()):
        message = f"all its {len(values)} judged variants have the same value"
        return (finding(reading, "no-spread", Severity.HOLD, message),)
    found = {name: rank for name, other in others.items() if (rank := _rank(values, other)) is not None}
    if not found or max(found.values()) >= LEAST_CORRELATION:
        return ()
    told = ", ".join(f"{rank:+.2f} with {name}" for name, rank in sorted(found.items()))
    message = (
        f"its order contradicts every other board: rank correlation {told}; at least "
        f"{LEAST_CORRELATION:g} is believable"
    )
    return (finding(reading, "contradicts", Severity.HOLD, message),)


def _rank(values: Mapping[VariantId, float], other: Mapping[VariantId, float]) -> float | None:
    """Return the rank correlation over the common variants; None where they are too few or do not differ."""
    common: Sequence[VariantId] = sorted(values.keys() & other.keys())
    mine, theirs = [values[one] for one in common], [other[one] for one in common]
    if len(common) < _LEAST_COMMON or not pstdev(mine) or not pstdev(theirs):
        return None
    return correlation(ranks(mine), ranks(theirs))
