"""Checks what a route may be sent, parameter by parameter: never an address, a key or a model.

The crosswalk's reader and the router's reader both ask here, so neither takes what the other refuses.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, TypeAlias

Shape: TypeAlias = "type[str | int | bool] | Mapping[str, Shape]"
"""A word, a whole number, a switch, or an object of these by name."""

_THINKING: Final[Mapping[str, Shape]] = MappingProxyType({"budget_tokens": int, "type": str})
_REASONING: Final[Mapping[str, Shape]] = MappingProxyType({"effort": str, "enabled": bool, "max_tokens": int})
_EXTRA_BODY: Final[Mapping[str, Shape]] = MappingProxyType(
    {
        "generationConfig": {"thinkingConfig": {"thinkingBudget": int}},
        "reasoning": _REASONING,
        "thinking": _THINKING,
    }
)

SHAPES: Final[Mapping[str, Mapping[str, Shape]]] = MappingProxyType(
    {
        "litellm": MappingProxyType(
            {"extra_body": _EXTRA_BODY, "reasoning_effort": str, "thinking": _THINKING}
        ),
        "openrouter": MappingProxyType({"reasoning": _REASONING}),
    }
)
"""Everything that may be sent, by router: what the crosswalk's effort columns use."""

_WORD: Final = re.compile(r"[a-z]{1,32}")
_EXPECTED: Final[Mapping[type, str]] = MappingProxyType(
    {str: "a word of lower-case letters", int: "a whole number", bool: "true or false"}
)


def misfit(value: object, shape: Shape, where: str = "") -> str | None:
    """Say what in a value is not of its shape; None when all of it is.

    Args:
        value: What a route is to be sent, or a part of it.
        shape: What is allowed there, from `SHAPES`.
        where: Dotted name of the part, for the message.
    """
    if not isinstance(shape, Mapping):
        return None if _is_leaf(value, shape) else f"{where} should be {_EXPECTED[shape]}"
    if not isinstance(value, Mapping):
        return f"{where} should be an object"
    for key in sorted(value):
        path = f"{where}.{key}" if where else key
        if key not in shape:
            return f"{path} may not be sent, only {', '.join(sorted(shape))}"
        if problem := misfit(value[key], shape[key], path):
            return problem
    return None


def _is_leaf(value: object, kind: type) -> bool:
    """Tell that a value is exactly of a kind: true is no number, and an address or a key is no word."""
    return type(value) is kind and (not isinstance(value, str) or _WORD.fullmatch(value) is not None)
