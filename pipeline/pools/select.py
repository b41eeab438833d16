"""The room's door: this week's candidate pool with its changes, reports and findings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.domain.pool import POOL_FORMAT
from pipeline.pools.brief import Selection
from pipeline.pools.changes import changes_of
from pipeline.pools.diff import fact_changes
from pipeline.pools.document import pool_of
from pipeline.pools.draw import draw
from pipeline.pools.guardrails import findings_of, removed_tiers
from pipeline.pools.report import report_of
from pipeline.pools.tier_selection import select_tiers

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipeline.domain.names import TierName, VariantId
    from pipeline.domain.pool import Change, Pool
    from pipeline.pools.brief import Brief
    from pipeline.pools.tier_selection import TierSelection


def select(brief: Brief) -> Selection:
    """Choose every tier's members, draw how sure they are, and explain each change.

    The same brief gives the same bytes, whatever the order of its mappings.
    """
    choices = select_tiers(brief)
    stats = {name: draw(brief, choice) for name, choice in choices.items()}
    pool = pool_of(brief, choices, stats)
    return Selection(
        pool=pool,
        changes=changes_of(brief, choices, pool),
        tiers={name: report_of(brief, choice, stats[name]) for name, choice in choices.items()},
        findings=findings_of(brief, choices),
        facts=fact_changes(brief.published, pool),
        large=_new_rules(brief)
        or bool(removed_tiers(brief, choices))
        or any(choice.large for choice in choices.values()),
        missing=_missing(choices),
    )


def rehearse(brief: Brief) -> Pool:
    """Choose without draws, reports and reasons, in milliseconds: for backtests, never to publish.

    The line-up is that of `select`; every figure that comes from draws is zero.
    """
    return pool_of(brief, select_tiers(brief), {})


def retell(brief: Brief) -> tuple[Pool, tuple[Change, ...]]:
    """Choose as `rehearse` does and explain each change: for the page of a backtest, never to publish."""
    choices = select_tiers(brief)
    pool = pool_of(brief, choices, {})
    return pool, changes_of(brief, choices, pool)


def _new_rules(brief: Brief) -> bool:
    """Whether the pool in force was selected by earlier rules: each place then deserves a second look."""
    return brief.published is not None and brief.published.format < POOL_FORMAT


def _missing(choices: Mapping[TierName, TierSelection]) -> tuple[VariantId, ...]:
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
