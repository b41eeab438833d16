"""Collects what the rules of eligibility ask about a variant: its facts and its usable routes."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, TypeVar

from pipeline.domain.crosswalk import Profile, Variant
from pipeline.domain.ids import VariantId

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipeline.domain.policy import TierPolicy
    from pipeline.domain.pool import Member
    from pipeline.domain.score import NoScore, Score
    from pipeline.pools.worth.floor import Floor


def reached_routes(variant: Variant, routes: tuple[str, ...]) -> dict[str, str]:
    """Return the operator's routes to the release, by router name; some may not sell the effort."""
    return {route: model for route, model in sorted(variant.models.items()) if route in routes}


def usable_routes(variant: Variant, routes: tuple[str, ...]) -> dict[str, str]:
    """Return the operator's routes of a variant that express its effort, by router name."""
    cells = variant.effort_cells
    reached = reached_routes(variant, routes)
    return {route: model for route, model in reached.items() if cells[route] is not None}


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


@dataclass(frozen=True, slots=True, kw_only=True)
class TierRequirements:
    """What one tier asks of a variant this week."""

    tier: TierPolicy
    routes: tuple[str, ...]
    """Routes the operator can use."""
    today: date
    floor: Floor
    regions: Mapping[str, str] = field(default_factory=dict)
    """Where endpoints run, by the beginning of a route, as the operator says."""
    licences: Mapping[str, str] = field(default_factory=dict)
    """Licence of open weights by family, as the operator says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CandidateFacts:
    """One variant as the rules see it."""

    variant: Variant
    score: Score | NoScore | None
    """None: this week's data does not name it."""
    facts: RouteFacts
    usd_per_task: float | None = None
    """None where neither this week's data nor the published line knows it."""
    list_usd_per_mtok: float | None = None
    """Blended list price, three parts input and one part output."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exclusion:
    """The rule a variant fails, and a sentence with the numbers."""

    rule: str
    detail: str


T = TypeVar("T")

_SILENT = Profile(variant=VariantId(""))
"""Where no catalogue says anything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteFacts:
    """Capabilities and the announced end; None where nobody says."""

    context_tokens: int | None = None
    tools: bool | None = None
    vision: bool | None = None
    retires_on: date | None = None


def route_facts(variant: Variant, profile: Profile | None, line: Member | None) -> RouteFacts:
    """Join catalogue, people's word and the published line, in this order.

    The published line answers only what nobody says this week: a catalogue that was not read must
    not make a member look unable. The earlier of two announced ends counts.
    """
    said = profile or _SILENT
    ends = [day for day in (variant.retires_on, said.retires_on) if day]
    if line is None:
        return RouteFacts(
            context_tokens=_first_known(said.context_tokens, variant.context_tokens),
            tools=said.tools,
            vision=said.vision,
            retires_on=min(ends, default=None),
        )
    published_end = date.fromisoformat(line.retires_on) if line.retires_on else None
    return RouteFacts(
        context_tokens=_first_known(said.context_tokens, variant.context_tokens, line.context_tokens),
        tools=_first_known(said.tools, line.tools),
        vision=_first_known(said.vision, line.vision),
        retires_on=min(ends, default=published_end),
    )


def _first_known(*answers: T | None) -> T | None:
    return next((answer for answer in answers if answer is not None), None)
