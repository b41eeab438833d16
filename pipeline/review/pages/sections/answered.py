"""Says which changes were rejected or held before: proposed again, and what moved since, or not asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pipeline.domain.blocks import BulletList, Fold, Title, line, name, said
from pipeline.domain.observation import ANSWERED, CARRIED_CHANGE
from pipeline.review.pages.number_format import percent, usd
from pipeline.review.pages.section import Place, Section

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.domain.blocks import Block, Line
    from pipeline.domain.pool import Standing
    from pipeline.domain.proposal import FindingLine, Proposal
    from pipeline.review.decisions.earlier_answers import EarlierAnswer
    from pipeline.review.pages.proposal_view import ProposalView

_SHOWN: Final = 2


def _blocks(view: ProposalView) -> Iterator[Block]:
    again = tuple(_line(one, view.proposal) for one in view.record.answers)
    kept = tuple(_kept(one) for one in view.proposal.findings if one.kind == ANSWERED)
    yield from _listed("Rejected before", "rejected before", again)
    carried = tuple(_kept(one) for one in view.proposal.findings if one.kind == CARRIED_CHANGE)
    yield from _listed("Not asked again", "not asked again", kept)
    yield from _listed(f"Carried to a later week: {len(carried)}", "carried", carried)


def _listed(title: str, words: str, lines: tuple[Line, ...]) -> Iterator[Block]:
    if not lines:
        return
    yield Title(level=2, line=line(title))
    yield BulletList(items=lines[:_SHOWN])
    if rest := lines[_SHOWN:]:
        yield Fold(summary=line(f"{len(rest)} more {words}"), blocks=(BulletList(items=rest),))


def _kept(one: FindingLine) -> Line:
    """Write a change that is not proposed: a person said so, or it is carried."""
    return line(said(f"{one.subject.partition('/')[0]}:"), " ", said(one.message))


def _line(one: EarlierAnswer, now: Proposal) -> Line:
    change, decision = one.change, one.decision
    day = decision.decided_at[:10]
    return line(
        said(f"{change.tier}:"),
        " ",
        name(change.variant),
        f" on {day} by ",
        said(decision.reviewer),
        f" ({decision.week}): ",
        said(one.note),
        " Since then: ",
        _moved(_standing(one.then, change.tier, change.variant), _standing(now, change.tier, change.variant)),
    )


def _moved(before: Standing | None, after: Standing | None) -> str:
    """Say what moved about a variant between two proposals."""
    if before is None or after is None:
        return "it was not in the tier's numbers of both weeks."
    moves = [
        f"{title} {old} → {new}"
        for title, old, new in (
            ("quality", percent(before.quality), percent(after.quality)),
            ("cost per task", usd(before.usd_per_task), usd(after.usd_per_task)),
            ("how sure", percent(before.p_close), percent(after.p_close)),
        )
        if old != new
    ]
    return f"{', '.join(moves) or 'nothing moved'}."


def _standing(proposal: Proposal, tier: str, variant: str) -> Standing | None:
    report = proposal.tiers.get(tier)
    return next((one for one in report.standings if one.variant == variant), None) if report else None


SECTION: Final = Section(name="answered", place=Place.SIDE, blocks=_blocks)
