"""The smallest change of the policy that lifts the rule which leaves a variant out: a reader's question."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from pipeline.pools.able import licence_of
from pipeline.pools.case import Case, Relaxed
from pipeline.pools.floor import floor_fails, floor_of
from pipeline.pools.least import least
from pipeline.pools.relax_worth import admitting, tried
from pipeline.pools.routes import region_of, usable_routes
from pipeline.pools.tier_selection import select_tier

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pipeline.domain.names import VariantId
    from pipeline.pools.brief import Brief
    from pipeline.pools.tier_selection import TierSelection

_MICRO: Final = 1_000_000
_PRICES: Final = frozenset({"price_unknown", "price_zero", "price_conflict"})
_FURTHER: Final = (0, 50, 100, 250, 500, 1000, 2000, 4000, 8000)
"""Tenths of an Elo point by which a floor is lowered."""


def relaxed(brief: Brief, choice: TierSelection, variant: VariantId, rule: str | None) -> Relaxed | None:
    """Write the least change of the policy that lifts a rule for a variant; None where none does.

    Args:
        brief: What the tier was chosen from.
        choice: The tier as it was chosen.
        variant: Who is left out.
        rule: The rule that leaves it out, as its standing says; None: it is eligible, and not better enough.
    """
    lift = admitting if rule is None else _LIFTS.get(rule)
    known = brief.variants.get(variant)
    return lift(Case(brief=brief, choice=choice, variant=known)) if lift and known else None


def unlifted(brief: Brief, choice: TierSelection, variant: VariantId, rule: str | None) -> str:
    """Say why `relaxed` writes no line."""
    if rule is None:
        case = Case(brief=brief, choice=choice, variant=brief.variants[variant])
        return f"no line of the policy alone admits it ({tried(case)})"
    if rule in _PRICES:
        return "no line of the policy gives it a price; a line of data/crosswalk/prices.csv does"
    return f"no line of the policy lifts the rule {rule}"


def _vendor(case: Case) -> Relaxed:
    vendor, tier = case.variant.vendor, case.tier
    if vendor in tier.vendors_denied:
        return case.setting("vendors_denied", [one for one in tier.vendors_denied if one != vendor])
    return case.setting("vendors_allowed", [*tier.vendors_allowed, vendor])


def _licence(case: Case) -> Relaxed:
    if case.tier.open_weights_only and not case.variant.open_weights:
        return case.setting("open_weights_only", value=False)
    found = licence_of(case.variant, case.brief.policy.licences)
    return case.setting("licences_allowed", [*case.tier.licences_allowed, *([found] if found else [])])


def _licence_unknown(case: Case) -> Relaxed:
    return case.table("licences", {case.variant.family: case.tier.licences_allowed[0]})


def _region(case: Case) -> Relaxed:
    policy = case.brief.policy
    found = [
        region_of(*route, policy.regions) for route in usable_routes(case.variant, policy.routes).items()
    ]
    place = next(one for one in found if one is not None)
    return case.setting("regions_allowed", [*case.tier.regions_allowed, place])


def _region_unknown(case: Case) -> Relaxed:
    policy = case.brief.policy
    routes = usable_routes(case.variant, policy.routes).items()
    router, model = next(one for one in routes if region_of(*one, policy.regions) is None)
    return case.table("regions", {f"{router}:{model}": case.tier.regions_allowed[0]})


def _context(case: Case) -> Relaxed:
    found = case.facts.context_tokens
    unknown = "" if found is not None else "; better, state its context_tokens in data/crosswalk/variants.csv"
    return case.setting("min_context_tokens", found or 0, unknown)


def _retiring(case: Case) -> Relaxed | None:
    end = case.facts.retires_on
    days = (end - case.choice.field.terms.today).days if end else 0
    return case.setting("retirement_days", days - 1) if days > 0 else None


def _ceiling(case: Case) -> Relaxed | None:
    cost, tier = case.cost, case.tier
    if cost is None:
        return None
    listed = tier.ceiling_list_usd_per_mtok
    if listed is not None and cost.price.blended_usd_per_mtok > listed:
        return case.setting("ceiling_list_usd_per_mtok", cost.price.blended_usd_per_mtok)
    return case.setting("ceiling_usd_per_task", math.ceil(cost.usd_per_task * _MICRO) / _MICRO)


def _floor(case: Case) -> Relaxed | None:
    """Lower the floor by whole tenths of an Elo point until the variant has the probability it asks for."""
    board, key = case.choice.field.scoreboard, "floor_elo_below_reference"
    score = board.scores[case.variant.id]
    start = math.floor(case.tier.floor_elo_below_reference * 10)

    def passes(tenths: int) -> bool:
        tier = case.tier.model_copy(update={key: tenths / 10})
        return floor_fails(floor_of(tier, board), score) is None

    found = least(passes, [start + further for further in _FURTHER])
    return None if found is None else case.setting(key, found / 10)


def _cooldown(case: Case) -> Relaxed | None:
    """Shorten the cooldown until the variant takes a place."""
    policy = case.brief.policy

    def line(weeks: int) -> Relaxed:
        change = policy.change.model_copy(update={"cooldown_weeks": weeks})
        words = f"change.cooldown_weeks = {weeks}"
        return Relaxed(words=words, policy=policy.model_copy(update={"change": change}))

    def passes(weeks: int) -> bool:
        brief = replace(case.brief, policy=line(weeks).policy)
        return case.variant.id in select_tier(brief, case.choice.field.name).places

    found = least(passes, range(policy.change.cooldown_weeks, -1, -1))
    return None if found is None else line(found)


def _unconfirmed(case: Case) -> Relaxed | None:
    """Ask for no more votes than it has; whoever shows it scores again under the policy."""
    score = case.choice.field.scoreboard.scores[case.variant.id]
    votes = max((board.votes or 0 for board in score.boards), default=0)
    if not votes:
        return None
    policy = case.brief.policy
    quality = policy.quality.model_copy(update={"confirmed_votes": votes})
    return Relaxed(
        words=f"quality.confirmed_votes = {votes}", policy=policy.model_copy(update={"quality": quality})
    )


def _vendor_limit(case: Case) -> Relaxed:
    """A vendor may hold half of the places, rounded up (`pools.limits`)."""
    here = sum(slot.vendor == case.variant.vendor for slot in case.choice.slots)
    return case.setting("k", 2 * here + 1)


def _not_routed(case: Case) -> Relaxed | None:
    policy = case.brief.policy
    known = {"litellm": case.variant.litellm, "openrouter": case.variant.openrouter}
    further = [router for router, model in known.items() if model and router not in policy.routes]
    if not further:
        return None
    routes = (*policy.routes, further[0])
    words = f"routes = {json.dumps(routes)}, if you can use it"
    return Relaxed(words=words, policy=policy.model_copy(update={"routes": routes}))


def _vendor_total(case: Case) -> Relaxed:
    policy = case.brief.policy
    vendor = case.variant.vendor
    here = sum(slot.vendor == vendor for slot in case.choice.slots)
    most = case.choice.field.elsewhere.places.get(vendor, 0) + here + 1
    rules = policy.concentration.model_copy(update={"members_per_vendor": most})
    return Relaxed(
        words=f"concentration.members_per_vendor = {most}",
        policy=policy.model_copy(update={"concentration": rules}),
    )


_LIFTS: Final[Mapping[str, Callable[[Case], Relaxed | None]]] = {
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
