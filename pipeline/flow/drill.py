"""What each tier is without one of its vendors, for the proposal and for whoever asks."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pipeline.domain.names import TierName
from pipeline.flow.again import last_run
from pipeline.flow.whatif import brief_if, by_worth
from pipeline.policy.change import without_vendors
from pipeline.pools.drill import loss_of, vendors_of
from pipeline.pools.select import rehearse
from pipeline.publish.envelope import pool_digest
from pipeline.review.losses import loss_view, remains_words

if TYPE_CHECKING:
    from pipeline.domain.loss import VendorLoss
    from pipeline.domain.pool import Pool
    from pipeline.flow.whatif import Supposed
    from pipeline.pools.brief import Brief
    from pipeline.settings import Settings
    from pipeline.workspace import Workspace

Losses = dict[TierName, tuple["VendorLoss", ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Drill:
    """The drill over the pools that the last run selects."""

    run: str
    changed: tuple[str, ...]
    """What people changed since that run."""
    pool: Pool
    losses: Losses
    """By what an answer is worth in the tier."""

    def lines(self, tier: TierName) -> tuple[tuple[str, str, str], ...]:
        """Return vendor, who still answers and who would be chosen again, in words, for one tier."""
        held = [member.variant for member in self.pool.tiers[tier].members]
        rows = [loss_view(tier, loss, held) for loss in self.losses[tier]]
        return tuple((row.vendor, remains_words(row.left), remains_words(row.again)) for row in rows)


def drill(workspace: Workspace, settings: Settings, supposed: Supposed) -> Drill:
    """Select the pools of the last run again and take each vendor out of each tier; nothing is written.

    Raises:
        UsageError: A supposition, or a file that people write, is not of the expected form.
        RefusedError: There is no run to ask about, or its record is damaged.
    """
    last = last_run(workspace, settings)
    brief = brief_if(last, supposed)
    pool = rehearse(brief)
    found = losses(brief, pool)
    order = (TierName(name) for name in by_worth(brief.policy))
    return Drill(
        run=last.name,
        changed=last.changed,
        pool=pool,
        losses={name: found[name] for name in order if name in found},
    )


def losses(brief: Brief, pool: Pool) -> Losses:
    """Drill a proposed pool: as if it were in force and the vendor then gone."""
    held = replace(brief, published=pool, published_sha256=pool_digest(pool))
    return {
        TierName(name): tuple(
            loss_of(
                TierName(name),
                tier,
                vendor,
                replace(held, policy=without_vendors(brief.policy, (vendor,))),
            )
            for vendor in vendors_of(tier)
        )
        for name, tier in pool.tiers.items()
    }
