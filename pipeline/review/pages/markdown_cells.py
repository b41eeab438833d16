"""Markdown cells: names as code spans, sentences as text, so that no name becomes markup."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from pipeline.domain.escape import escape_name, escape_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_MARKUP: Final = re.compile(r"[\\`*\[\]<>|&~]|\$(?!\d)|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")
_ADDRESS: Final = re.compile(r"://|\bwww\.|(?<!\w)@|@(?=[\w-]+\.)", re.IGNORECASE)
_AT_START: Final = re.compile(r"^(?:(\d+)([.)])|([#+=-]))")
"""What would open a heading, a list or an underline where a sentence starts a block."""
_IN_CODE: Final = re.compile(r"[`|]")


def code(text: str) -> str:
    """Write a name as a code span that no name can leave."""
    inside = _IN_CODE.sub(lambda mark: f"\\u{ord(mark[0]):04x}", escape_name(text))
    return f"`{inside or ' '}`"


def sentence(text: str) -> str:
    """Write a sentence as text: no emphasis, link, markup, table cell or entity comes out of it."""
    marked = _MARKUP.sub(lambda mark: f"\\{mark[0]}", escape_text(text))
    still = _ADDRESS.sub(lambda mark: re.sub(r"([:.@])", r"\\\1", mark[0]), marked)
    return _AT_START.sub(lambda mark: f"{mark[1] or ''}\\{mark[2] or mark[3]}", still)


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Write a table; the cells are escaped already."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
