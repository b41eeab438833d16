"""Walk the weeks with the product's own rules: what each week's pool would have been.

The reviewer of the past is patient: every proposal is approved in its week. A member that stays
missing for longer than the policy carries it is a question, and the answer is that it is retired.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from typing import TYPE_CHECKING, Final

from pipeline.backtest.world import judgeable, model_of, scoreboards, variant_id, variant_of
from pipeline.domain.canonical import sha256_hex
from pipeline.domain.memory import Memory
from pipeline.domain.pool import lineup
from pipeline.pools.brief import Brief
from pipeline.pools.select import rehearse, select

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pipeline.backtest.history import Table
    from pipeline.domain.crosswalk import Variant
    from pipeline.domain.names import TierName, VariantId
    from pipeline.domain.policy import Policy
    from pipeline.domain.pool import Pool
    from pipeline.domain.week import Week

Lineups = dict[str, tuple[tuple[str, ...], ...]]
"""By tier: the models in rank order, one entry a week."""

_REHEARSED: Final = sha256_hex(b"rehearsed")
"""Stands for digests that only a published pool has."""


@dataclass(slots=True, kw_only=True)
class _State:
    """What the store would remember."""

    pool: Pool | None = None
    left: dict[tuple[TierName, VariantId], Week] = field(default_factory=dict)
    missing: dict[VariantId, int] = field(default_factory=dict)


def walk(tables: Sequence[Table], policy: Policy, *, draws: bool = False) -> Lineups:
    """Choose the pools of every week, each on top of the one before.

    Args:
        tables: Weeks in order; week n sees nothing of week n + 1.
        policy: The rules.
        draws: Draw and explain as a proposal does, to measure what that costs; the line-up is the same.

    Raises:
        UsageError: A tier believes a board that a history does not hold.
    """
    pools = list(_pools(tables, judgeable(policy), draws=draws))
    return {
        name: tuple(tuple(model_of(member.variant) for member in pool.tiers[name].members) for pool in pools)
        for name in policy.tiers
    }


def _pools(tables: Sequence[Table], policy: Policy, *, draws: bool) -> Iterator[Pool]:
    state = _State()
    for table in tables:
        brief = _brief(table, policy, state)
        pool = select(brief).pool if draws else rehearse(brief)
        _remember(state, pool, table.week)
        yield pool


def _brief(table: Table, policy: Policy, state: _State) -> Brief:
    variants = {variant_id(model): variant_of(model) for model in table.rows}
    variants |= _absent(table, policy, state)
    return Brief(
        week=table.week,
        as_of=datetime.combine(table.day, time(12), UTC),
        policy=policy,
        policy_sha256=_REHEARSED,
        scoreboards=scoreboards(table, policy),
        variants=variants,
        profiles={},
        published=state.pool,
        published_sha256=_REHEARSED if state.pool else None,
        audit_head=None,
        memory=Memory(left_pool=state.left, missing_runs=state.missing),
        attribution=(),
    )


def _absent(table: Table, policy: Policy, state: _State) -> Mapping[VariantId, Variant]:
    """Lines of members without a score or price this week; retired where the reviewer was asked."""
    members = {variant for tier in lineup(state.pool).values() for variant in tier}
    lines = {}
    for variant in sorted(members):
        row = table.rows.get(model_of(variant))
        if row is None or row.price is None:
            asked = state.missing.get(variant, 0) > policy.change.missing_runs
            lines[variant] = variant_of(model_of(variant), retires_on=table.day if asked else None)
    return lines


def _remember(state: _State, pool: Pool, week: Week) -> None:
    """Keep what the next week's rules ask about, as the store does."""
    before, after = lineup(state.pool), lineup(pool)
    for tier, members in before.items():
        state.left |= {(tier, variant): week for variant in members if variant not in after[tier]}
    stale = {
        variant_id(model_of(member.variant))
        for tier in pool.tiers.values()
        for member in tier.members
        if member.stale
    }
    state.missing = {variant: state.missing.get(variant, 0) + 1 for variant in sorted(stale)}
    state.pool = pool
