"""Names the causes of changes in words."""

from __future__ import annotations

from typing import Final

from pipeline.domain.pool import Cause

CAUSES: Final = {
    Cause.FIRST: "first pool",
    Cause.SCORE: "score moved",
    Cause.PRICE: "price moved",
    Cause.SCALE: "scale changed",
    Cause.NEW: "new in the data",
    Cause.DOMINATED: "dominated",
    Cause.VALUE: "better value",
    Cause.RETIRED: "retired",
    Cause.RETIRING: "retires soon",
    Cause.CONSTRAINT: "constraint broken",
    Cause.MISSING: "missing from the data",
    Cause.VACANCY: "fills a vacancy",
    Cause.ORDER: "order only",
    Cause.REMOVED: "tier removed from the policy",
    Cause.TIME: "time passed",
    Cause.POLICY: "policy changed",
    Cause.NAME: "name judged",
}

MEASURED: Final = frozenset({Cause.SCORE, Cause.PRICE, Cause.SCALE, Cause.NEW, Cause.VALUE})
"""Causes that were guessed from what moved about a variant: where causes were switched, those say it."""
