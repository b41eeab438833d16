"""Checks what a variant must be allowed and able to do: routes, vendor, licence, region, capabilities.

What nobody states is not assumed: an unknown region, licence, context or capability fails where the tier
asks for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pipeline.pools.eligibility.candidate_facts import (
    CandidateFacts,
    Exclusion,
    TierRequirements,
    allowed_routes,
    reached_routes,
    region_of,
    usable_routes,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipeline.domain.crosswalk import Variant

PROPRIETARY: Final = "proprietary"
"""Licence of closed weights."""


def check_reach(terms: TierRequirements, candidate: CandidateFacts) -> Exclusion | None:
    """Refuse what the operator cannot reach."""
    if reached_routes(candidate.variant, terms.routes):
        return None
    return Exclusion(rule="not_routed", detail=f"It has no route through {' or '.join(terms.routes)}.")


def check_effort(terms: TierRequirements, candidate: CandidateFacts) -> Exclusion | None:
    """Refuse an effort that no route can be asked for: another one would be bought."""
    variant = candidate.variant
    if usable_routes(variant, terms.routes) or not (reached := reached_routes(variant, terms.routes)):
        return None
    why = f": {variant.effort_reason}" if variant.effort_reason else ""
    detail = f"{' and '.join(reached)} cannot be asked for the effort {variant.effort}{why}."
    return Exclusion(rule="not_expressible", detail=detail)


def check_vendor(terms: TierRequirements, candidate: CandidateFacts) -> Exclusion | None:
    """Refuse a vendor that the policy denies or does not list."""
    vendor, tier = candidate.variant.vendor, terms.tier
    if vendor in tier.vendors_denied:
        return Exclusion(rule="vendor", detail=f"The policy denies {vendor} in this tier.")
    if tier.vendors_allowed and vendor not in tier.vendors_allowed:
        allowed = ", ".join(tier.vendors_allowed)
        return Exclusion(rule="vendor", detail=f"{vendor} is not among the allowed vendors: {allowed}.")
    return None


def check_licence(terms: TierRequirements, candidate: CandidateFacts) -> Exclusion | None:
    """Refuse closed weights where the tier takes open ones only, and a licence it does not list."""
    if terms.tier.open_weights_only and not candidate.variant.open_weights:
        return Exclusion(rule="licence", detail="The tier takes open weights only; these are closed.")
    allowed, found = terms.tier.licences_allowed, licence_of(candidate.variant, terms.licences)
    if not allowed or found in allowed:
        return None
    listed = ", ".join(allowed)
    if found is None:
        family = candidate.variant.family
        detail = f"Nobody says under which licence the weights of {family} are; the tier takes {listed}."
        return Exclusion(rule="licence_unknown", detail=detail)
    return Exclusion(rule="licence", detail=f"Its licence is {found}; the tier takes {listed}.")


def licence_of(variant: Variant, licences: Mapping[str, str]) -> str | None:
    """Return the licence in the operator's words; None where nobody says it."""
    return licences.get(variant.family) if variant.open_weights else PROPRIETARY


def check_region(terms: TierRequirements, candidate: CandidateFacts) -> Exclusion | None:
    """Refuse a variant none of whose usable routes is known to run where the tier allows."""
    if not terms.tier.regions_allowed:
        return None
    usable = usable_routes(candidate.variant, terms.routes)
    if not usable or allowed_routes(terms, candidate.variant):
        return None
    listed = ", ".join(terms.tier.regions_allowed)
    found = {f"{router}:{model}": region_of(router, model, terms.regions) for router, model in usable.items()}
    unknown = [route for route, place in found.items() if place is None]
    if unknown:
        detail = f"Nobody says where {' and '.join(unknown)} runs; the tier allows {listed}."
        return Exclusion(rule="region_unknown", detail=detail)
    summary = " and ".join(f"{route} runs in {place}" for route, place in found.items())
    return Exclusion(rule="region", detail=f"{summary}; the tier allows {listed}.")


def check_context(terms: TierRequirements, candidate: CandidateFacts) -> Exclusion | None:
    """Refuse a context that is too short or that nobody states."""
    needed, found = terms.tier.min_context_tokens, candidate.facts.context_tokens
    if needed == 0 or (found is not None and found >= needed):
        return None
    said = "is unknown" if found is None else f"is {found} tokens"
    return Exclusion(rule="context", detail=f"Its context {said}; the tier needs {needed}.")


def check_tools(terms: TierRequirements, candidate: CandidateFacts) -> Exclusion | None:
    """Refuse a variant without tools, or of which nobody says so, where the tier needs them."""
    return _needs("tools", needed=terms.tier.needs_tools, found=candidate.facts.tools)


def check_vision(terms: TierRequirements, candidate: CandidateFacts) -> Exclusion | None:
    """Refuse a variant without vision, or of which nobody says so, where the tier needs it."""
    return _needs("vision", needed=terms.tier.needs_vision, found=candidate.facts.vision)


def _needs(what: str, *, needed: bool, found: bool | None) -> Exclusion | None:
    if found or not needed:
        return None
    said = "Nobody says whether it has" if found is None else "It has no"
    return Exclusion(rule=what, detail=f"{said} {what}; the tier needs {what}.")


def check_retirement(terms: TierRequirements, candidate: CandidateFacts) -> Exclusion | None:
    """Refuse what was retired or retires within the tier's days."""
    end = candidate.facts.retires_on
    if end is None or (end - terms.today).days > terms.tier.retirement_days:
        return None
    days = (end - terms.today).days
    said = f"It retires on {end}, in {days} days" if days > 0 else f"It was retired on {end}"
    return Exclusion(
        rule="retiring", detail=f"{said}; the tier asks for more than {terms.tier.retirement_days}."
    )
