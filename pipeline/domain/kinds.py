"""Kinds of findings that more than one room knows."""

from __future__ import annotations

from typing import Final

CARRIED: Final = "incumbent-carried"
"""Kind of the finding about a member that this week's data does not hold."""

QUESTION: Final = "incumbent-missing"
"""Kind of the finding that asks the reviewer whether a member that no data names should stay."""

ENDS: Final = "incumbent-ends"
"""Kind of the finding about a member in force whose announced end is near or past."""


ABOUT_THE_POOL: Final = frozenset({QUESTION, ENDS, "empty-tier", "short-tier", "tier-dropped", "vendor-loss"})
"""Kinds of findings that a reviewer reads before those about a source's rows."""
