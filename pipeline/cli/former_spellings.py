"""Answers a command line spelled as in earlier versions with today's spelling."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_NAMES: Final = {"judge": "map", "suggest": "suggest", "undo": "undo"}
_OPTIONS: Final[Mapping[str, Mapping[str, str]]] = {
    "approve": {"--reason": "--note"},
    "reject": {"--reason": "--note"},
    "sources": {"--reason": "--note"},
    "crosswalk": {"--reason": "--note"},
    "whatif": {"--drill": "--vendor-outage"},
}


def todays_spelling(typed: Sequence[str]) -> tuple[str, ...] | None:
    """Return the same command line as it is spelled today; None where it is."""
    words = _options(_command(tuple(typed)))
    return None if words == tuple(typed) else words


def _command(typed: tuple[str, ...]) -> tuple[str, ...]:
    if typed[:1] == ("names",):
        known = typed[1:2] and typed[1] in _NAMES
        return ("crosswalk", _NAMES[typed[1]], *typed[2:]) if known else ("crosswalk", "open", *typed[1:])
    if typed[:1] == ("run",) and any(word.partition("=")[0] == "--as-of" for word in typed):
        return ("replay", *typed[1:])
    return typed


def _options(typed: tuple[str, ...]) -> tuple[str, ...]:
    renamed = _OPTIONS.get(typed[0], {}) if typed else {}
    told = ((*word.partition("="),) for word in typed)
    return tuple(f"{renamed.get(option, option)}{equals}{value}" for option, equals, value in told)
