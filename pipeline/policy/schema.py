"""What the policy model expects at a key, in words, read from its JSON Schema."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from pipeline.domain.policy import Policy

if TYPE_CHECKING:
    from pydantic import JsonValue

    from pipeline.policy.places import KeyPath

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
