"""Kinds of findings that more than one room knows."""

from __future__ import annotations

from typing import Final

HELD_ROW: Final = "held-row"
"""Kind of the finding about a row that keeps its approved value."""

CARRIED: Final = "incumbent-carried"
"""Kind of the finding about a member that this week's data does not hold."""

QUESTION: Final = "incumbent-missing"
"""Kind of the finding that asks the reviewer whether a member that no data names should stay."""

ENDS: Final = "incumbent-ends"
"""Kind of the finding about a member in force whose announced end is near or past."""

LARGE: Final = "large"
"""Kind of the finding about a tier whose default changes, or more than one of its places."""

TIER_REMOVED: Final = "tier-dropped"
"""Kind of the finding about a tier that the pool in force has and the policy has not."""

ASKED_PRICE: Final = "price-asked"
"""Kind of the finding that asks which of two prices counts."""

ABOUT_THE_POOL: Final = frozenset(
    {QUESTION, ENDS, LARGE, ASKED_PRICE, "empty-tier", "short-tier", TIER_REMOVED, "vendor-loss"}
)
"""Kinds of findings that a reviewer reads before those about a source's rows."""
