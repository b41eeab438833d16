"""Selects the routes a tier can use: those of the operator's routers that run where it allows."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipeline.domain.crosswalk import Variant
    from pipeline.pools.eligibility.candidate_facts import TierRequirements


def reached_routes(variant: Variant, routes: tuple[str, ...]) -> dict[str, str]:
    """Return the operator's routes to the release, by router name; some may not sell the effort."""
    return {route: model for route, model in sorted(variant.models.items()) if route in routes}


def usable_routes(variant: Variant, routes: tuple[str, ...]) -> dict[str, str]:
    """Return the operator's routes of a variant that express its effort, by router name."""
    reached = reached_routes(variant, routes)
    return {route: model for route, model in reached.items() if variant.send(route) is not None}


def allowed_routes(terms: TierRequirements, variant: Variant) -> dict[str, str]:
    """Return the usable routes that run where the tier allows, by router name; a router gets no others."""
    usable, allowed = usable_routes(variant, terms.routes), terms.tier.regions_allowed
    if not allowed:
        return usable
    return {
        router: model
        for router, model in usable.items()
        if region_of(router, model, terms.regions) in allowed
    }


def region_of(router: str, model: str, regions: Mapping[str, str]) -> str | None:
    """Say where a route runs: the longest beginning of `router:model` in the table speaks; None: unknown."""
    route = f"{router}:{model}"
    fits = [key for key in regions if route == key or route.startswith((f"{key}:", f"{key}/"))]
    return regions[max(fits, key=len)] if fits else None
