"""Finds what changed about members that stay: facts that routers bill and route by (method 7.7)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pipeline.domain.pool import FactChange

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic import JsonValue

    from pipeline.domain.pool import Member, Pool, PriceLine, RouteLine

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
    old, new = _facts(before), _facts(after)
    for fact, value in new.items():
        if old[fact] != value and (routes or fact != "routes"):
            yield FactChange(tier=tier, variant=after.variant, fact=fact, before=old[fact], after=value)


def _facts(member: Member) -> dict[Fact, JsonValue]:
    return {
        "price": _figures(member.price),
        "routes": {name: _route(member, line) for name, line in sorted(member.lines.items())},
        "context_tokens": member.context_tokens,
        "tools": member.tools,
        "vision": member.vision,
        "retires_on": member.retires_on,
    }


def _route(member: Member, line: RouteLine) -> JsonValue:
    """Keep what is called and sent; the price where it is not the member's, which is a fact of its own."""
    own = _figures(line.price)
    return {
        "model": line.model,
        "send": dict(line.send),
        **({} if own == _figures(member.price) else {"price": own}),
    }


def _figures(price: PriceLine) -> JsonValue:
    """Keep what is billed; who states it may change without a change for anybody."""
    return {
        "input": price.input_microusd_per_mtok,
        "output": price.output_microusd_per_mtok,
        "cached_input": price.cache_read_microusd_per_mtok,
    }
