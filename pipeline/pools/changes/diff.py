"""Compares two pools: line-ups, exactly enough to rebuild the later, and facts (method 7.7)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pipeline.domain.ids import TierName, VariantId
from pipeline.domain.pool import FactChange, Lineup, Member, Move, Pool, PriceLine

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pydantic import JsonValue


Fact = Literal["price", "routes", "context_tokens", "tools", "vision", "retires_on"]
"""What routers bill and route by."""


def diff(before: Lineup, after: Lineup) -> tuple[Move, ...]:
    """List every variant whose presence or rank differs, tier by tier, name by name."""
    return tuple(
        move
        for tier in sorted(before.keys() | after.keys())
        for move in _moves(tier, _ranks(before, tier), _ranks(after, tier))
    )


def apply(lineup: Lineup, moves: Iterable[Move]) -> Lineup:
    """Rebuild the later line-up; `apply(a, diff(a, b)) == b`. A tier without members is no tier.

    Raises:
        ValueError: A move starts from a rank that the line-up does not have: the moves were
            computed against another line-up.
    """
    ranks = {tier: _ranks(lineup, tier) for tier in lineup}
    for move in moves:
        places = ranks.setdefault(TierName(move.tier), {})
        found = places.pop(VariantId(move.variant), None)
        if found != move.rank_before:
            raise ValueError(
                f"{move.tier}: {move.variant} is at rank {found}, the move expects {move.rank_before}"
            )
        if move.rank_after is not None:
            places[VariantId(move.variant)] = move.rank_after
    return {tier: tuple(sorted(places, key=places.__getitem__)) for tier, places in ranks.items() if places}


def _moves(tier: TierName, old: dict[VariantId, int], new: dict[VariantId, int]) -> Iterator[Move]:
    for variant in sorted(old.keys() | new.keys()):
        if old.get(variant) != new.get(variant):
            yield Move(tier=tier, variant=variant, rank_before=old.get(variant), rank_after=new.get(variant))


def _ranks(lineup: Lineup, tier: TierName) -> dict[VariantId, int]:
    return {variant: rank for rank, variant in enumerate(lineup.get(tier, ()), start=1)}


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
        for change in _changed_facts(name, before, member, routes=published.format == pool.format)
    )


def _changed_facts(tier: str, before: Member, after: Member, *, routes: bool) -> Iterator[FactChange]:
    old, new = _facts(before, after.routes), _facts(after, after.routes)
    if routes:
        old["routes"], new["routes"] = _called_routes(before), _called_routes(after)
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


def _called_routes(member: Member) -> JsonValue:
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
