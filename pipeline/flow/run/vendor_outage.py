"""Selects the week's pools, and computes each tier without one of its vendors."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pipeline.domain.ids import TierName
from pipeline.flow.questions.whatif import by_worth, scenario_input
from pipeline.flow.replay.last_run import last_run
from pipeline.policy.change import without_vendors
from pipeline.pools.reasons.vendor_outage import loss_of, outage_findings, vendors_of
from pipeline.pools.select import select, select_fast
from pipeline.publish.versions import pool_digest
from pipeline.review.pages.sections.outage import loss_view, remains_words

if TYPE_CHECKING:
    from pipeline.domain.pool import Pool, VendorLoss
    from pipeline.flow.questions.whatif import Scenario
    from pipeline.pools.selection_input import Selection, SelectionInput
    from pipeline.settings import Settings
    from pipeline.workspace import Workspace

Losses = dict[TierName, tuple["VendorLoss", ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class VendorOutageReport:
    """The outages of the pools that the last run selects."""

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


def vendor_outage_report(workspace: Workspace, settings: Settings, supposed: Scenario) -> VendorOutageReport:
    """Select the pools of the last run again and take each vendor out of each tier; nothing is written.

    Raises:
        UsageError: A supposition, or a file that people write, is not of the expected form.
        RefusedError: There is no run to ask about, or its record is damaged.
    """
    last = last_run(workspace, settings)
    inputs = scenario_input(last, supposed)
    pool = select_fast(inputs)
    found = vendor_losses(inputs, pool)
    order = (TierName(name) for name in by_worth(inputs.policy))
    return VendorOutageReport(
        run=last.name,
        changed=last.changed,
        pool=pool,
        losses={name: found[name] for name in order if name in found},
    )


def vendor_losses(inputs: SelectionInput, pool: Pool) -> Losses:
    """Evaluate a proposed pool without each vendor: as if it were in force and the vendor then gone."""
    held = replace(inputs, published=pool, published_sha256=pool_digest(pool))
    return {
        TierName(name): tuple(
            loss_of(
                TierName(name),
                tier,
                vendor,
                replace(held, policy=without_vendors(inputs.policy, (vendor,))),
            )
            for vendor in vendors_of(tier)
        )
        for name, tier in pool.tiers.items()
    }


def select_week(inputs: SelectionInput) -> Selection:
    """Select, and take each vendor out of each tier once; that changes nobody who is selected."""
    selection = select(inputs)
    found = vendor_losses(inputs, selection.pool)
    return replace(
        selection,
        tiers={
            name: report.model_copy(update={"losses": found.get(TierName(name), ())})
            for name, report in selection.tiers.items()
        },
        findings=(*selection.findings, *outage_findings(found)),
    )
