"""On a screen no word and no command is broken."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from pipeline.cli.console import WORD, print_text, wrap_words
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
