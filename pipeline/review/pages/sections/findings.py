"""Lists all findings of the run, those that hold something first."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from pipeline.domain.blocks import BulletList, Fold, Span, Tone, line, name, text_span
from pipeline.review.pages.section import Place, Section

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.domain.blocks import Block, Line
    from pipeline.domain.proposal import FindingLine
    from pipeline.review.pages.proposal_view import ProposalView

_WORDS: Final = {"hold": ("held", "held"), "warn": ("warning", "warnings"), "note": ("note", "notes")}
_TONES: Final = {"hold": Tone.ALARM, "warn": Tone.LOSS, "note": Tone.SOFT}


def _blocks(view: ProposalView) -> Iterator[Block]:
    found = view.proposal.findings
    counts = Counter[str](one.severity for one in found)
    parts = [f"{counts[kind]} {words[counts[kind] != 1]}" for kind, words in _WORDS.items() if counts[kind]]
    summary = f"All findings: {', '.join(parts)}" if parts else "No findings"
    ordered = sorted(found, key=lambda one: list(_WORDS).index(one.severity))
    lines = tuple(_line(one) for one in ordered) or (line("Nothing was noticed."),)
    yield Fold(summary=line(summary), blocks=(BulletList(items=lines),))


def _line(one: FindingLine) -> Line:
    mark = Span(text=_WORDS[one.severity][0], tone=_TONES[one.severity])
    return line(
        mark, " ", name(one.subject), " ", text_span(f"({one.kind})", Tone.SOFT), ": ", text_span(one.message)
    )


SECTION: Final = Section(name="findings", place=Place.BODY, blocks=_blocks)
