"""Prints the blocks of a page in a terminal: no word and no command is broken, whatever the width."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING, Final

from rich import box
from rich.segment import Segment
from rich.table import Table as RichTable
from rich.text import Text

from pipeline.cli.chosen_workspace import paste_ready
from pipeline.cli.console import WORD
from pipeline.domain.blocks import (
    BulletList,
    CommandLine,
    Fold,
    Line,
    Paragraph,
    Span,
    Table,
    Title,
    Tone,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rich.console import Console, ConsoleOptions, RenderableType, RenderResult

    from pipeline.domain.blocks import Block, Cell, Column

_STYLES: Final = {
    Tone.PLAIN: "",
    Tone.NAME: "bold",
    Tone.COMMAND: "",
    Tone.STRONG: "bold",
    Tone.SOFT: "dim",
    Tone.GAIN: "green",
    Tone.LOSS: "yellow",
    Tone.ALARM: "bold red",
}
_GAP: Final = 2
"""Blanks between two columns."""
_INDENT: Final = 4
"""Blanks before what stands below a row's first cell."""


def _is_true_today(block: Block) -> bool:
    return not (isinstance(block, Paragraph | CommandLine) and block.since)


def blocks_text(blocks: Iterable[Block], *, unfold: bool = False) -> Iterator[RenderableType]:
    """Lay blocks out; what is folded shows its summary only, unless everything is asked for."""
    for block in filter(_is_true_today, blocks):
        if isinstance(block, Title):
            yield from ("", WordWrap(lines=(block.line,), style="bold"))
        elif isinstance(block, Paragraph):
            yield WordWrap(lines=(block.line,), style=_STYLES[block.tone])
        elif isinstance(block, BulletList):
            yield from (WordWrap(lines=(item,), bullet="- ") for item in block.items)
        elif isinstance(block, Table):
            yield from ("", FittedTable(table=block))
        elif isinstance(block, CommandLine):
            yield f"  {block.text}"
        elif isinstance(block, Fold):
            yield from _fold(block, unfold=unfold or block.binding)


def _fold(block: Fold, *, unfold: bool) -> Iterator[RenderableType]:
    if unfold:
        yield from ("", WordWrap(lines=(block.summary,), style="bold"))
        yield from blocks_text(block.blocks, unfold=True)
    else:
        yield WordWrap(lines=(block.summary,), bullet="+ ", style="dim")


@dataclass(frozen=True, slots=True, kw_only=True)
class WordWrap:
    """Lines that break between words only; a word or command that is too long stays whole."""

    lines: tuple[Line, ...]
    style: str = ""
    bullet: str = ""
    indent: int = 0

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Break each line at the width of the screen."""
        left = " " * self.indent
        for each in map(_for_terminal, self.lines):
            for number, row in enumerate(_rows(each, options.max_width - self.indent - len(self.bullet))):
                start = left + (self.bullet if number == 0 else " " * len(self.bullet))
                yield Segment(start)
                yield from Text.assemble(*row, style=self.style, end="").render(console)
                yield Segment.line()


@dataclass(frozen=True, slots=True, kw_only=True)
class FittedTable:
    """A table where the screen holds its longest lines; else one paragraph a row."""

    table: Table

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Choose the form that fits."""
        widths = [
            max(len(column.title), *(_length(row[place]) for row in self.table.rows), 0)
            for place, column in enumerate(self.table.columns)
        ]
        if sum(widths) + _GAP * (len(widths) - 1) <= options.max_width:
            yield _grid(self.table)
        else:
            yield from _records(self.table)


def _grid(table: Table) -> RichTable:
    grid = RichTable(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, _GAP, 0, 0), show_edge=False)
    for column in table.columns:
        grid.add_column(column.title, justify="right" if column.number else "left", no_wrap=True)
    for row in table.rows:
        grid.add_row(*(_joined(each) for each in row))
    return grid


def _records(table: Table) -> Iterator[RenderableType]:
    """Write each row below its first cell, and every other cell behind or below its title."""
    for row in table.rows:
        yield WordWrap(lines=row[0], style="bold")
        for column, each in zip(table.columns[1:], row[1:], strict=True):
            yield from _titled(column, each)
        yield ""


def _titled(column: Column, cell: Cell) -> Iterator[RenderableType]:
    """Write a cell behind its title, further figures in brackets; lines of text keep their lines."""
    lines = tuple(each for each in cell if each)
    if len(lines) > 1 and not column.number:
        yield WordWrap(lines=lines, indent=_INDENT)
        return
    for first in lines[:1]:
        title = Span(text=f"{column.title}: ", tone=Tone.SOFT)
        more = (span for each in lines[1:] for span in (Span(text=" ("), *each, Span(text=")")))
        yield WordWrap(lines=((title, *first, *more),), indent=_INDENT)


def _rows(line: Line, width: int) -> Iterator[list[tuple[str, str]]]:
    """Break a line into rows of styled pieces, between words and nowhere else."""
    row: list[tuple[str, str]] = []
    used = 0
    for word in _words(line):
        length = sum(len(text) for text, _ in word)
        if row and used + 1 + length > width:
            yield row
            row, used = [], 0
        if row:
            row.append((" ", word[0][1] if word[0][1] == row[-1][1] else ""))
            used += 1
        row.extend(word)
        used += length
    yield row


def _for_terminal(line: Line) -> Line:
    return tuple(replace(span, text=paste_ready(_plain(span))) for span in line if not span.page_only)


def _plain(span: Span) -> str:
    return f"`{span.text}`" if span.tone is Tone.COMMAND else span.text


def _words(line: Line) -> Iterator[list[tuple[str, str]]]:
    """Split a line into words, each of which may hold pieces of several spans."""
    text = "".join(span.text for span in line)
    styles = [_STYLES[span.tone] for span in line for _ in span.text]
    for found in WORD.finditer(text):
        pieces = groupby(range(*found.span()), key=lambda place: styles[place])
        yield [("".join(text[place] for place in places), style) for style, places in pieces]


def _joined(cell: Cell) -> Text:
    rows = ([(span.text, _STYLES[span.tone]) for span in each] for each in cell)
    return Text("\n").join(Text.assemble(*row) for row in rows)


def _length(cell: Cell) -> int:
    """Return the characters of a cell's longest line."""
    return max((sum(len(span.text) for span in each) for each in cell), default=0)
