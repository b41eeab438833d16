"""Says which field of a TOML file is wrong and what belongs there, from the schema of its model."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from pipeline.toml_file import KeyPath, dotted_key

if TYPE_CHECKING:
    from pydantic import BaseModel, JsonValue
    from pydantic_core import ErrorDetails


_Node = dict[str, "JsonValue"]

_SHOWN = 80
"""Characters of a broken value that a message quotes."""
_KINDS = {"string": "text", "object": "table", "array": "list", "boolean": "true or false"}
_BOUNDS = {"minimum": "at least", "exclusiveMinimum": "above", "maximum": "at most"}


def explain_error(model: type[BaseModel], key: KeyPath, problem: ErrorDetails) -> tuple[str, str]:
    """Say what was found at a key, and what was expected there."""
    name = dotted_key(key)
    message = problem["msg"].removeprefix("Value error, ")
    if problem["type"] == "missing":
        return f"{name} is missing", f"a value: {expected_at(model, key)}"
    if problem["type"] == "extra_forbidden":
        return f"{name} is not a key of this file", f"one of {expected_at(model, key[:-1])}"
    if problem["type"] == "value_error":
        return message, "parts that agree"
    seen = repr(problem["input"])
    shown = seen if len(seen) <= _SHOWN else f"{seen[:_SHOWN]}…"
    return f"{name} is {shown}", message.removeprefix("Input should be ")


def expected_at(model: type[BaseModel], path: KeyPath) -> str:
    """Say what belongs at a key: the keys of a table, or the form of a value."""
    root = node = _schema(model)
    for part in path:
        node = _resolve(root, _field_of(node, part))
    properties = node.get("properties")
    if isinstance(properties, dict):
        return ", ".join(sorted(properties))
    return f"{_kind(node)} {' and '.join(_bounds(node))}".rstrip()


@cache
def _schema(model: type[BaseModel]) -> _Node:
    return model.model_json_schema(by_alias=False)


def _field_of(node: _Node, part: str | int) -> _Node:
    if isinstance(part, int):
        return _as_node(node.get("items"))
    properties = _as_node(node.get("properties"))
    return _as_node(properties.get(part, node.get("additionalProperties")))


def _resolve(root: _Node, node: _Node) -> _Node:
    """Follow a reference, and take the form of a value that may also be absent."""
    options = node.get("anyOf")
    if isinstance(options, list):
        return _resolve(root, next(_as_node(option) for option in options if option != {"type": "null"}))
    reference = node.get("$ref")
    if not isinstance(reference, str):
        return node
    return _as_node(_as_node(root.get("$defs")).get(reference.rpartition("/")[2]))


def _as_node(value: JsonValue) -> _Node:
    return value if isinstance(value, dict) else {}


def _kind(node: _Node) -> str:
    words = node.get("enum")
    if isinstance(words, list):
        return f"one of {', '.join(map(str, words))}"
    kind = node.get("type")
    return _KINDS.get(kind, kind) if isinstance(kind, str) else "see the starting policy"


def _bounds(node: _Node) -> tuple[str, ...]:
    return tuple(f"{words} {node[key]}" for key, words in _BOUNDS.items() if key in node)
