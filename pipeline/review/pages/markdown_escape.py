"""Escapes names as code spans and sentences as text, so that nothing becomes Markdown."""

from __future__ import annotations

import re
from typing import Final

_MARKUP: Final = re.compile(r"[\\`*\[\]<>|&~]|\$(?!\d)|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")
_ADDRESS: Final = re.compile(r"://|\bwww\.|(?<!\w)@|@(?=[\w-]+\.)", re.IGNORECASE)
_AT_START: Final = re.compile(r"^(?:(\d+)([.)])|([#+=-]))")
"""What would open a heading, a list or an underline where a sentence starts a block."""
_IN_CODE: Final = re.compile(r"[`|]")


def code(text: str) -> str:
    """Write a printable name as a code span that no name can leave."""
    inside = _IN_CODE.sub(lambda mark: f"\\u{ord(mark[0]):04x}", text)
    return f"`{inside or ' '}`"


def sentence(text: str) -> str:
    """Write a printable text: no emphasis, link, markup, table cell or entity comes out of it."""
    marked = _MARKUP.sub(lambda mark: f"\\{mark[0]}", text)
    still = _ADDRESS.sub(lambda mark: re.sub(r"([:.@])", r"\\\1", mark[0]), marked)
    return _AT_START.sub(lambda mark: f"{mark[1] or ''}\\{mark[2] or mark[3]}", still)
