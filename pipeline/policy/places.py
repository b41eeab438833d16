"""Where a dotted key stands in a TOML text, for messages; the parser keeps no positions."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

KeyPath = tuple[str | int, ...]

_HEADER = re.compile(r"\s*(\[\[?)\s*(.+?)\s*\]\]?\s*(?:#.*)?")
_KEY = re.compile(r"\s*((?:[\w-]+|\"[^\"]*\"|'[^']*')(?:\s*\.\s*(?:[\w-]+|\"[^\"]*\"|'[^']*'))*)\s*=")
_PART = re.compile(r"[\w-]+|\"[^\"]*\"|'[^']*'")


def line_of(text: str, path: KeyPath) -> int | None:
    """Return the line of a key, else of the first key below it, else of the nearest table above it.

    Counted from 1; None when not even the first part of the path is found.
    """
    best: tuple[int, int] | None = None
    for line, found in _keys(text):
        common = _common(found, path)
        whole = common in {len(found), len(path)}
        if whole and common > (0 if best is None else best[0]):
            best = (common, line)
    return None if best is None else best[1]


def own_line(text: str, path: KeyPath) -> int | None:
    """Return the line of exactly this key or table header, counted from 1; None where there is none."""
    return next((line for line, found in _keys(text) if found == path), None)


def dotted(path: KeyPath) -> str:
    """Write a path as people do: `task_mix[1].share`."""
    parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return "".join(parts).removeprefix(".")


def _keys(text: str) -> Iterator[tuple[int, KeyPath]]:
    table: KeyPath = ()
    seen: Counter[str] = Counter()
    for number, line in enumerate(text.split("\n"), start=1):
        header, key = _HEADER.fullmatch(line), _KEY.match(line)
        if key is not None:
            yield number, (*table, *_parts(key[1]))
        elif header is not None:
            table = _parts(header[2])
            if header[1] == "[[":
                table = (*table, seen[header[2]])
                seen[header[2]] += 1
            yield number, table


def _parts(name: str) -> tuple[str, ...]:
    return tuple(part.strip("\"'") for part in _PART.findall(name))


def _common(found: KeyPath, path: KeyPath) -> int:
    count = 0
    for left, right in zip(found, path, strict=False):
        if left != right:
            break
        count += 1
    return count
