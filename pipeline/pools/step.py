"""One decision on the way to a line-up, kept so that it can be told."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pipeline.domain.names import VariantId


class Rule(StrEnum):
    """Which rule of the method decided."""

    BEST = "best"
    """First proposal: the best quality (method 6)."""
    WORTH = "worth"
    """First proposal: the best U among the rest (method 6)."""
    CHALLENGE = "challenge"
    """Method 7.2."""
    DOMINATION = "domination"
    """Method 7.3."""
    VACANCY = "vacancy"
    """Method 7.4."""
    COST_SWAP = "cost-swap"
    """Method 7.7."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One variant takes a place, from another or a vacant one."""

    rule: Rule
    entrant: VariantId
    leaver: VariantId | None
    """None: the place was vacant."""
    against: VariantId | None = None
    """Whom the rule compared the entrant with, where that is not the leaver."""
    runner_up: VariantId | None = None
    """Who would have taken the place instead."""

    def applied(self, places: tuple[VariantId, ...]) -> tuple[VariantId, ...]:
        """Return the places after this step; a vacancy is filled at the end."""
        if self.leaver is None:
            return (*places, self.entrant)
        return tuple(self.entrant if place == self.leaver else place for place in places)


def merged(steps: Iterable[Step]) -> tuple[Step, ...]:
    """Tell each place's story once: who held it before the run, and who holds it after.

    Within one run a variant can take a place and lose it to a better one, or lose a place and take
    another. The reviewer sees only who really enters, and for whom who really leaves.
    """
    told: list[Step] = []
    for step in steps:
        taken = next((one for one in told if one.entrant == step.leaver), None)
        if taken is not None:
            told.remove(taken)
        after = step if taken is None else replace(step, leaver=taken.leaver)
        back = next((one for one in told if one.leaver == after.entrant), None)
        if back is None:
            told.append(after)
        else:
            told[told.index(back)] = replace(back, leaver=after.leaver)
    return tuple(told)
