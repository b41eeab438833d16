"""The week's selection with what a reviewer must know beside it: doubts, and the loss of a vendor."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pipeline.domain.names import TierName
from pipeline.flow.drill import losses
from pipeline.flow.robust import doubted
from pipeline.pools.choose import choose_all
from pipeline.pools.doubt import doubts_of, flagged
from pipeline.pools.drill import drill_findings
from pipeline.pools.select import select

if TYPE_CHECKING:
    from datetime import date

    from pipeline.domain.crosswalk import Resolution
    from pipeline.flow.rules import Rules
    from pipeline.pools.brief import Brief, Selection


def propose(brief: Brief, resolution: Resolution, rules: Rules, *, on: date) -> Selection:
    """Select, recompute each member under each doubt, and drill; neither changes who is selected."""
    selection = select(brief)
    doubts = doubts_of(choose_all(brief), doubted(brief, resolution, rules, on=on))
    found = losses(brief, selection.pool)
    return replace(
        selection,
        pool=flagged(selection.pool, doubts),
        tiers={
            name: report.model_copy(update={"losses": found.get(TierName(name), ())})
            for name, report in selection.tiers.items()
        },
        findings=(*selection.findings, *drill_findings(found)),
    )
