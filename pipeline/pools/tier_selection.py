"""Selects one tier without random draws, as a backtest simulates it and a proposal documents it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from pipeline.domain.ids import TierName, VariantId
from pipeline.domain.pool import Cause, Purpose
from pipeline.pools.changes.membership import Step, steps_of
from pipeline.pools.changes.reviewer_load import ReviewQuestion, questions_within
from pipeline.pools.evaluate_tier import evaluate_tier
from pipeline.pools.worth.concentration import NOBODY, VendorHoldings, cross_tier_usage
from pipeline.pools.worth.ranking import band_order, purposes, rank_members

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from pipeline.pools.selection_input import SelectionInput
    from pipeline.pools.worth.candidate import Slot
    from pipeline.pools.worth.tier_candidates import TierCandidates

ENDING: Final = frozenset({Cause.RETIRING, Cause.RETIRED})
"""Causes of those that leave by their announced date."""

_MOST_QUIET: Final = 1
"""Places of a tier that may change hands in one run before a person types a confirmation (method 7.5)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TierSelection:
    """One tier's members and how they came about."""

    field: TierCandidates
    places: tuple[VariantId, ...]
    """Members in rank order."""
    bands: Mapping[str, tuple[VariantId, ...]]
    """Members in each band's order."""
    steps: tuple[Step, ...]
    """One per entrant, in the order in which the rules decided."""
    carried: tuple[ReviewQuestion, ...] = ()
    """Changes of this tier that are left to a later week."""

    @property
    def first(self) -> bool:
        """Whether nobody held a place, so that there was no hysteresis."""
        return not self.field.incumbents

    @property
    def slots(self) -> tuple[Slot, ...]:
        """Vendor and family of the members, in rank order."""
        return tuple(self.field.slot(place) for place in self.places)

    @property
    def serves(self) -> Mapping[VariantId, tuple[Purpose, ...]]:
        """What each member serves."""
        return purposes(self.places, self.bands, {slot.variant: slot.vendor for slot in self.slots})

    @property
    def swapped(self) -> tuple[VariantId, ...]:
        """Members that could have stayed and left for a better one."""
        return tuple(step.leaver for step in self.steps if step.leaver is not None)

    @property
    def successors(self) -> Mapping[VariantId, VariantId]:
        """Member to successor: who leaves by its date, best rank first, and who fills the vacant places.

        The first that takes a vacant place succeeds the best ranked of those that end; a member whose
        place stays vacant has no successor.
        """
        ending = [incumbent.id for incumbent in self.field.incumbents.values() if incumbent.cause in ENDING]
        filling = [step.entrant for step in self.steps if step.leaver is None]
        return dict(zip(ending, filling, strict=False))

    @property
    def large(self) -> bool:
        """Whether the default changes, or more than one place does (method 7.5)."""
        if self.first:
            return False
        before = tuple(self.field.incumbents)
        entered = sum(place not in before for place in self.places)
        left = sum(place not in self.places for place in before)
        return self.places[:1] != before[:1] or max(entered, left) > _MOST_QUIET


def select_tier(inputs: SelectionInput, name: TierName) -> TierSelection:
    """Select a tier's members by the rules of method sections 6 and 7."""
    if _is_alone(inputs):
        return _select(inputs, name, NOBODY)
    return select_tiers(inputs)[name]


def select_some(inputs: SelectionInput, names: Collection[TierName]) -> Mapping[TierName, TierSelection]:
    """Select these tiers of the policy, and the others only where what they hold counts for these."""
    if _is_alone(inputs):
        return {name: _select(inputs, name, NOBODY) for name in sorted(names)}
    chosen = select_tiers(inputs)
    return {name: chosen[name] for name in sorted(names)}


def select_tiers(inputs: SelectionInput) -> Mapping[TierName, TierSelection]:
    """Select every tier; by name.

    Tiers choose in the order of what an answer is worth in them, the dearest first; where the policy
    limits what one vendor holds over all tiers, the later ones take what is left. Where it limits what a
    week asks a reviewer, the questions of least money are carried.
    """
    chosen = _select_all(inputs)
    while beyond := questions_within(inputs, chosen):
        inputs = replace(inputs, carried=(*inputs.carried, *beyond))
        chosen = _select_all(inputs)
    return chosen


def _select_all(inputs: SelectionInput) -> Mapping[TierName, TierSelection]:
    tiers, rules = inputs.policy.tiers, inputs.policy.concentration
    chosen: dict[TierName, TierSelection] = {}
    for name in sorted(map(TierName, tiers), key=lambda one: (-tiers[one].lambda_usd, one)):
        before = (selection.slots for selection in chosen.values())
        chosen[name] = _select(inputs, name, cross_tier_usage(rules, len(tiers), before))
    return {name: chosen[name] for name in sorted(chosen)}


def _is_alone(inputs: SelectionInput) -> bool:
    """Return whether a tier's selection asks nothing of the tiers that chose before."""
    concentration = inputs.policy.concentration
    unlimited = concentration.members_per_vendor is None and concentration.share_of_tiers_led is None
    return unlimited and inputs.policy.review_questions is None


def may_swap(inputs: SelectionInput) -> bool:
    """Return whether a member may leave for a better one: a tier has one swap a week."""
    return inputs.published is None or inputs.published.week != inputs.week


def _select(inputs: SelectionInput, name: TierName, others: VendorHoldings) -> TierSelection:
    """Find the members and order them."""
    field = evaluate_tier(inputs, name, others)
    carried = tuple(one for one in inputs.carried if one.tier == name)
    places, steps = steps_of(field, may_swap=may_swap(inputs) and not any(one.swap for one in carried))
    return TierSelection(
        field=field,
        places=rank_members(field, places, steps, frozenset(one.variant for one in carried if not one.swap)),
        bands={
            band: band_order(field, places, band, multiplier)
            for band, multiplier in sorted(inputs.policy.bands.items())
        },
        steps=steps,
        carried=carried,
    )
