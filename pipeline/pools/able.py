"""What a variant must be allowed and able to do: routes, vendor, licence, capabilities, its end.

What nobody states is not assumed: an unknown context or capability fails where the tier needs it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.pools.applicant import Applicant, LeftOut, Terms

if TYPE_CHECKING:
    from pipeline.domain.crosswalk import Variant


def usable_routes(variant: Variant, routes: tuple[str, ...]) -> dict[str, str]:
    """Return the routes of a variant that the operator can use, by router name."""
    known = {"litellm": variant.litellm, "openrouter": variant.openrouter}
    return {name: model for name in sorted(routes) if (model := known.get(name))}


def not_routed(terms: Terms, applicant: Applicant) -> LeftOut | None:
    """Refuse what the operator cannot reach."""
    if usable_routes(applicant.variant, terms.routes):
        return None
    return LeftOut(rule="not_routed", detail=f"It has no route through {' or '.join(terms.routes)}.")


def vendor(terms: Terms, applicant: Applicant) -> LeftOut | None:
    """Refuse a vendor that the policy denies or does not list."""
    vendor, tier = applicant.variant.vendor, terms.tier
    if vendor in tier.vendors_denied:
        return LeftOut(rule="vendor", detail=f"The policy denies {vendor} in this tier.")
    if tier.vendors_allowed and vendor not in tier.vendors_allowed:
        allowed = ", ".join(tier.vendors_allowed)
        return LeftOut(rule="vendor", detail=f"{vendor} is not among the allowed vendors: {allowed}.")
    return None


def licence(terms: Terms, applicant: Applicant) -> LeftOut | None:
    """Refuse closed weights where the tier takes open ones only."""
    if not terms.tier.open_weights_only or applicant.variant.open_weights:
        return None
    return LeftOut(rule="licence", detail="The tier takes open weights only; these are closed.")


def context(terms: Terms, applicant: Applicant) -> LeftOut | None:
    """Refuse a context that is too short or that nobody states."""
    needed, found = terms.tier.min_context_tokens, applicant.facts.context_tokens
    if needed == 0 or (found is not None and found >= needed):
        return None
    said = "is unknown" if found is None else f"is {found} tokens"
    return LeftOut(rule="context", detail=f"Its context {said}; the tier needs {needed}.")


def tools(terms: Terms, applicant: Applicant) -> LeftOut | None:
    """Refuse a variant without tools, or of which nobody says so, where the tier needs them."""
    return _needs("tools", needed=terms.tier.needs_tools, found=applicant.facts.tools)


def vision(terms: Terms, applicant: Applicant) -> LeftOut | None:
    """Refuse a variant without vision, or of which nobody says so, where the tier needs it."""
    return _needs("vision", needed=terms.tier.needs_vision, found=applicant.facts.vision)


def _needs(what: str, *, needed: bool, found: bool | None) -> LeftOut | None:
    if found or not needed:
        return None
    said = "Nobody says whether it has" if found is None else "It has no"
    return LeftOut(rule=what, detail=f"{said} {what}; the tier needs {what}.")


def retiring(terms: Terms, applicant: Applicant) -> LeftOut | None:
    """Refuse what was retired or retires within the tier's days."""
    end = applicant.facts.retires_on
    if end is None or (end - terms.today).days > terms.tier.retirement_days:
        return None
    days = (end - terms.today).days
    said = f"It retires on {end}, in {days} days" if days > 0 else f"It was retired on {end}"
    return LeftOut(
        rule="retiring", detail=f"{said}; the tier asks for more than {terms.tier.retirement_days}."
    )
