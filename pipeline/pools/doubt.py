"""Robust or fragile: who keeps a place when one thing is doubted. Reported; nothing is decided by it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.domain.names import TierName, VariantId
from pipeline.pools.choose import choose_these

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pipeline.domain.pool import Member, Pool
    from pipeline.pools.brief import Brief
    from pipeline.pools.choose import Choice


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubted:
    """The same week with one thing otherwise."""

    name: str
    words: str
    brief: Brief
    tiers: frozenset[TierName]
    """The tiers it touches; the others would choose the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """One doubt, and what becomes of one member under it."""

    name: str
    words: str
    stays: bool


Doubts = dict[TierName, dict[VariantId, tuple[Doubt, ...]]]


def doubts_of(choices: Mapping[TierName, Choice], others: Iterable[Doubted]) -> Doubts:
    """Say, for every member of every tier, whether it stays under each doubt, in the order of the doubts."""
    told: Doubts = {tier: dict.fromkeys(choice.places, ()) for tier, choice in choices.items()}
    for other in others:
        for tier, choice in choose_these(other.brief, other.tiers & told.keys()).items():
            for variant, doubts in told[tier].items():
                told[tier][variant] = (*doubts, _doubt(other, choice, variant))
    return told


def flagged(pool: Pool, doubts: Doubts) -> Pool:
    """Write beside each member under which doubts it would leave; a carried line keeps what it said."""
    tiers = {
        name: tier.model_copy(
            update={"members": tuple(_flagged(line, doubts[TierName(name)]) for line in tier.members)}
        )
        for name, tier in pool.tiers.items()
    }
    return pool.model_copy(update={"tiers": tiers})


def _flagged(line: Member, doubts: Mapping[VariantId, tuple[Doubt, ...]]) -> Member:
    if line.stale:
        return line
    fails = tuple(doubt.name for doubt in doubts[VariantId(line.variant)] if not doubt.stays)
    return line.model_copy(update={"fragile": fails})


def _doubt(other: Doubted, choice: Choice, variant: VariantId) -> Doubt:
    """A member that is only carried, because nothing speaks for it any more, does not pass."""
    held = variant in choice.places
    carried = held and variant not in choice.field.runners
    words = "nothing else speaks for it: it would only be carried, stale" if carried else other.words
    return Doubt(name=other.name, words=words, stays=held and not carried)
