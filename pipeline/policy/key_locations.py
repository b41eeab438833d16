"""Finds the line of a dotted key in a TOML text, for messages; the parser keeps no positions."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from typing import TYPE_CHECKING

from pipeline.domain.policy import Policy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic import JsonValue


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


def dotted_key(path: KeyPath) -> str:
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


_Node = dict[str, "JsonValue"]
_BOUNDS = {"minimum": "at least", "exclusiveMinimum": "above", "maximum": "at most"}


def expected_at(path: KeyPath) -> str:
    """Say what belongs at a key: the keys of a table, or the form of a value."""
    node = _schema()
    for part in path:
        node = _resolved(_below(node, part))
    properties = node.get("properties")
    if isinstance(properties, dict):
        return ", ".join(sorted(properties))
    return " ".join((_kind(node), *_bounds(node)))


@cache
def _schema() -> _Node:
    return Policy.model_json_schema()


def _below(node: _Node, part: str | int) -> _Node:
    if isinstance(part, int):
        return _as_node(node.get("items"))
    properties = _as_node(node.get("properties"))
    return _as_node(properties.get(part, node.get("additionalProperties")))


def _resolved(node: _Node) -> _Node:
    reference = node.get("$ref")
    if not isinstance(reference, str):
        return node
    return _as_node(_as_node(_schema().get("$defs")).get(reference.rpartition("/")[2]))


def _as_node(value: JsonValue) -> _Node:
    return value if isinstance(value, dict) else {}


def _kind(node: _Node) -> str:
    kind = node.get("type")
    return kind if isinstance(kind, str) else "see the starting policy"


def _bounds(node: _Node) -> tuple[str, ...]:
    return tuple(f"{words} {node[key]}" for key, words in _BOUNDS.items() if key in node)
