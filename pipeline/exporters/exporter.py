"""Defines what a target's file must provide so that `modelpool export` can write it.

A new target is one file of this folder with an `Exporter`, and one line in `registry`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pipeline.errors import RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pipeline.router.pool_model import MemberView, PoolView
    from pipeline.router.routes import RouteView

    Obstacle = Callable[[RouteView], str | None]

OPENROUTER_KEY: Final = "OPENROUTER_API_KEY"
"""Holds the key of every `openrouter` route; a member's own `key_env` belongs to its `litellm` route."""


def _no_obstacle(_: RouteView) -> None:
    """Take every route."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exporter:
    """One target that the published pool can be written for."""

    target: str
    """The word after `modelpool export`."""
    title: str
    """What is written, in one line."""
    file: str
    """The name under which an operator keeps the text."""
    route: str
    """Which of a member's routes the target buys through."""
    obstacle: Obstacle = _no_obstacle
    """Says why the target cannot hold such a route; None: it can."""
    render: Callable[[PoolView], str]
    """Writes the text; refuses a pool of which a tier would be lost."""
    config: Callable[[PoolView], str] | None = None
    """Writes the configuration an operator starts from, where the target needs one beside the text."""
    required_env: Callable[[PoolView], tuple[str, ...]]
    """Lists the variables that must be set, sorted."""
    inexpressible: Callable[[PoolView], tuple[str, ...]]
    """Says what of this pool the target's format cannot hold, one line each, beside `left_out`."""
    validate: Callable[[str, PoolView], tuple[str, ...]]
    """Reads the text as the target does and says where it is not what the pool holds; empty: it is."""


def routed_members(
    view: PoolView, route: str, obstacle: Obstacle = _no_obstacle
) -> Mapping[str, tuple[MemberView, ...]]:
    """List each tier's members that have a route which the target can hold, in rank order.

    Raises:
        RefusedError: A tier has none: the target would lose it.
    """
    routed = {
        name: tuple(
            member for member in tier.members if route in member.routes and not obstacle(member.routes[route])
        )
        for name, tier in view.tiers.items()
    }
    if empty := sorted(name for name, members in routed.items() if not members):
        kind = "a" if obstacle is _no_obstacle else "an expressible"
        raise RefusedError(
            f"no member of {', '.join(empty)} has {kind} `{route}` route: the proxy would lose the tier",
            hint=f"Fill `{route}` and `{route}_effort` in data/crosswalk/variants.csv, then `modelpool run`.",
        )
    return routed


def left_out(view: PoolView, route: str, obstacle: Obstacle = _no_obstacle) -> tuple[str, ...]:
    """Say which members are left out and why, one line each, in tier and rank order."""
    found = (
        (name, member, obstacle(member.routes[route]) if route in member.routes else f"no `{route}` route")
        for name, tier in view.tiers.items()
        for member in tier.members
    )
    return tuple(f"{name} rank {member.rank}, {member.variant}: {why}" for name, member, why in found if why)


def tiers_with_bands(view: PoolView) -> tuple[str, ...]:
    """Name the tiers whose members stand in another order for some band than by rank."""
    return tuple(
        name
        for name, tier in view.tiers.items()
        if any(band != tuple(member.variant for member in tier.members) for band in tier.bands.values())
    )
