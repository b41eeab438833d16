"""Says in plain words what each figure of the page means."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pipeline.domain.blocks import BulletList, Fold, Span, Tone, line
from pipeline.review.pages.section import Place, Section

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.domain.blocks import Block
    from pipeline.review.pages.proposal_view import ProposalView

_MEANINGS: Final = {
    "quality": (
        "the chance that people prefer a model's answer to the reference models' answer. It is "
        "preference, not task success. The range beside it holds the real chance in 95 of 100 cases."
    ),
    "$ per task": (
        "what one task of your mix probably costs, with the range that holds the real cost four times in "
        "five. Cached input is billed at the price stated for it, else as input."
    ),
    "cost known from": (
        "how the length of a model's answers is known: your own usage; measured tokens; dollars that were "
        "published for it; dollars published for its kin; or its effort alone, the least certain."
    ),
    "answers per $": (
        "acceptable answers that a dollar buys when a miss costs the tier's price of an answer. The range "
        "takes quality and cost at their worse ends together, then at their better ends. All of it, of "
        "members in force too, is what this week's figures say."
    ),
    "how sure": (
        "the share of draws from the uncertain numbers in which a member is among the best of its tier, "
        "or costs at most 5 % more than they do."
    ),
    "above the floor": "the share of draws in which its quality is above the tier's floor.",
    "one cause after the other": (
        "the pools chosen again with one input after the other as it is this week, from what was known when "
        "the pool in force was made: time passed, policy changed, name judged, scale changed, score moved, "
        "new in the data, price moved. `out → 3` beside a cause is what it did to the place; the steps add "
        "up to the change."
    ),
    "rank range": "its places in 95 of 100 draws.",
    "simple, medium, complex": "kinds of request: a miss costs least on simple ones, most on complex ones.",
    "default, simple, complex, stand-in, spare": (
        "what a member is for: everything a router does not tell apart; the kinds of request it serves; "
        "answering when the default's vendor is down; the next in line."
    ),
    "Elo": "points of a rating; 400 points are odds of ten to one, 10 points one answer in seventy.",
}


def _blocks(_: ProposalView) -> Iterator[Block]:
    items = tuple(line(Span(text=term, tone=Tone.STRONG), f": {text}") for term, text in _MEANINGS.items())
    yield Fold(summary=line("What each figure means"), blocks=(BulletList(items=items),))


SECTION: Final = Section(name="legend", place=Place.BODY, blocks=_blocks, brief=False)
