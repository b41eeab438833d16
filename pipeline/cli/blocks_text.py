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
_BETWEEN: Final = Span(text=" · ", tone=Tone.SOFT)
"""What parts two cells on one line."""


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
    parted: bool = True
    """An empty line follows the last paragraph, too."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Choose the form that fits."""
        widths = [
            max(len(column.title), *(_length(row[place]) for row in self.table.rows), 0)
            for place, column in enumerate(self.table.columns)
        ]
        if sum(widths) + _GAP * (len(widths) - 1) <= options.max_width:
            yield _grid(self.table)
        else:
            found = [*_records(self.table, options.max_width - _INDENT)]
            yield from found if self.parted else found[:-1]


def _grid(table: Table) -> RichTable:
    grid = RichTable(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, _GAP, 0, 0), show_edge=False)
    for column in table.columns:
        grid.add_column(column.title, justify="right" if column.number else "left", no_wrap=True)
    for row in table.rows:
        grid.add_row(*(_join(each) for each in row))
    return grid


def _records(table: Table, width: int) -> Iterator[RenderableType]:
    """Write each row below the cell that names it; empty cells are left out, short ones share a line."""
    first = next((place for place, column in enumerate(table.columns) if not column.leads), 0)
    for row in table.rows:
        *before, named = (_filled_lines(each) for each in row[: first + 1])
        leading = tuple(span for each in before for line in each for span in (*line, Span(text=": ")))
        yield WordWrap(lines=((*leading, *named[0]), *named[1:]) if named else (leading,), style="bold")
        below = zip(table.columns[first + 1 :], map(_filled_lines, row[first + 1 :]), strict=True)
        cells = [(column, lines) for column, lines in below if lines]
        for is_text, group in groupby(cells, key=lambda one: len(one[1]) > 1 and not one[0].number):
            if is_text:
                yield from (WordWrap(lines=lines, indent=_INDENT) for _, lines in group)
            else:
                titled = [_titled_line(column, lines) for column, lines in group]
                yield WordWrap(lines=tuple(_pack(titled, width)), indent=_INDENT)
        yield ""


def _filled_lines(cell: Cell) -> Cell:
    """Return the lines of a cell that say something."""
    return tuple(each for each in cell if any(span.text.strip() for span in each))


def _titled_line(column: Column, lines: Cell) -> Line:
    """Write a cell behind its title, further figures in brackets."""
    title = Span(text=f"{column.title}: ", tone=Tone.SOFT)
    more = (span for each in lines[1:] for span in (Span(text=" ("), *each, Span(text=")")))
    return (title, *lines[0], *more)


def _pack(parts: Iterable[Line], width: int) -> Iterator[Line]:
    """Put as many parts on a line as fit; one that is too long stands alone."""
    packed: Line = ()
    for part in parts:
        beside = (*packed, _BETWEEN, *part)
        if packed and _length((_for_terminal(beside),)) > width:
            yield packed
            packed = part
        else:
            packed = beside if packed else part
    if packed:
        yield packed


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


def _join(cell: Cell) -> Text:
    rows = ([(span.text, _STYLES[span.tone]) for span in each] for each in cell)
    return Text("\n").join(Text.assemble(*row) for row in rows)


def _length(cell: Cell) -> int:
    """Return the characters of a cell's longest line."""
    return max((sum(len(span.text) for span in each) for each in cell), default=0)
