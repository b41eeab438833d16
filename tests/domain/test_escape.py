"""Text from outside is written so that it hides nothing, steers nothing and passes for nothing else."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pipeline.domain.escape import escape_hidden, escape_name, escape_text

TRICKY = st.text(alphabet="\\uU0123456789abcdef \u1f60\u202e\U0001f600o\u043e\n", max_size=12)
SPELLED = re.compile(r"\\(?:u([0-9a-f]{4})|U([0-9a-f]{8}))")


def undone(shown: str) -> str:
    """What a spelling stands for."""
    return SPELLED.sub(lambda mark: chr(int(mark[1] or mark[2], 16)), shown)


@given(text=st.text() | TRICKY)
@example(text="\u1f600")
@example(text="\U0001f600")
@example(text=r"\u202e")
def test_names_and_sentences_can_be_undone_so_two_never_look_alike(text: str) -> None:
    assert undone(escape_name(text)) == text
    assert undone(escape_text(text)) == text


@given(text=st.text() | TRICKY)
def test_nothing_hidden_and_no_blank_to_lose_is_left(text: str) -> None:
    for shown in (escape_name(text), escape_text(text)):
        assert shown.isprintable()
        assert "  " not in shown
        assert shown == shown.strip(" ")
    assert escape_name(text).isascii()
    assert escape_hidden(text).isprintable()


@pytest.mark.parametrize(
    ("hidden", "spelled"),
    [
        ("\u202e", r"\u202e"),
        ("a  b", r"a \u0020b"),
        ("a ", r"a\u0020"),
        ("\u043e", r"\u043e"),
        ("a\nb", "a b"),
        ("\u1f600", "\U0001f600"),
    ],
)
def test_a_hidden_character_is_told_from_its_spelling(hidden: str, spelled: str) -> None:
    assert escape_name(hidden) != escape_name(spelled)
    assert escape_text(hidden) != escape_text(spelled)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("gpt-5.6-s\u043el", r"gpt-5.6-s\u043el"),
        ("\uff27\uff30\uff34", r"\uff27\uff30\uff34"),
        ("caf\u00e9", "caf\u00e9"),
        ("cafe\u0301", r"cafe\u0301"),
        ("d\u0131m", r"d\u0131m"),
        ("\u0418\u0432\u0430\u043d reads", "\u0418\u0432\u0430\u043d reads"),
        ("\u5f20\u4f1f", "\u5f20\u4f1f"),
        ("2 \u2192 1", "2 \u2192 1"),
    ],
)
def test_people_keep_their_letters_and_lookalikes_are_spelled(text: str, shown: str) -> None:
    assert escape_text(text) == shown
