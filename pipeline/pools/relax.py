"""The smallest change of the policy that lifts the rule which leaves a variant out: a reader's question."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from pipeline.domain.score import Cost
from pipeline.pools.able import licence_of
from pipeline.pools.facts import facts_of
from pipeline.pools.routes import region_of, usable_routes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pydantic import JsonValue

    from pipeline.domain.crosswalk import Variant
    from pipeline.domain.names import VariantId
    from pipeline.domain.policy import Policy, TierPolicy
    from pipeline.pools.brief import Brief
    from pipeline.pools.facts import Facts
    from pipeline.pools.tier_selection import TierSelection

Table = Literal["regions", "licences"]

_MICRO: Final = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Relaxed:
    """One line of the policy that would lift a rule."""

    words: str
    """The line as a person would write it, and on what condition."""
    policy: Policy


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    """A variant that a tier leaves out, and what the line may say."""

    brief: Brief
    choice: TierSelection
    variant: Variant

    @property
    def tier(self) -> TierPolicy:
        """What the tier asks."""
        return self.choice.field.tier

    @property
    def facts(self) -> Facts:
        """What its route can do."""
        lines = self.brief.lines(self.choice.field.name)
        line = next((one for one in lines if one.variant == self.variant.id), None)
        return facts_of(self.variant, self.brief.profiles.get(self.variant.id), line)

    @property
    def cost(self) -> Cost | None:
        """What a task costs; None where it has no score or price."""
        score = self.choice.field.scoreboard.scores.get(self.variant.id)
        return score.cost if score is not None and isinstance(score.cost, Cost) else None

    def setting(self, key: str, value: JsonValue, words: str = "") -> Relaxed:
        """Change one key of the tier."""
        policy, name = self.brief.policy, self.choice.field.name
        given = tuple(value) if isinstance(value, list) else value
        tier = self.tier.model_copy(update={key: given})
        return Relaxed(
            words=f"tiers.{name}.{key} = {json.dumps(value)}{words}",
            policy=policy.model_copy(update={"tiers": {**policy.tiers, name: tier}}),
        )

    def table(self, key: Table, added: Mapping[str, str]) -> Relaxed:
        """Add lines to a table of what the operator knows."""
        policy = self.brief.policy
        lines = ", ".join(f'"{name}" = "{word}"' for name, word in added.items())
        known = {"regions": policy.regions, "licences": policy.licences}[key]
        return Relaxed(
            words=f"[{key}] {lines}, if that is so",
            policy=policy.model_copy(update={key: {**known, **added}}),
        )


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
    return lift(_Case(brief=brief, choice=choice, variant=known)) if lift and known else None


def _vendor(case: _Case) -> Relaxed:
    vendor, tier = case.variant.vendor, case.tier
    if vendor in tier.vendors_denied:
        return case.setting("vendors_denied", [one for one in tier.vendors_denied if one != vendor])
    return case.setting("vendors_allowed", [*tier.vendors_allowed, vendor])


def _licence(case: _Case) -> Relaxed:
    if case.tier.open_weights_only and not case.variant.open_weights:
        return case.setting("open_weights_only", value=False)
    found = licence_of(case.variant, case.brief.policy.licences)
    return case.setting("licences_allowed", [*case.tier.licences_allowed, *([found] if found else [])])


def _licence_unknown(case: _Case) -> Relaxed:
    return case.table("licences", {case.variant.family: case.tier.licences_allowed[0]})


def _region(case: _Case) -> Relaxed:
    policy = case.brief.policy
    found = [
        region_of(*route, policy.regions) for route in usable_routes(case.variant, policy.routes).items()
    ]
    place = next(one for one in found if one is not None)
    return case.setting("regions_allowed", [*case.tier.regions_allowed, place])


def _region_unknown(case: _Case) -> Relaxed:
    policy = case.brief.policy
    routes = usable_routes(case.variant, policy.routes).items()
    router, model = next(one for one in routes if region_of(*one, policy.regions) is None)
    return case.table("regions", {f"{router}:{model}": case.tier.regions_allowed[0]})


def _context(case: _Case) -> Relaxed:
    found = case.facts.context_tokens
    unknown = "" if found is not None else "; better, state its context_tokens in data/crosswalk/variants.csv"
    return case.setting("min_context_tokens", found or 0, unknown)


def _retiring(case: _Case) -> Relaxed | None:
    end = case.facts.retires_on
    days = (end - case.choice.field.terms.today).days if end else 0
    return case.setting("retirement_days", days - 1) if days > 0 else None


def _ceiling(case: _Case) -> Relaxed | None:
    cost, tier = case.cost, case.tier
    if cost is None:
        return None
    listed = tier.ceiling_list_usd_per_mtok
    if listed is not None and cost.price.blended_usd_per_mtok > listed:
        return case.setting("ceiling_list_usd_per_mtok", cost.price.blended_usd_per_mtok)
    return case.setting("ceiling_usd_per_task", math.ceil(cost.usd_per_task * _MICRO) / _MICRO)


def _vendor_total(case: _Case) -> Relaxed:
    policy = case.brief.policy
    vendor = case.variant.vendor
    here = sum(slot.vendor == vendor for slot in case.choice.slots)
    most = case.choice.field.elsewhere.places.get(vendor, 0) + here + 1
    rules = policy.concentration.model_copy(update={"members_per_vendor": most})
    return Relaxed(
        words=f"concentration.members_per_vendor = {most}",
        policy=policy.model_copy(update={"concentration": rules}),
    )


_LIFTS: Final[Mapping[str, Callable[[_Case], Relaxed | None]]] = {
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
