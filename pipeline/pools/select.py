"""Selects this week's candidate pool, with its changes, reports and findings. What other packages call."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.domain.pool import POOL_FORMAT, Change, Pool
from pipeline.pools.changes.changes import changes_of
from pipeline.pools.changes.diff import fact_changes
from pipeline.pools.document import pool_of
from pipeline.pools.reasons.guardrails import findings_of, removed_tiers
from pipeline.pools.reasons.report import report_of
from pipeline.pools.selection_input import Selection, SelectionInput
from pipeline.pools.tier_selection import TierSelection, select_some, select_tiers
from pipeline.pools.worth.monte_carlo import draw_stats

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from pipeline.domain.ids import TierName, VariantId
    from pipeline.domain.pool import Lineup, TierReport


def select(inputs: SelectionInput) -> Selection:
    """Choose every tier's members, draw how sure they are, and explain each change.

    The same input gives the same bytes, whatever the order of its mappings.
    """
    choices = select_tiers(inputs)
    stats = {name: draw_stats(inputs, choice) for name, choice in choices.items()}
    pool = pool_of(inputs, choices, stats)
    return Selection(
        pool=pool,
        changes=changes_of(inputs, choices, pool),
        tiers={name: report_of(inputs, choice, stats[name]) for name, choice in choices.items()},
        findings=findings_of(inputs, choices),
        facts=fact_changes(inputs.published, pool),
        large=_new_rules(inputs)
        or bool(removed_tiers(inputs, choices))
        or any(choice.large for choice in choices.values()),
        missing=_missing_members(choices),
    )


def report_tiers(inputs: SelectionInput, tiers: Collection[TierName]) -> Mapping[TierName, TierReport]:
    """Report some tiers of the policy as `select` does, without the changes and the pool."""
    choices = select_some(inputs, tiers)
    return {name: report_of(inputs, choice, draw_stats(inputs, choice)) for name, choice in choices.items()}


def select_fast(inputs: SelectionInput) -> Pool:
    """Choose without draws, reports and reasons, in milliseconds: for backtests, never to publish.

    The line-up is that of `select`; every figure that comes from draws is zero.
    """
    return pool_of(inputs, select_tiers(inputs), {})


def select_places(inputs: SelectionInput, tiers: Collection[TierName]) -> Lineup:
    """Choose the members of some tiers as `select_fast` does, in rank order, and write no pool.

    Args:
        inputs: The week.
        tiers: Which; those that the policy does not have are left out.
    """
    asked = [name for name in tiers if name in inputs.policy.tiers]
    return {name: choice.places for name, choice in select_some(inputs, asked).items()}


def select_with_reasons(inputs: SelectionInput) -> tuple[Pool, tuple[Change, ...]]:
    """Choose as `select_fast` does and explain each change: for the page of a backtest, never to publish."""
    choices = select_tiers(inputs)
    pool = pool_of(inputs, choices, {})
    return pool, changes_of(inputs, choices, pool)


def _new_rules(inputs: SelectionInput) -> bool:
    """Whether the pool in force was selected by earlier rules: each place then deserves a second look."""
    return inputs.published is not None and inputs.published.format < POOL_FORMAT


def _missing_members(choices: Mapping[TierName, TierSelection]) -> tuple[VariantId, ...]:
    return tuple(
        sorted(
            {
                incumbent.id
                for choice in choices.values()
                for incumbent in choice.field.incumbents.values()
                if incumbent.missing
            }
        )
    )
