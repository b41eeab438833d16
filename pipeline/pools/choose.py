"""One tier's choice, without draws: what a backtest walks and a selection documents."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.pools.first import first_places
from pipeline.pools.incumbents import Status
from pipeline.pools.order import arranged
from pipeline.pools.rules import challenge, cost_swap, domination, vacancy
from pipeline.pools.step import Rule, Step, merged
from pipeline.pools.survey import survey

if TYPE_CHECKING:
    from pipeline.domain.names import TierName, VariantId
    from pipeline.pools.brief import Brief
    from pipeline.pools.field import Field
    from pipeline.pools.ground import Ground


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One tier's line-up and how it came about."""

    field: Field
    places: tuple[VariantId, ...]
    """Members in rank order."""
    steps: tuple[Step, ...]
    """One per entrant, in the order in which the rules decided."""
    first: bool
    """Nobody held a place, so there was no hysteresis."""

    @property
    def voluntary(self) -> tuple[VariantId, ...]:
        """Members that could have stayed and left by challenge or domination, in rank order."""
        rules = {step.leaver: step.rule for step in self.steps}
        return tuple(
            incumbent.id
            for incumbent in self.field.incumbents.values()
            if incumbent.status is Status.PRESENT
            and incumbent.id not in self.places
            and rules.get(incumbent.id) is not Rule.COST_SWAP
        )

    @property
    def large(self) -> bool:
        """Whether more members are swapped than the policy allows at once (method 7.6)."""
        return len(self.voluntary) > self.field.change.voluntary_swaps


def choose(brief: Brief, name: TierName, grounds: dict[str, Ground] | None = None) -> Choice:
    """Choose a tier's members by the rules of method sections 6 and 7.

    Args:
        brief: The week.
        name: The tier.
        grounds: What another tier of the same brief found, by evidence, to save work.
    """
    field = survey(brief, name, grounds)
    stay = tuple(one.id for one in field.incumbents.values() if one.status is not Status.GONE)
    steps = () if stay else first_places(field)
    places = stay or tuple(step.entrant for step in steps)
    places, later = _settled(field, places)
    steps = merged((*steps, *later))
    return Choice(field=field, places=arranged(field, places), steps=steps, first=not field.incumbents)


def _settled(field: Field, places: tuple[VariantId, ...]) -> tuple[tuple[VariantId, ...], list[Step]]:
    """Apply the rules until none applies: the same data must not propose anything next week."""
    steps: list[Step] = []
    while step := challenge(field, places) or domination(field, places) or vacancy(field, places):
        steps.append(step)
        places = step.applied(places)
    if field.change.cost_swaps and (step := cost_swap(field, places)):
        steps.append(step)
        places = step.applied(places)
    return places, steps
