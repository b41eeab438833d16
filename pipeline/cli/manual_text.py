"""Lays a page of the manual out for a terminal: paragraphs fill its lines, tables fit, code stays."""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from rich.segment import Segment

from pipeline.cli.blocks_text import FittedTable, WordWrap
from pipeline.domain.blocks import Column, Span, Table, Tone

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from rich.console import Console, ConsoleOptions, RenderableType, RenderResult

    from pipeline.domain.blocks import Line

_FENCE: Final = "```"
_CODE: Final = " " * 4
"""How a line of code begins where no fence stands around it."""
_KEYS: Final = 12
"""Characters of a table's first cells up to which the second ones stand beside them."""
_HEADING: Final = re.compile(r"#{1,6} (.+)")
_ITEM: Final = re.compile(r" *((?:[-*]|\d+\.) )(.*)")
_CELL: Final = re.compile(r"(?:`[^`]*`|[^|])+")
_SPAN: Final = re.compile(
    r"(?P<code>`[^`]*`)|\*\*(?P<bold>[^*]+)\*\*|\*(?P<italic>[^*\s][^*]*)\*|(?P<plain>[^`*]+|[`*])"
)


@dataclass(frozen=True, slots=True)
class Verbatim:
    """A line that nobody breaks, whatever the width."""

    text: str

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Write it as it is."""
        yield Segment(self.text)
        yield Segment.line()


def manual_text(markdown: str) -> Iterator[RenderableType]:
    """Lay Markdown out, as the manual uses it: a line that ends inside a paragraph is a blank there."""
    rest = deque(markdown.splitlines())
    while rest:
        yield from _next_block(rest)


def _next_block(rest: deque[str]) -> Iterator[RenderableType]:
    first = rest.popleft()
    words = first.strip()
    if words.startswith(_FENCE):
        yield from map(Verbatim, _take(rest, lambda one: not one.strip().startswith(_FENCE)))
        if rest:
            rest.popleft()
    elif words.startswith("|"):
        yield from _table([words, *_take(rest, _is_row)])
    elif heading := _HEADING.fullmatch(words):
        yield WordWrap(lines=(_line(heading[1]),), style="bold")
    elif not words or (first.startswith(_CODE) and not _ITEM.match(first)):
        yield Verbatim(first)
    else:
        yield _paragraph(first, _take(rest, _goes_on))


def _take(rest: deque[str], wanted: Callable[[str], bool]) -> list[str]:
    """Take the lines that belong to a block from those that are left."""
    found = []
    while rest and wanted(rest[0]):
        found.append(rest.popleft())
    return found


def _is_row(text: str) -> bool:
    return text.lstrip().startswith("|")


def _goes_on(text: str) -> bool:
    """Tell whether a line belongs to the paragraph or the item above it."""
    words = text.strip()
    begins = _ITEM.match(text) or _HEADING.fullmatch(words) or words.startswith((_FENCE, "|"))
    return bool(words) and not begins


def _paragraph(first: str, more: Sequence[str]) -> WordWrap:
    item = _ITEM.match(first)
    words = " ".join(each.strip() for each in (item[2] if item else first, *more))
    indent = len(first) - len(first.lstrip(" "))
    return WordWrap(lines=(_line(words),), bullet=item[1] if item else "", indent=indent)


def _table(rows: Sequence[str]) -> Iterator[RenderableType]:
    """Lay a table out: its titles, the line below them, its rows; keys of few letters stand at the left."""
    titles, _, *cells = ([one.strip() for one in _CELL.findall(row.strip("|"))] for row in rows)
    width = max(len(row[0]) for row in (titles, *cells))
    if len(titles) == 2 and width <= _KEYS:  # noqa: PLR2004 - key and meaning
        for key, meaning in (titles, *cells):
            style = "bold" if key == titles[0] else ""
            yield WordWrap(lines=(_line(meaning),), bullet=f"{key:<{width}}  ", style=style)
        return
    columns = tuple(Column(title=one) for one in titles)
    yield FittedTable(
        table=Table(
            title="", columns=columns, rows=tuple(tuple((_line(one),) for one in row) for row in cells)
        ),
        parted=False,
    )


def _line(text: str) -> Line:
    found = ((one.lastgroup, one[one.lastgroup or 0]) for one in _SPAN.finditer(text))
    return tuple(
        Span(text=words, tone=Tone.STRONG if kind in {"bold", "italic"} else Tone.PLAIN)
        for kind, words in found
    )
