"""Selects the week's pools, and works out what each tier would be without one of its vendors."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pipeline.domain.ids import TierName
from pipeline.flow.run.vendor_outage import vendor_losses
from pipeline.pools.reasons.vendor_outage import outage_findings
from pipeline.pools.select import select

if TYPE_CHECKING:
    from pipeline.pools.selection_input import Selection, SelectionInput


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
