"""Writes a pool as bodies of OpenRouter requests: which models to name, in which order, with which effort.

A body holds one effort for all its models and at most three of them, so a tier is a list of bodies:
send the first, and the next one when it fails.
"""

from __future__ import annotations

import json
from itertools import groupby
from typing import TYPE_CHECKING, Final

from pipeline.exporters.exporter import OPENROUTER_KEY, Exporter, routed_members
from pipeline.router.pick import alias_of
from pipeline.router.pool_model import BANDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from pipeline.router.pool_model import MemberView, PoolView
    from pipeline.router.routes import RouteView

ROUTE: Final = "openrouter"
MOST_MODELS: Final = 3
"""OpenRouter answers 400 to a body that names more."""
BY_RANK: Final = "rank"


def openrouter_bodies(view: PoolView) -> str:
    """Write the bodies of each tier, by rank and for each band that the pool orders, as JSON.

    Raises:
        RefusedError: A tier none of whose members OpenRouter can reach.
    """
    routed = routed_members(view, ROUTE)
    document = {
        "pool_version": f"v{view.version:04}",
        "week": view.week,
        "expires_on": view.expires_on.isoformat(),
        "attribution": list(view.attribution),
        "tiers": {
            alias_of(name): {
                order: list(_bodies(members)) for order, members in _orders(view, name, found).items()
            }
            for name, found in routed.items()
        },
    }
    return json.dumps(document, ensure_ascii=True, indent=2) + "\n"


def inexpressible(view: PoolView) -> tuple[str, ...]:
    """Say what of a pool a request body cannot hold."""
    split = [name for name, found in routed_members(view, ROUTE).items() if len(list(_bodies(found))) > 1]
    lines = ["the price: OpenRouter chooses among a model's providers, and the pool's price is no ceiling"]
    if split:
        lines.append(f"all of {', '.join(split)} in one body: send the next body when one fails")
    return tuple(lines)


def validate(text: str, view: PoolView) -> tuple[str, ...]:
    """Read the bodies back and compare the models by rank, and each one's effort, with the pool."""
    tiers = json.loads(text)["tiers"]
    problems = [
        f"{name}, {order}: a body names {len(body['models'])} models"
        for name, orders in tiers.items()
        for order, bodies in orders.items()
        for body in bodies
        if not 1 <= len(body["models"]) <= MOST_MODELS
    ]
    for name, found in routed_members(view, ROUTE).items():
        bodies = tiers[alias_of(name)][BY_RANK]
        read = [(model, {**body, "models": None}) for body in bodies for model in body["models"]]
        meant = [(_route(one).model, {**_route(one).parameters, "models": None}) for one in found]
        problems += [f"{name}: {read} is read where {meant} is meant"] if read != meant else []
    return tuple(problems)


def _orders(view: PoolView, tier: str, routed: Sequence[MemberView]) -> Mapping[str, Sequence[MemberView]]:
    by_variant = {member.variant: member for member in routed}
    bands = view.tiers[tier].bands
    return {
        BY_RANK: routed,
        **{
            band: [by_variant[variant] for variant in bands[band] if variant in by_variant]
            for band in BANDS
            if band in bands
        },
    }


def _bodies(members: Iterable[MemberView]) -> Iterator[Mapping[str, object]]:
    """Join neighbours that are sent the same into one body, as many as OpenRouter takes."""
    for send, same in groupby(map(_route, members), key=lambda route: route.parameters):
        models = [route.model for route in same]
        for start in range(0, len(models), MOST_MODELS):
            yield {"models": models[start : start + MOST_MODELS], **send}


def _route(member: MemberView) -> RouteView:
    return member.routes[ROUTE]


OPENROUTER: Final = Exporter(
    target="openrouter",
    title="request bodies for OpenRouter: the models of each tier, at most three a body, with their effort",
    file="pool.openrouter.json",
    route=ROUTE,
    render=openrouter_bodies,
    required_env=lambda _: (OPENROUTER_KEY,),
    inexpressible=inexpressible,
    validate=validate,
)
