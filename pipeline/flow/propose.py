"""Selects the week's pools, and works out what each tier would be without one of its vendors."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pipeline.domain.names import TierName
from pipeline.flow.drill import losses
from pipeline.pools.drill import drill_findings
from pipeline.pools.select import select

if TYPE_CHECKING:
    from pipeline.pools.brief import Brief, Selection


def propose(brief: Brief) -> Selection:
    """Select, and take each vendor out of each tier once; that changes nobody who is selected."""
    selection = select(brief)
    found = losses(brief, selection.pool)
    return replace(
        selection,
        tiers={
            name: report.model_copy(update={"losses": found.get(TierName(name), ())})
            for name, report in selection.tiers.items()
        },
        findings=(*selection.findings, *drill_findings(found)),
    )
