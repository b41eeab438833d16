"""On a terminal a page of the manual fills its lines, and loses no word of what is written."""

from __future__ import annotations

import io
import os
import re
from typing import TYPE_CHECKING
from unittest import mock

import pytest
from rich.console import Console
from typer.main import get_command

from pipeline.cli.app import app
from pipeline.cli.console import WORD
from pipeline.cli.manual.topics import TOPICS, topic_text
from pipeline.cli.manual_text import manual_text
from tests.example import invoke
from tests.faults.hostile import on_a_terminal

if TYPE_CHECKING:
    from collections.abc import Iterable

COLUMNS = 80


def drawn(markdown: str) -> list[str]:
    """Lay Markdown out on a narrow screen."""
    screen = Console(file=io.StringIO(), width=30, color_system=None)
    for part in manual_text(markdown):
        screen.print(part, crop=False)
    assert isinstance(screen.file, io.StringIO)
    return screen.file.getvalue().splitlines()


def shown(*words: str) -> list[str]:
    """Run a command on a terminal of 80 columns."""

    def run() -> None:
        with mock.patch.dict(os.environ, {"COLUMNS": str(COLUMNS)}):
            get_command(app).main([*words], standalone_mode=False)

    return re.sub(r"\x1b\[[0-9;]*m", "", on_a_terminal(run, columns=COLUMNS).decode()).split("\r\n")


def letters(text: Iterable[str]) -> str:
    """Leave out what lays words out, and the titles that a table repeats."""
    return re.sub(r"[\s`*|#-]|^```", "", "".join(text))


@pytest.mark.parametrize("name", [topic.name for topic in TOPICS])
def test_a_page_is_broken_between_words_only(name: str) -> None:
    written, rows = topic_text(name).splitlines(), shown("help", name)
    long = [row for row in rows if len(row) > COLUMNS and len(WORD.findall(row)) > 1]
    assert [row for row in long if row not in written] == []
    assert [row for row in rows if row.startswith(("#", "|", "```"))] == []


def test_a_line_that_ends_in_the_file_does_not_end_on_the_screen() -> None:
    rows = shown("help", "week")
    place = rows.index("1. The scheduled job runs `modelpool run`. It fetches every source, stores the")
    assert rows[place + 1] == "   answers in `data/raw/`, compares them with what is expected and with last"


@pytest.mark.parametrize("name", [topic.name for topic in TOPICS if "|" not in topic_text(topic.name)])
def test_a_page_without_tables_loses_no_letter(name: str) -> None:
    assert letters(shown("help", name)) == letters(topic_text(name))


def test_a_paragraph_flows_and_an_item_hangs() -> None:
    text = "One line\nand one more of the same paragraph."
    item = "1. An item that\n   goes on and on.\n\n   - below"
    assert drawn(f"# A *page*\n\n{text}\n{item}") == [
        "A page",
        "",
        "One line and one more of the",
        "same paragraph.",
        "1. An item that goes on and",
        "   on.",
        "",
        "   - below",
    ]


def test_code_stays_as_it_is() -> None:
    code = "modelpool backtest   # with a remark that is too long"
    assert drawn(f"```\n{code}\n```\n\n    {code}") == [code, "", f"    {code}"]


def test_a_table_names_each_cell_by_its_title() -> None:
    table = "| to know the whole | ask |\n| --- | --- |\n| what is in force, and why | `a|b` |\n| more | c |"
    assert drawn(f"{table}\n\nText.") == [
        "what is in force, and why",
        "    ask: `a|b`",
        "",
        "more",
        "    ask: c",
        "",
        "Text.",
    ]


def test_short_keys_of_a_table_stand_at_the_left() -> None:
    table = "| exit | meaning |\n| --- | --- |\n| 0 | done |\n| 130 | interrupted, so that nothing is left |"
    assert drawn(table) == [
        "exit  meaning",
        "0     done",
        "130   interrupted, so that",
        "      nothing is left",
    ]


def test_a_pipe_gets_the_page_as_it_is_written() -> None:
    assert invoke(["help", "week"]).out == topic_text("week")


def test_a_long_sentence_of_the_list_goes_on_below_itself() -> None:
    rows = shown("help")
    place = next(number for number, row in enumerate(rows) if row.startswith("  traffic "))
    assert re.fullmatch(r" {12}\S.*", rows[place + 1])
