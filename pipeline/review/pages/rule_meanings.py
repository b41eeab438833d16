"""Names in words the causes of changes and the rules of exclusion."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from pipeline.domain.pool import Cause

if TYPE_CHECKING:
    from collections.abc import Mapping

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

_MEANINGS: Final = {
    "no_score": "no score on the tier's boards this week",
    "not_equated": "only one board scores it, and the boards could not be put on one scale",
    "not_routed": "no route the operator can use",
    "not_expressible": "no route that can be asked for its effort",
    "price_unknown": "no price of a catalogue, of two sources or of a person's judgement",
    "price_zero": "listed at zero, which is unknown or a promotion, never cheap",
    "price_conflict": "no reading explains the prices that are stated",
    "unconfirmed": "no confirmed score: too few votes, estimated or preliminary",
    "vendor": "the tier's vendor rules leave it out",
    "licence": "the tier does not take its licence",
    "licence_unknown": "the tier asks for a licence, and nobody says which it has",
    "region": "every route runs where the tier does not allow",
    "region_unknown": "the tier asks for a region, and nobody says where a route runs",
    "context": "context window too small or unknown",
    "tools": "no tool use, or nobody says so",
    "vision": "no image input, or nobody says so",
    "retiring": "retired, or about to be",
    "ceiling": "dearer than the tier allows",
    "floor": "quality below the tier's floor, or not surely above it",
    "family": "another variant of the same family is in the tier",
    "vendor_limit": "its vendor holds the places it may have in this tier",
    "vendor_total": "its vendor holds the places it may have over all tiers",
    "dominated": "another variant is clearly better and not dearer",
    "cooldown": "left this pool too recently",
}


def rule_meaning(rule: str, further: Mapping[str, str] = MappingProxyType({})) -> str:
    """Say what a rule of exclusion means; a rule that nobody has words for keeps its own name."""
    return _MEANINGS.get(rule) or further.get(rule, rule.replace("_", " "))
