"""Selects what to check before approving: three lines at most, ordered by what they could change."""

from __future__ import annotations

import shlex
from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
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
    names,
    said,
)
from pipeline.domain.calendar import read_moment
from pipeline.domain.escape import escape_name
from pipeline.domain.observation import ASKED_PRICE, ENDS, HELD_ROW, LARGE, QUESTION, TIER_REMOVED
from pipeline.review.pages.section import Place, Section

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pipeline.domain.blocks import Block, Line
    from pipeline.domain.proposal import FindingLine, Proposal
    from pipeline.review.pages.proposal_view import ProposalView

_SHOWN: Final = 3
_NAMED: Final = 3
"""Subjects of one check that are named."""
_ORDER: Final = (
    "hold",
    TIER_REMOVED,
    "scale-change",
    QUESTION,
    ENDS,
    ASKED_PRICE,
    HELD_ROW,
    "vendor-of-defaults",
    "vendor-loss",
    "empty-tier",
    "short-tier",
)
"""Kinds by how much they could change, the most first; others follow by name, what is seen anyway last."""
_LAST: Final = frozenset({LARGE})
_TITLES: Final = {
    "hold": "Held back",
    QUESTION: "Member missing",
    ENDS: "Member ends",
    ASKED_PRICE: "Which price counts",
    HELD_ROW: "Rows that keep their approved values",
    "scale-change": "Scale changed",
    "vendor-of-defaults": "One vendor, several defaults",
    "vendor-loss": "Without one vendor",
    "empty-tier": "Empty tier",
    "short-tier": "Short tier",
    TIER_REMOVED: "Tier removed",
    LARGE: "Large",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Check:
    kind: str
    subject: str
    message: str


def _blocks(view: ProposalView) -> Iterator[Block]:
    groups: dict[str, list[_Check]] = defaultdict(list)
    for one in _checks(view.proposal):
        groups[one.kind].append(one)
    kinds = sorted(groups, key=_weight)
    yield Title(level=2, line=line("Check before approving"))
    if not kinds:
        yield Paragraph(line=line("Nothing asks for a look."))
    yield from _listed(kinds[:_SHOWN], groups, view)
    if rest := kinds[_SHOWN:]:
        yield Fold(summary=line(f"{len(rest)} more to look at"), blocks=tuple(_listed(rest, groups, view)))


def _listed(
    kinds: Sequence[str], groups: Mapping[str, Sequence[_Check]], view: ProposalView
) -> Iterator[Block]:
    """List some kinds, and the command that answers held rows where they are among them."""
    if kinds:
        yield BulletList(items=tuple(_line(kind, groups[kind]) for kind in kinds))
    if HELD_ROW in kinds:
        first = groups[HELD_ROW][0].subject
        source = escape_name(first.partition(":")[0])
        of = " of the first" if len(groups[HELD_ROW]) > 1 else ""
        row = shlex.quote(escape_name(first))
        words = f'sources accept {source} --row {row} --reviewer NAME --note "..."'
        yield Paragraph(line=line(f"To take the new value{of}, after looking at it:"), tone=Tone.SOFT)
        yield CommandLine(text=view.command(words))


def _checks(proposal: Proposal) -> Iterator[_Check]:
    for one in proposal.findings:
        if one.severity == "hold":
            yield _Check(kind="hold", subject=one.subject, message=f"{one.message}{_age(one, proposal)}")
        elif one.severity == "warn":
            yield _Check(kind=one.kind, subject=one.subject, message=one.message)
    yield from _vendors(proposal)


def _age(held: FindingLine, proposal: Proposal) -> str:
    """Say how old the data of a held source is that is in use."""
    fetched = [
        each.fetched_at
        for each in proposal.inputs
        if each.fetched_at and each.name.startswith(f"capture:{held.subject}:")
    ]
    if not fetched:
        return ""
    age = read_moment(proposal.as_of) - read_moment(min(fetched))
    days = age // timedelta(days=1)
    return f" (in use: data {days} {'day' if days == 1 else 'days'} old)"


def _vendors(proposal: Proposal) -> Iterator[_Check]:
    """Find vendors that serve the default of several tiers: one outage hits them all."""
    tiers: dict[str, list[str]] = defaultdict(list)
    for tier, pool in sorted(proposal.pool.tiers.items()):
        if pool.members:
            tiers[pool.members[0].vendor].append(tier)
    for vendor, hit in sorted(tiers.items()):
        if len(hit) > 1:
            message = f"serves the default of {', '.join(hit)}: one outage hits them all"
            yield _Check(kind="vendor-of-defaults", subject=vendor, message=message)


def _line(kind: str, checks: Sequence[_Check]) -> Line:
    """Write what is to be checked: one whole, several of a kind by name."""
    title = said(f"{_TITLES.get(kind, kind.replace('-', ' ').capitalize())}:", Tone.STRONG)
    first = checks[0]
    if len(checks) == 1:
        about = () if _is_named(first) else (name(first.subject), " ")
        return line(title, " ", *about, said(first.message))
    shown = names(tuple(one.subject for one in checks[:_NAMED]))
    more = f" and {len(checks) - _NAMED} more" if len(checks) > _NAMED else ""
    whole = Span(text="all", anchor="findings")
    return line(title, f" {len(checks)} of them: ", *shown, more, "; ", whole, " are among the findings.")


def _is_named(one: _Check) -> bool:
    """Tell whether the message itself says what it is about, part by part."""
    return all(part in one.message for part in one.subject.split(":"))


def _weight(kind: str) -> tuple[bool, int, str]:
    return kind in _LAST, _ORDER.index(kind) if kind in _ORDER else len(_ORDER), kind


SECTION: Final = Section(name="checks", place=Place.SIDE, blocks=_blocks)
