"""What differs between two line-ups, exactly enough to rebuild the later one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.domain.names import TierName, VariantId
from pipeline.domain.pool import Lineup, Move

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


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
