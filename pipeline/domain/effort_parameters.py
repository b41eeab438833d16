"""Reads the parameters a route is sent for an effort, from the cells of `data/crosswalk/variants.csv`.

A cell is short where providers agree on a word and spells the parameters out where they do not; either way
`parameters_sent` says exactly what goes on the wire.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final, TypeAlias

from pipeline.route_parameters import SHAPES, misfit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import JsonValue

    Send: TypeAlias = Mapping[str, JsonValue]

LITELLM: Final = "litellm"
OPENROUTER: Final = "openrouter"

NOTHING: Final = "-"
"""The route runs the effort when nothing is sent."""
LEVELS: Final = ("none", "minimal", "low", "medium", "high", "xhigh", "max")
"""Words that `reasoning_effort` takes."""
EXPECTED: Final = (
    f"{NOTHING}, one of {', '.join(LEVELS)}, a thinking budget like 16000, or the parameters as compact JSON "
    'with sorted keys, e.g. {"extra_body":{"reasoning":{"enabled":true}}}'
)

_BUDGET = re.compile(r"[1-9][0-9]{2,6}", re.ASCII)


def parameters_sent(route: str, cell: str) -> Send:
    """Return the parameters a route is sent; empty where it runs the effort unasked.

    LiteLLM takes its call parameters, `thinking.budget_tokens` in tokens; OpenRouter the field `reasoning`
    of its body, whose `max_tokens` is the budget.

    Raises:
        ValueError: The cell is none of `EXPECTED`, or names a parameter that is not the route's.
    """
    if cell == NOTHING:
        return {}
    if cell in LEVELS:
        return {"reasoning_effort": cell} if route == LITELLM else {"reasoning": {"effort": cell}}
    if _BUDGET.fullmatch(cell):
        budget = int(cell)
        if route == LITELLM:
            return {"thinking": {"type": "enabled", "budget_tokens": budget}}
        return {"reasoning": {"max_tokens": budget}}
    return _parameters(route, cell)


def _parameters(route: str, cell: str) -> Send:
    try:
        value: JsonValue = json.loads(cell)
    except ValueError:
        value = None
    if not isinstance(value, dict) or not value or not _plain(value):
        raise ValueError(EXPECTED)
    if cell != json.dumps(value, sort_keys=True, separators=(",", ":")):
        raise ValueError(EXPECTED)
    shape = SHAPES[route]
    if not set(value) <= set(shape):
        raise ValueError(f"parameters out of {', '.join(sorted(shape))} only")
    if problem := misfit(value, shape):
        raise ValueError(f"parameters out of those a route may be sent ({problem})")
    return value


def _plain(value: JsonValue) -> bool:
    """Tell that a value is made of text, whole numbers, booleans and objects: what every pool can hold."""
    if isinstance(value, dict):
        return all(_plain(item) for item in value.values())
    return isinstance(value, str | int)
