"""Where two documents first differ."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pydantic import JsonValue

_LONGEST: Final = 60
_NOTHING: Final = "nothing"


def first_difference(then: JsonValue, now: JsonValue, where: str = "$") -> str | None:
    """Say where two JSON values first differ, in the order of sorted keys, and what stands there.

    Returns:
        E.g. `$.seed: 1, now 2`; None where they are the same.
    """
    for inner, left, right in _pairs(then, now, where):
        if found := first_difference(left, right, inner):
            return found
    if _same(then, now):
        return None
    return f"{where}: {_shown(then)}, now {_shown(now)}"


def _pairs(then: JsonValue, now: JsonValue, where: str) -> list[tuple[str, JsonValue, JsonValue]]:
    if isinstance(then, dict) and isinstance(now, dict):
        keys = sorted(then.keys() | now.keys())
        return [(f"{where}.{key}", then.get(key, _NOTHING), now.get(key, _NOTHING)) for key in keys]
    if isinstance(then, list) and isinstance(now, list):
        pairs = zip(then, now, strict=False)
        return [(f"{where}[{place}]", left, right) for place, (left, right) in enumerate(pairs)]
    return []


def _same(then: JsonValue, now: JsonValue) -> bool:
    """Compare what has no parts; of lists that agree as far as both go, the length."""
    if isinstance(then, list) and isinstance(now, list):
        return len(then) == len(now)
    return (isinstance(then, dict) and isinstance(now, dict)) or (type(then), then) == (type(now), now)


def _shown(value: JsonValue) -> str:
    if isinstance(value, list):
        return f"{len(value)} entries"
    text = str(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."
