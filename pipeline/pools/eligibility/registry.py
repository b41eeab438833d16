"""Lists the rules of eligibility in the order in which a variant is judged: one line each.

Cheap certain facts come before estimates; the first rule that a variant fails is the one that is told.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pipeline.pools.eligibility.rule import Rule, Stage
from pipeline.pools.eligibility.rules import (
    CONTEXT,
    FLOOR,
    LICENCE,
    LIST_CEILING,
    NOT_EXPRESSIBLE,
    NOT_ROUTED,
    PRICE,
    REGION,
    RETIRING,
    SCORE,
    TASK_CEILING,
    TOOLS,
    UNCONFIRMED,
    VENDOR,
    VISION,
)
from pipeline.pools.worth import concentration

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipeline.pools.eligibility.candidate_facts import CandidateFacts, Exclusion, TierRequirements
    from pipeline.pools.eligibility.rule_relaxations import Relax

RULES: Final[tuple[Rule, ...]] = (
    SCORE,
    NOT_ROUTED,
    NOT_EXPRESSIBLE,
    PRICE,
    UNCONFIRMED,
    VENDOR,
    LICENCE,
    REGION,
    CONTEXT,
    TOOLS,
    VISION,
    RETIRING,
    LIST_CEILING,
    TASK_CEILING,
    FLOOR,
)

STATIC: Final = tuple(rule for rule in RULES if not rule.drawn)
"""What no draw of quality and cost can change."""
ESTIMATES: Final = tuple(rule for rule in RULES if rule.drawn)
"""What a draw can change; judged after `STATIC`."""
DATA: Final = tuple(rule for rule in RULES if rule.stage is Stage.DATA)
"""What an incumbent fails when this week's data does not hold it."""
HARD: Final = tuple(rule for rule in RULES if rule.stage is Stage.HARD)
"""What an incumbent fails at once."""

MEANINGS: Final[Mapping[str, str]] = {
    **{name: meaning for rule in RULES for name, meaning in rule.meanings.items()},
    **concentration.MEANINGS,
}
"""What each exclusion means, in words."""
_RELAXATIONS: Final[Mapping[str, Relax]] = {
    name: relax for rule in RULES for name, relax in rule.relaxations.items()
}


def failing_rule(
    terms: TierRequirements, candidate: CandidateFacts, rules: tuple[Rule, ...]
) -> tuple[Rule, Exclusion] | None:
    """Return the first of the rules that leaves the candidate out, and what it says; None without one."""
    for rule in rules:
        if failed := rule.check(terms, candidate):
            return rule, failed
    return None


def first_failing(
    terms: TierRequirements, candidate: CandidateFacts, rules: tuple[Rule, ...]
) -> Exclusion | None:
    """Return what the first of the rules that leaves the candidate out says; None without one."""
    failed = failing_rule(terms, candidate, rules)
    return failed[1] if failed else None


def relaxation_for(exclusion: str) -> Relax | None:
    """Return what writes the line of the policy that relaxes an exclusion; None where no line does."""
    return _RELAXATIONS.get(exclusion)
