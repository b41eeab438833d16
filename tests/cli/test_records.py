"""A table that does not fit is written row by row: named, short, and without what says nothing."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING

from rich.console import Console

from pipeline.cli.blocks_text import FittedTable
from pipeline.domain.blocks import Column, Table, cell, line, name, text_span

if TYPE_CHECKING:
    from pipeline.domain.blocks import Cell
    from tests.example import Example

WORDS = "a remark that is so long that it needs more than one line"


def drawn(*rows: tuple[Cell, ...], width: int = 40) -> list[str]:
    """Draw rows of place, name, two figures and a remark in some columns."""
    columns = (
        Column(title="rank", leads=True),
        Column(title="variant"),
        Column(title="quality", number=True),
        Column(title="price", number=True),
        Column(title="remark"),
    )
    screen = Console(file=io.StringIO(), width=width, color_system=None)
    screen.print(FittedTable(table=Table(title="", columns=columns, rows=rows)), crop=False)
    assert isinstance(screen.file, io.StringIO)
    return screen.file.getvalue().splitlines()


def test_a_record_is_named_by_the_cell_after_those_that_lead() -> None:
    rows = [
        (cell(rank), cell(name(who)), (), (), cell(WORDS)) for rank, who in (("1", "a@x"), ("next", "b@y"))
    ]
    assert [row for row in drawn(*rows) if row and not row.startswith(" ")] == ["1: a@x", "next: b@y"]


def test_short_cells_share_a_line_and_a_long_one_has_its_own() -> None:
    figures = (line("40 %"), line("37 to 44"))
    assert drawn((cell("1"), cell(name("a@x")), figures, cell("$1"), cell(WORDS))) == [
        "1: a@x",
        "    quality: 40 % (37 to 44) · price: $1",
        "    remark: a remark that is so long",
        "    that it needs more than one line",
        "",
    ]


def test_an_empty_cell_is_left_out() -> None:
    shown = drawn(
        (cell("1"), cell(name("a@x")), cell(text_span("")), cell("$1"), (line(text_span("")), line(WORDS)))
    )
    assert shown[:2] == ["1: a@x", "    price: $1"]
    assert "quality" not in " ".join(shown)


def test_the_whole_review_names_each_contender_and_has_no_empty_cell(ran: Example) -> None:
    shown = ran("review", "--all").out
    assert re.search(r"^1: \S+@\S+$", shown, re.MULTILINE)
    assert len(re.findall(r"^next: \S+@\S+$", shown, re.MULTILINE)) > 20
    assert not re.search(r"^(next| +[a-z ]+:)\s*$", shown.partition("Tier ")[2], re.MULTILINE)
    records = re.findall(r"^next: .*\n((?:    .+\n)+)", shown, re.MULTILINE)
    assert max(each.count("\n") for each in records) < 8
