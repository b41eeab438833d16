"""Simulates past weeks with the product's own rules: what each week's pool would have been.

The reviewer of the past is patient: every proposal is approved in its week. A member that stays
missing for longer than the policy carries it is a question, and the answer is that it is retired.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from typing import TYPE_CHECKING, Final

from pipeline.backtest.history_adapter import (
    basis_of,
    judgeable_tiers,
    member_variant,
    model_of,
    profiles_of,
    variant_id,
)
from pipeline.domain.document import sha256_hex
from pipeline.domain.ids import TierName, VariantId
from pipeline.domain.pool import Pool, lineup
from pipeline.domain.run import PriorState
from pipeline.pools.select import select, select_fast
from pipeline.pools.selection_input import SelectionInput

if TYPE_CHECKING:
    from pipeline.backtest.history import WeekTable
    from pipeline.backtest.history_adapter import ScoredWeek
    from pipeline.domain.calendar import Week
    from pipeline.domain.crosswalk import Variant
    from pipeline.domain.policy import Policy

Lineups = dict[str, tuple[tuple[str, ...], ...]]
"""By tier: the models in rank order, one entry a week."""

_SIMULATED: Final = sha256_hex(b"rehearsed")
"""Stands for digests that only a published pool has."""


@dataclass(slots=True, kw_only=True)
class _State:
    """What the store would remember."""

    pool: Pool | None = None
    left: dict[tuple[TierName, VariantId], Week] = field(default_factory=dict)
    missing: dict[VariantId, int] = field(default_factory=dict)


Choose = Callable[[SelectionInput], "Pool"]
"""Chooses the pools of one week."""


def lineups_of(pools: Sequence[Pool], policy: Policy) -> Lineups:
    """Reduce pools to the models each tier held."""
    return {
        name: tuple(tuple(map(model_of, lineup(pool).get(TierName(name), ()))) for pool in pools)
        for name in policy.tiers
    }


def firsts_of(pools: Sequence[Pool], policy: Policy) -> dict[str, tuple[Mapping[str, str], ...]]:
    """Reduce pools to the model that serves each band, by tier, one entry a week."""
    return {
        name: tuple(
            {band: model_of(order[0]) for band, order in pool.tiers[name].bands.items() if order}
            if name in pool.tiers
            else {}
            for pool in pools
        )
        for name in policy.tiers
    }


def simulate_scored(
    weeks: Iterable[ScoredWeek], policy: Policy, *, draws: bool = False, choose: Choose = select_fast
) -> tuple[Pool, ...]:
    """Choose the pools of weeks that were scored before, to simulate them under many policies.

    Args:
        weeks: In order, from `history_adapter.score_weeks`; week n sees nothing of week n + 1.
        policy: The rules; what they say of quality and cost is what the weeks were scored by.
        draws: Draw and explain as a proposal does, to measure what that costs; the line-up is the same.
        choose: Where the same choice should be explained otherwise; `draws` goes before.

    Raises:
        UsageError: A tier believes a board that a history does not hold.
        ValueError: The weeks were scored by other constants of quality or cost.
    """
    gc.freeze()  # the history stays until the end: the collector need not read its rows again and again
    try:
        return tuple(_pools(weeks, policy, _select_with_draws if draws else choose))
    finally:
        gc.unfreeze()


def _select_with_draws(inputs: SelectionInput) -> Pool:
    return select(inputs).pool


def _pools(weeks: Iterable[ScoredWeek], policy: Policy, choose: Choose) -> Iterator[Pool]:
    state, basis, lifted = _State(), basis_of(policy), judgeable_tiers(policy)
    for week in weeks:
        if week.basis != basis:
            raise ValueError(f"{week.table.week} was scored by other constants than those of {policy.name}")
        pool = choose(_selection_input(week, lifted if week.table.scene is None else policy, state))
        _next_memory(state, pool, week.table.week)
        yield pool


def _selection_input(week: ScoredWeek, policy: Policy, state: _State) -> SelectionInput:
    table = week.table
    return SelectionInput(
        week=table.week,
        as_of=datetime.combine(table.day, time(12), UTC),
        policy=policy,
        policy_sha256=_SIMULATED,
        scoreboards=week.scoreboards,
        variants={**week.variants, **_absent_lines(table, policy, state)},
        profiles=profiles_of(table),
        published=state.pool,
        published_sha256=_SIMULATED if state.pool else None,
        audit_head=None,
        memory=PriorState(left_pool=state.left, missing_runs=state.missing),
        attribution=(),
    )


def _absent_lines(table: WeekTable, policy: Policy, state: _State) -> Mapping[VariantId, Variant]:
    """Lines of members without a score or price this week; retired where the reviewer was asked."""
    members = {variant for tier in lineup(state.pool).values() for variant in tier}
    lines = {}
    for variant in sorted(members):
        row = table.rows.get(model_of(variant))
        if row is None or row.price is None:
            asked = state.missing.get(variant, 0) > policy.change.missing_runs
            if (line := member_variant(table, variant, retired=asked)) is not None:
                lines[variant] = line
    return lines


def _next_memory(state: _State, pool: Pool, week: Week) -> None:
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
