"""The smallest change of the policy that lifts the rule which leaves a variant out: a reader's question."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Literal

from pipeline.domain.score import Cost
from pipeline.pools.changes.price_limit import smallest_change
from pipeline.pools.eligibility.candidate_facts import route_facts
from pipeline.pools.eligibility.constraints import licence_of
from pipeline.pools.eligibility.routes import region_of, usable_routes
from pipeline.pools.tier_selection import select_tier
from pipeline.pools.worth.floor import failed_floors, floor_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from pydantic import JsonValue

    from pipeline.domain.crosswalk import Variant
    from pipeline.domain.ids import VariantId
    from pipeline.domain.policy import Policy, TierPolicy
    from pipeline.pools.eligibility.candidate_facts import RouteFacts
    from pipeline.pools.selection_input import SelectionInput
    from pipeline.pools.tier_selection import TierSelection


_MICRO: Final = 1_000_000
_PRICES: Final = frozenset({"price_unknown", "price_zero", "price_conflict"})
_FURTHER: Final = (0, 50, 100, 250, 500, 1000, 2000, 4000, 8000)
"""Tenths of an Elo point by which a floor is lowered."""


def relaxation_of(
    inputs: SelectionInput, choice: TierSelection, variant: VariantId, rule: str | None
) -> Relaxation | None:
    """Write the least change of the policy that lifts a rule for a variant; None where none does.

    Args:
        inputs: What the tier was chosen from.
        choice: The tier as it was chosen.
        variant: Who is left out.
        rule: The rule that leaves it out, as its standing says; None: it is eligible, and not better enough.
    """
    lift = admitting_setting if rule is None else _LIFTS.get(rule)
    known = inputs.variants.get(variant)
    return lift(RelaxationCase(inputs=inputs, choice=choice, variant=known)) if lift and known else None


def rules_without_relaxation(
    inputs: SelectionInput, choice: TierSelection, variant: VariantId, rule: str | None
) -> str:
    """Say why `relaxed` writes no line."""
    if rule is None:
        case = RelaxationCase(inputs=inputs, choice=choice, variant=inputs.variants[variant])
        return f"no line of the policy alone admits it ({try_setting(case)})"
    if rule in _PRICES:
        return "no line of the policy gives it a price; a line of data/crosswalk/prices.csv does"
    return f"no line of the policy lifts the rule {rule}"


def _vendor(case: RelaxationCase) -> Relaxation:
    vendor, tier = case.variant.vendor, case.tier
    if vendor in tier.vendors_denied:
        return case.setting("vendors_denied", [one for one in tier.vendors_denied if one != vendor])
    return case.setting("vendors_allowed", [*tier.vendors_allowed, vendor])


def _licence(case: RelaxationCase) -> Relaxation:
    if case.tier.open_weights_only and not case.variant.open_weights:
        return case.setting("open_weights_only", value=False)
    found = licence_of(case.variant, case.inputs.policy.licences)
    return case.setting("licences_allowed", [*case.tier.licences_allowed, *([found] if found else [])])


def _licence_unknown(case: RelaxationCase) -> Relaxation:
    return case.table("licences", {case.variant.family: case.tier.licences_allowed[0]})


def _region(case: RelaxationCase) -> Relaxation:
    policy = case.inputs.policy
    found = [
        region_of(*route, policy.regions) for route in usable_routes(case.variant, policy.routes).items()
    ]
    place = next(one for one in found if one is not None)
    return case.setting("regions_allowed", [*case.tier.regions_allowed, place])


def _region_unknown(case: RelaxationCase) -> Relaxation:
    policy = case.inputs.policy
    routes = usable_routes(case.variant, policy.routes).items()
    router, model = next(one for one in routes if region_of(*one, policy.regions) is None)
    return case.table("regions", {f"{router}:{model}": case.tier.regions_allowed[0]})


def _context(case: RelaxationCase) -> Relaxation:
    found = case.facts.context_tokens
    unknown = "" if found is not None else "; better, state its context_tokens in data/crosswalk/variants.csv"
    return case.setting("min_context_tokens", found or 0, unknown)


def _retiring(case: RelaxationCase) -> Relaxation | None:
    end = case.facts.retires_on
    days = (end - case.choice.field.terms.today).days if end else 0
    return case.setting("retirement_days", days - 1) if days > 0 else None


def _ceiling(case: RelaxationCase) -> Relaxation | None:
    cost, tier = case.cost, case.tier
    if cost is None:
        return None
    listed = tier.ceiling_list_usd_per_mtok
    if listed is not None and cost.price.blended_usd_per_mtok > listed:
        return case.setting("ceiling_list_usd_per_mtok", cost.price.blended_usd_per_mtok)
    return case.setting("ceiling_usd_per_task", math.ceil(cost.usd_per_task * _MICRO) / _MICRO)


def _floor(case: RelaxationCase) -> Relaxation | None:
    """Lower the floor by whole tenths of an Elo point until the variant has the probability it asks for."""
    board, key = case.choice.field.scoreboard, "floor_elo_below_reference"
    score = board.scores[case.variant.id]
    start = math.floor(case.tier.floor_elo_below_reference * 10)

    def passes(tenths: int) -> bool:
        tier = case.tier.model_copy(update={key: tenths / 10})
        return failed_floors(floor_of(tier, board), score) is None

    found = smallest_change(passes, [start + further for further in _FURTHER])
    return None if found is None else case.setting(key, found / 10)


def _cooldown(case: RelaxationCase) -> Relaxation | None:
    """Shorten the cooldown until the variant takes a place."""
    policy = case.inputs.policy

    def line(weeks: int) -> Relaxation:
        change = policy.change.model_copy(update={"cooldown_weeks": weeks})
        words = f"change.cooldown_weeks = {weeks}"
        return Relaxation(words=words, policy=policy.model_copy(update={"change": change}))

    def passes(weeks: int) -> bool:
        inputs = replace(case.inputs, policy=line(weeks).policy)
        return case.variant.id in select_tier(inputs, case.choice.field.name).places

    found = smallest_change(passes, range(policy.change.cooldown_weeks, -1, -1))
    return None if found is None else line(found)


def _unconfirmed(case: RelaxationCase) -> Relaxation | None:
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


def _vendor_limit(case: RelaxationCase) -> Relaxation:
    """A vendor may hold half of the places, rounded up (`pools.limits`)."""
    here = sum(slot.vendor == case.variant.vendor for slot in case.choice.slots)
    return case.setting("k", 2 * here + 1)


def _not_routed(case: RelaxationCase) -> Relaxation | None:
    policy = case.inputs.policy
    known = {"litellm": case.variant.litellm, "openrouter": case.variant.openrouter}
    further = [router for router, model in known.items() if model and router not in policy.routes]
    if not further:
        return None
    routes = (*policy.routes, further[0])
    words = f"routes = {json.dumps(routes)}, if you can use it"
    return Relaxation(words=words, policy=policy.model_copy(update={"routes": routes}))


def _vendor_total(case: RelaxationCase) -> Relaxation:
    policy = case.inputs.policy
    vendor = case.variant.vendor
    here = sum(slot.vendor == vendor for slot in case.choice.slots)
    most = case.choice.field.elsewhere.places.get(vendor, 0) + here + 1
    rules = policy.concentration.model_copy(update={"members_per_vendor": most})
    return Relaxation(
        words=f"concentration.members_per_vendor = {most}",
        policy=policy.model_copy(update={"concentration": rules}),
    )


_LIFTS: Final[Mapping[str, Callable[[RelaxationCase], Relaxation | None]]] = {
    "vendor": _vendor,
    "licence": _licence,
    "licence_unknown": _licence_unknown,
    "region": _region,
    "region_unknown": _region_unknown,
    "context": _context,
    "tools": lambda case: case.setting("needs_tools", value=False),
    "vision": lambda case: case.setting("needs_vision", value=False),
    "retiring": _retiring,
    "ceiling": _ceiling,
    "floor": _floor,
    "unconfirmed": _unconfirmed,
    "not_routed": _not_routed,
    "cooldown": _cooldown,
    "vendor_limit": _vendor_limit,
    "vendor_total": _vendor_total,
}


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


_SHARES: Final = (1000, 750, 500, 250, 100, 50, 10, 1)
"""Thousandths of what the policy asks of a swap."""
_LOWER: Final = (1000, 900, 800, 700, 600, 500, 400, 300, 200, 100)
"""Thousandths of the tier's price of an answer."""
_HIGHER: Final = (1000, 1100, 1250, 1500, 2000, 3000, 5000, 10_000)
_PLACES: Final = 3
"""Further places that are tried."""


