"""Defines what a selection is made from, and its result."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.domain.ids import Sha256, TierName, VariantId

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from pipeline.domain.calendar import Week
    from pipeline.domain.crosswalk import Profile, Variant
    from pipeline.domain.observation import Finding
    from pipeline.domain.policy import Policy
    from pipeline.domain.pool import Change, FactChange, Member, Pool, TierReport
    from pipeline.domain.run import PriorState
    from pipeline.domain.score import Scoreboard
    from pipeline.pools.changes.reviewer_load import ReviewQuestion


@dataclass(frozen=True, slots=True, kw_only=True)
class SelectionInput:
    """Everything this week's selection may look at."""

    week: Week
    as_of: datetime
    policy: Policy
    policy_sha256: Sha256
    scoreboards: Mapping[str, Scoreboard]
    """By the name of the evidence."""
    variants: Mapping[VariantId, Variant]
    profiles: Mapping[VariantId, Profile]
    published: Pool | None
    """The pool in force; None before the first one."""
    published_sha256: Sha256 | None
    """Digest of the `signed` part of the pool in force."""
    audit_head: Sha256 | None
    memory: PriorState
    attribution: tuple[str, ...]
    carried: tuple[ReviewQuestion, ...] = ()
    """Changes that are left to a later week."""

    def __post_init__(self) -> None:
        """Refuse a moment without a time zone, and a published pool without its digest."""
        if self.as_of.tzinfo is None:
            raise ValueError(f"naive datetime: {self.as_of}")
        if (self.published is None) != (self.published_sha256 is None):
            raise ValueError("a published pool and its digest belong together")

    def lines(self, tier: TierName) -> tuple[Member, ...]:
        """Return a tier's published members in rank order; empty where there are none."""
        if self.published is None or tier not in self.published.tiers:
            return ()
        return self.published.tiers[tier].members

    def bands(self, tier: TierName) -> Mapping[str, tuple[VariantId, ...]]:
        """Return a tier's published order by band; empty where there is none."""
        if self.published is None or tier not in self.published.tiers:
            return {}
        bands = self.published.tiers[tier].bands
        return {band: tuple(VariantId(one) for one in order) for band, order in bands.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """The candidate pool with everything a reviewer must see about it."""

    pool: Pool
    changes: tuple[Change, ...]
    """Against the published pool; empty when the line-up is the same."""
    tiers: Mapping[str, TierReport]
    findings: tuple[Finding, ...]
    facts: tuple[FactChange, ...]
    """What changed about members that stay."""
    large: bool
    """A tier is removed, or some tier's default changes, or more than one of its places."""
    missing: tuple[VariantId, ...]
    """Published members that this week's data does not hold, by id."""
