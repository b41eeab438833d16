"""Finds, for each rule of eligibility, the least change of the policy that relaxes it for a variant."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from pipeline.domain.score import Cost
from pipeline.pools.eligibility.candidate_facts import RouteFacts, region_of, route_facts, usable_routes
from pipeline.pools.eligibility.constraints import licence_of
from pipeline.pools.worth.floor import failed_floors, floor_of

if TYPE_CHECKING:
    from pydantic import JsonValue

    from pipeline.domain.crosswalk import Variant
    from pipeline.domain.policy import Policy, TierPolicy
    from pipeline.pools.selection_input import SelectionInput
    from pipeline.pools.tier_selection import TierSelection


Table = Literal["regions", "licences"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Relaxation:
    """One line of the policy that would lift a rule."""

    words: str
    """The line as a person would write it, and on what condition."""
    policy: Policy


@dataclass(frozen=True, slots=True, kw_only=True)
class RelaxationCase:
    """A variant that a tier leaves out, and what the line may say."""

    inputs: SelectionInput
    choice: TierSelection
    variant: Variant

    @property
    def tier(self) -> TierPolicy:
        """What the tier asks."""
        return self.choice.field.tier

    @property
    def facts(self) -> RouteFacts:
        """What its route can do."""
        lines = self.inputs.lines(self.choice.field.name)
        line = next((one for one in lines if one.variant == self.variant.id), None)
        return route_facts(self.variant, self.inputs.profiles.get(self.variant.id), line)

    @property
    def cost(self) -> Cost | None:
        """What a task costs; None where it has no score or price."""
        score = self.choice.field.scoreboard.scores.get(self.variant.id)
        return score.cost if score is not None and isinstance(score.cost, Cost) else None

    def setting(self, key: str, value: JsonValue, words: str = "") -> Relaxation:
        """Change one key of the tier."""
        policy, name = self.inputs.policy, self.choice.field.name
        given = tuple(value) if isinstance(value, list) else value
        tier = self.tier.model_copy(update={key: given})
        return Relaxation(
            words=f"tiers.{name}.{key} = {json.dumps(value)}{words}",
            policy=policy.model_copy(update={"tiers": {**policy.tiers, name: tier}}),
        )

    def table(self, key: Table, added: Mapping[str, str]) -> Relaxation:
        """Add lines to a table of what the operator knows."""
        policy = self.inputs.policy
        lines = ", ".join(f'"{name}" = "{word}"' for name, word in added.items())
        known = {"regions": policy.regions, "licences": policy.licences}[key]
        return Relaxation(
            words=f"[{key}] {lines}, if that is so",
            policy=policy.model_copy(update={key: {**known, **added}}),
        )


Relax = Callable[[RelaxationCase], Relaxation | None]
"""Writes the least change of the policy that relaxes a rule for a variant; None where none does."""


_MICRO: Final = 1_000_000
_FURTHER: Final = (0, 50, 100, 250, 500, 1000, 2000, 4000, 8000)
"""Tenths of an Elo point by which a floor is lowered."""


def relax_vendor(case: RelaxationCase) -> Relaxation:
    """Take the vendor off the denied ones, or add it to the allowed ones."""
    vendor, tier = case.variant.vendor, case.tier
    if vendor in tier.vendors_denied:
        return case.setting("vendors_denied", [one for one in tier.vendors_denied if one != vendor])
    return case.setting("vendors_allowed", [*tier.vendors_allowed, vendor])


def relax_licence(case: RelaxationCase) -> Relaxation:
    """Take closed weights, or add its licence."""
    if case.tier.open_weights_only and not case.variant.open_weights:
        return case.setting("open_weights_only", value=False)
    found = licence_of(case.variant, case.inputs.policy.licences)
    return case.setting("licences_allowed", [*case.tier.licences_allowed, *([found] if found else [])])


def relax_licence_unknown(case: RelaxationCase) -> Relaxation:
    """Say that its licence is one the tier takes."""
    return case.table("licences", {case.variant.family: case.tier.licences_allowed[0]})


def relax_region(case: RelaxationCase) -> Relaxation:
    """Add the region where its route runs."""
    policy = case.inputs.policy
    found = [
        region_of(*route, policy.regions) for route in usable_routes(case.variant, policy.routes).items()
    ]
    place = next(one for one in found if one is not None)
    return case.setting("regions_allowed", [*case.tier.regions_allowed, place])


def relax_region_unknown(case: RelaxationCase) -> Relaxation:
    """Say that its route runs where the tier allows."""
    policy = case.inputs.policy
    routes = usable_routes(case.variant, policy.routes).items()
    router, model = next(route for route in routes if region_of(*route, policy.regions) is None)
    return case.table("regions", {f"{router}:{model}": case.tier.regions_allowed[0]})


def relax_context(case: RelaxationCase) -> Relaxation:
    """Ask for no longer context than it has."""
    found = case.facts.context_tokens
    unknown = "" if found is not None else "; better, state its context_tokens in data/crosswalk/variants.csv"
    return case.setting("min_context_tokens", found or 0, unknown)


def relax_retiring(case: RelaxationCase) -> Relaxation | None:
    """Ask for fewer days than it has left."""
    end = case.facts.retires_on
    days = (end - case.choice.field.terms.today).days if end else 0
    return case.setting("retirement_days", days - 1) if days > 0 else None


def relax_ceiling(case: RelaxationCase) -> Relaxation | None:
    """Raise the ceiling that it is above to its own price."""
    cost, tier = case.cost, case.tier
    if cost is None:
        return None
    listed = tier.ceiling_list_usd_per_mtok
    if listed is not None and cost.price.blended_usd_per_mtok > listed:
        return case.setting("ceiling_list_usd_per_mtok", cost.price.blended_usd_per_mtok)
    return case.setting("ceiling_usd_per_task", math.ceil(cost.usd_per_task * _MICRO) / _MICRO)


def relax_floor(case: RelaxationCase) -> Relaxation | None:
    """Lower the floor by whole tenths of an Elo point until the variant has the probability it asks for."""
    board, key = case.choice.field.scoreboard, "floor_elo_below_reference"
    score = board.scores[case.variant.id]
    start = math.floor(case.tier.floor_elo_below_reference * 10)

    def passes(tenths: int) -> bool:
        tier = case.tier.model_copy(update={key: tenths / 10})
        return failed_floors(floor_of(tier, board), score) is None

    found = smallest_change(passes, [start + further for further in _FURTHER])
    return None if found is None else case.setting(key, found / 10)


def relax_unconfirmed(case: RelaxationCase) -> Relaxation | None:
    """Ask for no more votes than it has; whoever shows it scores again under the policy."""
    score = case.choice.field.scoreboard.scores[case.variant.id]
    votes = max((board.votes or 0 for board in score.boards), default=0)
    if not votes:
        return None
    policy = case.inputs.policy
    quality = policy.quality.model_copy(update={"confirmed_votes": votes})
    return Relaxation(
        words=f"quality.confirmed_votes = {votes}", policy=policy.model_copy(update={"quality": quality})
    )


def relax_not_routed(case: RelaxationCase) -> Relaxation | None:
    """Add a route that it has."""
    policy = case.inputs.policy
    known = {"litellm": case.variant.litellm, "openrouter": case.variant.openrouter}
    further = [router for router, model in known.items() if model and router not in policy.routes]
    if not further:
        return None
    routes = (*policy.routes, further[0])
    words = f"routes = {json.dumps(routes)}, if you can use it"
    return Relaxation(words=words, policy=policy.model_copy(update={"routes": routes}))


def smallest_change(passes: Callable[[int], bool], ladder: Sequence[int]) -> int | None:
    """Return the smallest amount found that passes, by bisection below the first rung that does.

    Rules are not monotone (a better variant may push out the one that let it in), so the rungs are
    tried in order; what is returned was tried and did pass, and one unit less did not.

    Args:
        passes: Asked for one amount at a time, in whole units.
        ladder: Amounts to try, from the smallest change to the largest; the first is no change.
    """
    below = ladder[0]
    for rung in ladder[1:]:
        if passes(rung):
            return _narrow(passes, below, rung)
        below = rung
    return None


def _narrow(passes: Callable[[int], bool], fails: int, found: int) -> int:
    while abs(found - fails) > 1:
        middle = (fails + found) // 2
        if passes(middle):
            found = middle
        else:
            fails = middle
    return found
