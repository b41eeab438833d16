"""The room's door: this week's candidate pool with its changes, reports and findings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.pools.brief import Selection
from pipeline.pools.changes import changes_of
from pipeline.pools.choose import choose_all
from pipeline.pools.document import pool_of
from pipeline.pools.draw import draw
from pipeline.pools.guard import findings_of
from pipeline.pools.report import report_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipeline.domain.names import TierName, VariantId
    from pipeline.domain.pool import Change, Pool
    from pipeline.pools.brief import Brief
    from pipeline.pools.choose import Choice


def select(brief: Brief) -> Selection:
    """Choose every tier's members, draw how sure they are, and explain each change.

    The same brief gives the same bytes, whatever the order of its mappings; a second selection on
    top of the first with the same data changes nothing.
    """
    choices = choose_all(brief)
    odds = {name: draw(brief, choice.field) for name, choice in choices.items()}
    pool = pool_of(brief, choices, odds)
    return Selection(
        pool=pool,
        changes=changes_of(brief, choices, pool),
        tiers={name: report_of(choice, odds[name]) for name, choice in choices.items()},
        findings=findings_of(brief, choices),
        large=any(choice.large for choice in choices.values()),
        missing=_missing(choices),
    )


def rehearse(brief: Brief) -> Pool:
    """Choose without draws, reports and reasons, in milliseconds: for backtests, never to publish.

    The line-up is that of `select`; every figure that comes from draws is zero.
    """
    return pool_of(brief, choose_all(brief), {})


def retell(brief: Brief) -> tuple[Pool, tuple[Change, ...]]:
    """Choose as `rehearse` does and explain each change: for the page of a backtest, never to publish."""
    choices = choose_all(brief)
    pool = pool_of(brief, choices, {})
    return pool, changes_of(brief, choices, pool)


def _missing(choices: Mapping[TierName, Choice]) -> tuple[VariantId, ...]:
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
