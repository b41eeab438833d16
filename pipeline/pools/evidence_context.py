"""What the tiers of one evidence share: looked up, judged and compared once, not once a tier."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.domain.score import Scoreboard, Unpriced
from pipeline.pools.applicant import Applicant
from pipeline.pools.candidate import Slot
from pipeline.pools.eligible import COMMON, first_failing
from pipeline.pools.facts import facts_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pipeline.domain.names import VariantId
    from pipeline.domain.pool import Member
    from pipeline.pools.applicant import LeftOut, Terms
    from pipeline.pools.brief import Brief


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceContext:
    """One evidence of one brief, before any tier asks for anything."""

    board: Scoreboard
    names: tuple[VariantId, ...]
    """Every variant of the evidence, by id."""
    applicants: Mapping[VariantId, Applicant]
    """Those the crosswalk holds, as they are without a published line."""
    barred: Mapping[VariantId, LeftOut | None]
    """The first of `eligible.COMMON` that each of them fails."""
    slots: Mapping[VariantId, Slot]
    """Of everybody the crosswalk holds."""


def context_of(brief: Brief, terms: Terms) -> EvidenceContext:
    """Look over an evidence.

    Args:
        brief: The week.
        terms: Of any tier that believes the evidence; the common rules read the routes alone.
    """
    board = board_of(brief, terms.tier.evidence)
    names = tuple(sorted({*board.scores, *board.unscored}))
    applicants = {name: applicant_of(brief, board, name, None) for name in names if name in brief.variants}
    return EvidenceContext(
        board=board,
        names=names,
        applicants=applicants,
        barred={name: first_failing(terms, applicant, COMMON) for name, applicant in applicants.items()},
        slots={
            name: Slot(variant=name, vendor=one.variant.vendor, family=one.variant.family)
            for name, one in applicants.items()
        },
    )


def board_of(brief: Brief, evidence: str) -> Scoreboard:
    """Return the scores of an evidence; an empty board where the brief has none."""
    return brief.scoreboards.get(evidence) or Scoreboard(
        evidence=evidence,
        anchors=(),
        anchor_rating=None,
        reference=(),
        reference_theta=0.0,
        fits=(),
        scores={},
        unscored={},
    )


def applicant_of(brief: Brief, board: Scoreboard, variant: VariantId, line: Member | None) -> Applicant:
    """Gather what the rules look at; a published line answers what nobody says this week."""
    known = brief.variants[variant]
    usd, listed = next(_amounts(brief, board, variant, line), (None, None))
    return Applicant(
        variant=known,
        score=board.scores.get(variant) or board.unscored.get(variant),
        facts=facts_of(known, brief.profiles.get(variant), line),
        usd_per_task=usd,
        list_usd_per_mtok=listed,
    )


def _amounts(
    brief: Brief, board: Scoreboard, variant: VariantId, line: Member | None
) -> Iterator[tuple[float, float]]:
    """Dollars per task and blended list price: this evidence, the others, the published line.

    A price that passed the ceiling must be seen although the quality is missing.
    """
    score = board.scores.get(variant)
    if score is not None and not isinstance(score.cost, Unpriced):
        yield score.cost.usd_per_task, score.cost.price.blended_usd_per_mtok
    for name in sorted(brief.scoreboards):
        score = brief.scoreboards[name].scores.get(variant)
        if score is not None and not isinstance(score.cost, Unpriced):
            yield score.cost.usd_per_task, score.cost.price.blended_usd_per_mtok
    if line is not None:
        price = line.price
        blended = (3 * price.input_microusd_per_mtok + price.output_microusd_per_mtok) / 4e6
        yield float(line.usd_per_task), blended
