"""Says what was rejected before and is proposed again: by whom, when, why, and what moved since."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pipeline.domain.blocks import BulletList, Fold, Title, line, name, said
from pipeline.review.pages.number_format import percent, usd
from pipeline.review.pages.section import Place, Section

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.domain.blocks import Block, Line
    from pipeline.domain.pool import Standing
    from pipeline.domain.proposal import Proposal
    from pipeline.review.decisions.earlier_answers import EarlierAnswer
    from pipeline.review.pages.proposal_view import ProposalView

_SHOWN: Final = 2


def _blocks(view: ProposalView) -> Iterator[Block]:
    lines = tuple(_line(one, view.proposal) for one in view.record.answers)
    if not lines:
        return
    yield Title(level=2, line=line("Rejected before"))
    yield BulletList(items=lines[:_SHOWN])
    if rest := lines[_SHOWN:]:
        yield Fold(summary=line(f"{len(rest)} more rejected before"), blocks=(BulletList(items=rest),))


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
        said(decision.note),
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
