r"""Escapes text from outside for people: what a terminal or a browser would obey or hide is spelled out.

A character is spelled `\u202e`, or `\U0001f600` beyond four digits. Both functions can be undone, so two
different texts are never written alike. Each page still escapes the result for its own form.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from typing import Final

_SPACES: Final = re.compile(r"^ | (?= )| $")
"""Blanks that a page or a terminal would swallow."""
_SPELLED: Final = re.compile(r"\\(?=u[0-9a-f]{4}|U[0-9a-f]{8})")
_WORD: Final = re.compile(r"[^ ]+")
_ASCII_LETTER: Final = re.compile(r"[A-Za-z]")
_LATIN: Final = re.compile("[\u00c0-\u0130\u0132-\u01bf\u01cd-\u024f\u1e00-\u1eff]")
"""Accented letters; without the dotless i and the clicks, which look like ASCII."""
_HIDDEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp", "Zs"})
_BASIC_PLANE: Final = 0xFFFF


def escape_name(text: str) -> str:
    """Write a name in printable ASCII, without a blank that could get lost."""
    marks = (mark if " " <= mark <= "~" and mark != "\\" else spell_out(mark) for mark in text)
    return _SPACES.sub(lambda _: spell_out(" "), "".join(marks))


def escape_text(text: str) -> str:
    """Write a sentence on one line; people's own letters stay, letters that pass for others do not.

    In a word that holds ASCII letters, only accented Latin letters stay beside them.
    """
    unmistakable = _SPELLED.sub(lambda _: spell_out("\\"), text)
    words = _WORD.sub(lambda word: _shown_word(word[0]), unmistakable)
    return _SPACES.sub(lambda _: spell_out(" "), words)


def escape_hidden(text: str) -> str:
    """Spell out control, format and other hidden characters only; for text that was laid out already."""
    return "".join(mark if mark == " " or not is_hidden(mark) else spell_out(mark) for mark in text)


def spell_out(mark: str) -> str:
    """Spell one character by its number."""
    code = ord(mark)
    return f"\\u{code:04x}" if code <= _BASIC_PLANE else f"\\U{code:08x}"


def is_hidden(mark: str) -> bool:
    """Return whether a character is not to be seen: controls, formats, surrogates, odd blanks, unassigned."""
    return unicodedata.category(mark) in _HIDDEN


@functools.lru_cache(maxsize=4096)
def _shown_word(word: str) -> str:
    latin = _ASCII_LETTER.search(word) is not None
    return "".join(spell_out(mark) if is_hidden(mark) or _passes_for(mark, latin) else mark for mark in word)


def _passes_for(mark: str, latin: bool) -> bool:  # noqa: FBT001 - one private caller
    """Return whether a letter, digit or accent may be taken for another one."""
    if mark.isascii() or unicodedata.category(mark)[0] not in "LNM":
        return False
    return (latin and not _LATIN.match(mark)) or unicodedata.normalize("NFKC", mark) != mark


def with_full_stop(text: str) -> str:
    """End what somebody wrote as a sentence, where it does not end as one."""
    return text if text.endswith((".", "!", "?")) else f"{text}."