def admitting_setting(case: RelaxationCase) -> Relaxation | None:
    """Return the first line that makes an eligible variant a member, each tried alone; None where none does.

    First what a swap must add, then the places of the tier, then its price of an answer: from what touches
    the others least to what moves them all.
    """
    return next(_lines(case), None)


def try_setting(case: RelaxationCase) -> str:
    """Say which lines `admitting` tries, and how far."""
    name, tier = case.choice.field.name, case.tier
    low, high = (tier.lambda_usd * end / 1000 for end in (_LOWER[-1], _HIGHER[-1]))
    return (
        f"tried, one at a time: change.least_gain_per_100 down to 0, change.swap_intervals down to "
        f"{_SHARES[-1] / 1000:.1%} of it, tiers.{name}.k up to {tier.k + _PLACES}, "
        f"tiers.{name}.lambda_usd from {low:g} to {high:g}"
    )


def _lines(case: RelaxationCase) -> Iterator[Relaxation]:
    change, tier = case.inputs.policy.change, case.tier
    ways: tuple[tuple[Callable[[int], Relaxation], tuple[int, ...]], ...] = (
        (
            lambda share: _change(case, "least_gain_per_100", change.least_gain_per_100 * share / 1000),
            (*_SHARES, 0),
        ),
        (lambda share: _change(case, "swap_intervals", change.swap_intervals * share / 1000), _SHARES),
        (lambda places: case.setting("k", places), tuple(range(tier.k, tier.k + _PLACES + 1))),
        (lambda share: _paying(case, share), _LOWER),
        (lambda share: _paying(case, share), _HIGHER),
    )
    for line, ladder in ways:
        found = _least(case, line, ladder)
        if found is not None:
            yield found


def _least(
    case: RelaxationCase, line: Callable[[int], Relaxation], ladder: tuple[int, ...]
) -> Relaxation | None:
    def admits(amount: int) -> bool:
        inputs = replace(case.inputs, policy=line(amount).policy)
        return case.variant.id in select_tier(inputs, case.choice.field.name).places

    found = smallest_change(admits, ladder)
    return None if found is None else line(found)


def _paying(case: RelaxationCase, share: int) -> Relaxation:
    return case.setting("lambda_usd", float(f"{case.tier.lambda_usd * share / 1000:.6g}"))


def _change(case: RelaxationCase, key: str, value: float) -> Relaxation:
    policy, given = case.inputs.policy, float(f"{value:.6g}")
    change = policy.change.model_copy(update={key: given})
    return Relaxation(words=f"change.{key} = {given:g}", policy=policy.model_copy(update={"change": change}))
