"""The smallest change of the policy that lifts the rule which leaves a variant out: a reader's question."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from pipeline.pools.able import licence_of
from pipeline.pools.case import Case, Relaxed
from pipeline.pools.routes import region_of, usable_routes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pipeline.domain.names import VariantId
    from pipeline.pools.brief import Brief
    from pipeline.pools.tier_selection import TierSelection

_MICRO: Final = 1_000_000


def relaxed(brief: Brief, choice: TierSelection, variant: VariantId, rule: str | None) -> Relaxed | None:
    """Write the least change of the policy that lifts a rule for a variant; None where none does.

    Args:
        brief: What the tier was chosen from.
        choice: The tier as it was chosen.
        variant: Who is left out.
        rule: The rule that leaves it out, as its standing says.
    """
    lift = _LIFTS.get(rule or "")
    known = brief.variants.get(variant)
    return lift(Case(brief=brief, choice=choice, variant=known)) if lift and known else None


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
    "vendor_total": _vendor_total,
}
