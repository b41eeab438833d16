"""Lists the sections of a proposal's page, in reading order; a new section is one file and one line here."""

from __future__ import annotations

from typing import Final

from pipeline.review.pages.sections import (
    changes,
    checks,
    decide,
    earlier_answers,
    findings,
    foot,
    inputs,
    legend,
    names,
    outage,
    overview,
    scale,
    spend,
    tier_detail,
    tier_summary,
)

SECTIONS: Final = (
    overview.SECTION,
    tier_summary.SECTION,
    names.ACCEPTED,
    checks.SECTION,
    earlier_answers.SECTION,
    decide.SECTION,
    changes.SECTION,
    tier_detail.SECTION,
    outage.SECTION,
    spend.SECTION,
    findings.SECTION,
    names.OPEN,
    legend.SECTION,
    scale.SECTION,
    inputs.SECTION,
    foot.SECTION,
)
