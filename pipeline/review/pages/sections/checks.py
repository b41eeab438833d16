"""Shows what to check before approving: three lines at most, ordered by what they could change."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Final

from pipeline.domain.blocks import (
    BulletList,
    CommandLine,
    Fold,
    Paragraph,
    Span,
    Title,
    Tone,
    line,
    name,
    text_span,
)
from pipeline.domain.escape import escape_name
from pipeline.domain.observation import (
    ASKED_PRICE,
    CARRIED,
    ENDS,
    HELD_ROW,
    LARGE,
    NAME_JUDGED,
    OLD_DATA,
    QUESTION,
    TIER_REMOVED,
)
from pipeline.domain.subjects import RowSubject
from pipeline.review.pages import review_checks as kinds
from pipeline.review.pages.review_checks import first_checks, ordered_checks
from pipeline.review.pages.section import Place, Section

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pipeline.domain.blocks import Block, Line
    from pipeline.review.pages.proposal_view import ProposalView
    from pipeline.review.pages.review_checks import Check

_SHOWN: Final = 3
_NAMED: Final = 3
"""Subjects of one check that are named."""
_LONGEST: Final = 220
"""Characters of a message that stand on the first screen."""
_LONGEST_OF_SEVERAL: Final = 150
"""The same where others of its kind are named beside it."""
_TITLES: Final = {
    kinds.HOLD: "Held back",
    OLD_DATA: "Old data",
    QUESTION: "Member missing",
    ENDS: "Member ends",
    CARRIED: "Member in no data",
    ASKED_PRICE: "Which price counts",
    HELD_ROW: "Rows that keep their approved values",
    NAME_JUDGED: "Name judged",
    kinds.OPEN_ENTRANT: "Open name",
    kinds.SPELLED: "Name taken by its spelling",
    kinds.THIN: "Thin evidence",
    kinds.LEFT_OUT: "Better one left out",
    kinds.RETURNS: "Comes back",
    kinds.COST_MOVED: "Cost moved far",
    kinds.VENDOR: "One vendor, several defaults",
    "scale-change": "Scale changed",
    "vendor-loss": "Without one vendor",
    "empty-tier": "Empty tier",
    "short-tier": "Short tier",
    TIER_REMOVED: "Tier removed",
    LARGE: "Large",
}


def _blocks(view: ProposalView) -> Iterator[Block]:
    groups = ordered_checks(view.proposal, view.record)
    yield Title(level=2, line=line("Check before approving"))
    if not groups:
        yield Paragraph(line=line("Nothing asks for a look."))
    shown = first_checks(groups, _SHOWN)
    yield from _list_checks(shown, view)
    if rest := tuple(group for group in groups if group not in shown):
        summary, blocks = line(f"{len(rest)} more to look at"), tuple(_list_checks(rest, view))
        yield Fold(summary=summary, blocks=blocks, binding=any(one[0].kind in kinds.BINDING for one in rest))


def _list_checks(groups: Sequence[tuple[Check, ...]], view: ProposalView) -> Iterator[Block]:
    """List some kinds, and the command that answers the first of them that people can answer at once."""
    if groups:
        yield BulletList(items=tuple(_line(group) for group in groups))
    yield from next((tuple(found) for group in groups if (found := _command(group, view))), ())


def _command(group: Sequence[Check], view: ProposalView) -> tuple[Block, ...]:
    """Write the command that answers a kind, where one does, for the first of its checks."""
    first = group[0]
    row = RowSubject.read(first.subject)
    named = row.key.rpartition(":")[2] if row and first.kind == ASKED_PRICE else first.label
    of = f" of {escape_name(named)}" if len(group) > 1 else ""
    subject = shlex.quote(escape_name(first.subject))
    source = escape_name(row.source) if row else ""
    accepts = f'sources accept {source} --row {subject} --reviewer NAME --note "..."'
    if row and first.kind == HELD_ROW:
        told, words = f"To take the new value{of}", accepts
    elif row and first.kind == ASKED_PRICE:
        told, words = f"To take the other price{of} instead", accepts
    elif first.kind == kinds.OPEN_ENTRANT:
        told, words = f"To judge the name{of}", f"crosswalk suggest {subject}"
    else:
        return ()
    lead = Paragraph(line=line(f"{told}, after looking at it:"), tone=Tone.SOFT)
    return lead, CommandLine(text=view.command(words))


def _line(group: Sequence[Check]) -> Line:
    """Write what is to be checked: the first of a kind whole, the others by name."""
    first = group[0]
    title = text_span(f"{_TITLES.get(first.kind, first.kind.replace('-', ' ').capitalize())}:", Tone.STRONG)
    about = () if _is_named(first) else (text_span(first.label) if first.about else name(first.label), ": ")
    if len(group) == 1:
        return line(title, " ", *about, *_beginning(first, _LONGEST))
    beginning = _beginning(first, _LONGEST if first.kind == ASKED_PRICE else _LONGEST_OF_SEVERAL)
    others: list[str | Span] = []
    for one in group[1:_NAMED]:
        others += ["; also " if not others else "; ", text_span(one.label)]
    return line(title, " ", *about, *beginning, *others, _count_more(group))


def _beginning(one: Check, longest: int) -> tuple[Span | str, ...]:
    """Write a message; of a long one what comes first, up to the end of a word."""
    if len(one.message) <= longest:
        return (text_span(one.message.rstrip(".")),)
    start = one.message[:longest].rpartition(" ")[0]
    if start.count("(") > start.count(")"):
        start = start.rpartition("(")[0]
    start = start.rstrip(" .,;:(")
    return (text_span(f"{start} ..."), " (", Span(text="whole", anchor="findings"), " among the findings)")


def _count_more(group: Sequence[Check]) -> str:
    return f" and {len(group) - _NAMED} more" if len(group) > _NAMED else ""


def _is_named(one: Check) -> bool:
    """Return whether the message itself says what it is about, part by part."""
    if one.kind == ASKED_PRICE and one.about:
        return True
    return all(part in one.message for part in one.subject.replace("/", ":").split(":"))


SECTION: Final = Section(name="checks", place=Place.FIRST, blocks=_blocks)
