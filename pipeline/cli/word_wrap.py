"""Breaks lines between words for a screen; a command stays whole, so that it can be copied."""

from __future__ import annotations

import re
from typing import Final

WORD: Final = re.compile(r"`[^`]*`\S*|\S+")
"""A word, or a command between backticks with all its blanks."""
_COMMANDS: Final = ("modelpool ", "curl ")
"""How a line begins that is a command and nothing else."""


def wrap_words(text: str, width: int) -> str:
    """Break a line that is too long; every row begins below the line's first word."""
    indent = len(text) - len(text.lstrip(" "))
    if len(text) <= width or text.lstrip(" ").startswith(_COMMANDS):
        return text
    rows = [""]
    for word in WORD.findall(text):
        if rows[-1] and indent + len(rows[-1]) + 1 + len(word) > width:
            rows.append(word)
        else:
            rows[-1] += f" {word}" if rows[-1] else word
    return "\n".join(" " * indent + row for row in rows)
