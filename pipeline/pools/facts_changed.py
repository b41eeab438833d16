"""Finds what changed about members that stay: facts that routers bill and route by (method 7.7)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pipeline.domain.pool import FactChange

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pydantic import JsonValue

    from pipeline.domain.pool import Member, Pool, PriceLine

Fact = Literal["price", "routes", "context_tokens", "tools", "vision", "retires_on"]


def fact_changes(published: Pool | None, pool: Pool) -> tuple[FactChange, ...]:
    """Compare members that both pools hold in a tier, by tier and rank; a carried member has no new facts.

    Routes of two formats are not compared: the later one says more about each.
    """
    if published is None:
        return ()
    known = {
        (name, member.variant): member for name, tier in published.tiers.items() for member in tier.members
    }
    return tuple(
        change
        for name, tier in sorted(pool.tiers.items())
        for member in tier.members
        if not member.stale and (before := known.get((name, member.variant))) is not None
        for change in _changed(name, before, member, routes=published.format == pool.format)
    )


def _changed(tier: str, before: Member, after: Member, *, routes: bool) -> Iterator[FactChange]:
    old, new = _facts(before, after.routes), _facts(after, after.routes)
    if routes:
        old["routes"], new["routes"] = _routes(before), _routes(after)
    for fact, value in new.items():
        if old[fact] != value:
            yield FactChange(tier=tier, variant=after.variant, fact=fact, before=old[fact], after=value)


def _facts(member: Member, routes: Iterable[str]) -> dict[Fact, JsonValue]:
    """What is billed on each route, and what the member can do and until when."""
    lines = member.lines
    return {
        "price": {
            name: _figures(lines[name].price if name in lines else member.price) for name in sorted(routes)
        },
        "context_tokens": member.context_tokens,
        "tools": member.tools,
        "vision": member.vision,
        "retires_on": member.retires_on,
    }


def _routes(member: Member) -> JsonValue:
    """What is called and sent on each route."""
    return {
        name: {"model": line.model, "send": dict(line.send)} for name, line in sorted(member.lines.items())
    }


def _figures(price: PriceLine) -> JsonValue:
    """Keep what is billed; who states it may change without a change for anybody."""
    return {
        "input": price.input_microusd_per_mtok,
        "output": price.output_microusd_per_mtok,
        "cached_input": price.cache_read_microusd_per_mtok,
    }
