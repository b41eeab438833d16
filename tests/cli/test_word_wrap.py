"""On a screen no word and no command is broken."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.main import get_command

from pipeline.cli.app import app
from pipeline.cli.console import WORD, print_text, wrap_words
from tests.example import ROOT
from tests.faults.hostile import on_a_terminal

if TYPE_CHECKING:
    from tests.example import Example

COMMAND = '`modelpool approve 3d5bd8ec3d7be70d --reviewer NAME --note "..."`'


@given(
    st.lists(st.sampled_from(["a", "word", "x" * 30, COMMAND, f"{COMMAND}."]), min_size=1),
    st.integers(1, 90),
    st.integers(0, 6),
)
def test_words_and_commands_stay_whole_and_in_order(words: list[str], width: int, indent: int) -> None:
    rows = wrap_words(" " * indent + " ".join(words), width).split("\n")
    assert [word for row in rows for word in WORD.findall(row)] == words
    assert all(row.startswith(" " * indent) for row in rows)
    assert all(len(WORD.findall(row)) == 1 or len(row) <= width for row in rows)


def test_a_line_that_is_a_command_is_never_broken() -> None:
    line = f"  {COMMAND[1:-1]}"
    assert wrap_words(line, 20) == line


def test_what_fits_keeps_its_blanks() -> None:
    assert wrap_words("  frugal           $0.01", 80) == "  frugal           $0.01"


def test_a_terminal_of_80_columns_shows_whole_words(ran: Example) -> None:
    said = ran("status").out.splitlines()
    shown = on_a_terminal(lambda: print_text(*said), columns=80).decode().split("\r\n")
    kept = {word for line in said for word in WORD.findall(line)}
    assert {word for row in shown for word in WORD.findall(row)} == kept
    assert all(len(row) <= 80 or len(WORD.findall(row)) == 1 for row in shown)


@pytest.mark.parametrize("columns", [40, 80])
def test_a_failure_breaks_between_words_on_a_terminal_and_is_one_line_for_a_program(
    example: Example, columns: int
) -> None:
    piped = example("replay").err
    assert piped.count("\n") == 2
    shown = on_a_terminal(lambda: fail(example, columns), columns=columns).decode().splitlines()
    assert [word for row in shown for word in WORD.findall(row)] == WORD.findall(piped)
    assert all(row.startswith(("error: ", " hint: ", " " * 7)) for row in shown)
    assert all(len(row) <= columns or len(WORD.findall(row)) == 1 for row in shown)
    assert len(shown) > 2


def fail(example: Example, columns: int) -> None:
    """Run a command that fails, on the stderr of this moment."""
    words = ["replay", "--workspace", str(example.folder)]
    with mock.patch.dict(os.environ, {"COLUMNS": str(columns)}):
        get_command(app).main(words, standalone_mode=False)


def test_a_command_in_brackets_stays_whole() -> None:
    assert WORD.findall(f"Name it ({COMMAND}), or a `stray one.") == [
        *("Name", "it", f"({COMMAND}),", "or", "a", "`stray", "one."),
    ]


def test_an_item_hangs_behind_its_dash() -> None:
    assert wrap_words("- one two three", 10) == "- one two\n  three"


def test_further_rows_hang_below_the_text_of_a_message() -> None:
    assert wrap_words(" hint: one two three", 14, hang=6) == " hint: one two\n       three"


def test_every_message_on_stderr_is_broken_alike() -> None:
    """An alarm and a warning go the way of an error: no command writes to stderr by itself.

    What ends the process before a command can be imported writes its one short line in `__main__.py`.
    """
    writes = {
        file.name for file in (ROOT / "pipeline/cli").glob("*.py") if "stderr.write(" in file.read_text()
    }
    assert writes == {"__main__.py", "console.py", "log.py"}
