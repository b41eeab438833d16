"""The small proposal with one text in every place where a text from outside can be."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pipeline.domain.crosswalk import OpenName, Suggestion
from pipeline.domain.ids import SourceKey, SourceModelName, SourceName, VariantId
from pipeline.domain.observation import Entry, Finding, Severity
from pipeline.domain.pool import RouteLine
from pipeline.domain.proposal import Decision, Verdict
from pipeline.review.proposals.compose import compose_proposal
from tests.review.conftest import small_draft

if TYPE_CHECKING:
    from pipeline.domain.pool import Member, Pool
    from pipeline.domain.proposal import Proposal
    from pipeline.review.proposals.compose import Draft

VICTIM = "alpha-2@low"
"""A member of the small proposal; its name becomes the text."""
TAME = "tame"


def well_formed(text: str) -> str:
    """Documents hold no half surrogates; findings and open names may."""
    return text.encode(errors="backslashreplace").decode()


def proposal_with(text: str) -> Proposal:
    """A proposal with the text as name, reason, finding, address, suggestion, grade and attribution."""
    draft = small_draft()
    entry = Entry(source=SourceName("lmarena-text"), key=SourceKey(text), name=SourceModelName(text))
    names = (
        OpenName(
            entry=entry,
            best_value=1402.0,
            suggestions=(
                Suggestion(variant=VariantId(text), evidence=text),
                Suggestion(variant=VariantId(text), evidence=text),
            ),
        ),
    )
    proposal = compose_proposal(
        replace(
            _renamed(draft, well_formed(text)),
            resolution=replace(draft.resolution, open_names=names),
            findings=tuple(
                Finding(kind=text, severity=severity, subject=text, message=text) for severity in Severity
            ),
        )
    )
    anchors = {"general": (well_formed(text), "anchor-1@none")}
    return proposal.model_copy(update={"anchors": anchors})


def _renamed(draft: Draft, text: str) -> Draft:
    report = draft.tiers["frugal"]
    said = {"variant": text, "detail": text, "cost_grade": text, "rule": text}
    standings = tuple(
        each.model_copy(update=said) if each.variant in {VICTIM, "dim-1@none"} else each
        for each in report.standings
    )
    hull = tuple(
        point.model_copy(update={"variant": text}) if point.variant == VICTIM else point
        for point in report.hull
    )
    changes = tuple(
        each.model_copy(update={"variant": text if each.variant == VICTIM else each.variant, "reason": text})
        for each in draft.changes
    )
    return replace(
        draft,
        tiers={
            **draft.tiers,
            "frugal": report.model_copy(update={"standings": standings, "hull": hull, "evidence": text}),
        },
        changes=changes,
        inputs=tuple(each.model_copy(update={"name": text, "detail": text}) for each in draft.inputs),
        pool=_pool(draft.pool, text),
    )


def _pool(pool: Pool, text: str) -> Pool:
    tiers = {}
    for name, tier in pool.tiers.items():
        members = tuple(_member(each, text) for each in tier.members)
        bands = {
            band: tuple(text if each == VICTIM else each for each in order)
            for band, order in tier.bands.items()
        }
        tiers[name] = tier.model_copy(update={"members": members, "bands": bands, "evidence": text})
    return pool.model_copy(update={"tiers": tiers, "attribution": (text, text)})


def _member(member: Member, text: str) -> Member:
    if member.variant != VICTIM:
        return member
    said = dict.fromkeys(("variant", "vendor", "family", "release", "effort", "cost_grade"), text)
    price = member.price.model_copy(update={"sources": (text,), "note": text})
    route = RouteLine(model=text, send={"reasoning_effort": text}, price=price)
    return member.model_copy(update={**said, "price": price, "routes": {"litellm": route}, "key_env": text})


def decision_with(text: str) -> Decision:
    """A decision whose reviewer and note are the text, as somebody may have written it into the file."""
    said = well_formed(text).strip()[:1900] or "blank"
    return Decision(
        format=1,
        week="2026-W33",
        attempt=1,
        verdict=Verdict.APPROVED,
        pool_sha256="1" * 64,
        proposal_sha256="2" * 64,
        reviewer=said,
        note=said,
        decided_at="2026-08-15T12:00:00Z",
        previous=None,
    )
