"""One tier's choice, without draws: what a backtest walks and a selection documents."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.domain.names import TierName
from pipeline.pools.first import first_places
from pipeline.pools.incumbents import Status
from pipeline.pools.limits import NOBODY, elsewhere
from pipeline.pools.order import arranged
from pipeline.pools.rules import challenge, cost_swap, domination, vacancy
from pipeline.pools.step import Rule, Step, merged
from pipeline.pools.survey import survey

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pipeline.domain.names import VariantId
    from pipeline.pools.brief import Brief
    from pipeline.pools.field import Field
    from pipeline.pools.ground import Ground
    from pipeline.pools.limits import Elsewhere
    from pipeline.pools.runner import Seat


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
    def seats(self) -> tuple[Seat, ...]:
        """Vendor and family of the members, in rank order."""
        return tuple(self.field.seat(place) for place in self.places)

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
    if _alone(brief):
        return _choose(brief, name, NOBODY, grounds)
    return choose_all(brief)[name]


def choose_these(brief: Brief, names: Iterable[TierName]) -> Mapping[TierName, Choice]:
    """Choose some tiers as `choose` does, each evidence looked over once; by name.

    Where the policy limits what one vendor holds over all tiers, all are chosen, once.
    """
    if _alone(brief):
        grounds: dict[str, Ground] = {}
        return {name: choose(brief, name, grounds) for name in sorted(names)}
    chosen = choose_all(brief)
    return {name: chosen[name] for name in sorted(names)}


def choose_all(brief: Brief) -> Mapping[TierName, Choice]:
    """Choose every tier; by name.

    Tiers choose in the order of what an answer is worth in them, the dearest first; where the policy
    limits what one vendor holds over all tiers, the later ones take what is left.
    """
    tiers, rules = brief.policy.tiers, brief.policy.concentration
    chosen: dict[TierName, Choice] = {}
    grounds: dict[str, Ground] = {}
    for name in sorted(map(TierName, tiers), key=lambda one: (-tiers[one].lambda_usd, one)):
        before = (choice.seats for choice in chosen.values())
        chosen[name] = _choose(brief, name, elsewhere(rules, len(tiers), before), grounds)
    return {name: chosen[name] for name in sorted(chosen)}


def _alone(brief: Brief) -> bool:
    """Tell whether a tier's choice asks nothing of the tiers that chose before."""
    concentration = brief.policy.concentration
    return concentration.members_per_vendor is None and concentration.share_of_tiers_led is None


def _choose(brief: Brief, name: TierName, others: Elsewhere, grounds: dict[str, Ground] | None) -> Choice:
    field = survey(brief, name, grounds, others)
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
