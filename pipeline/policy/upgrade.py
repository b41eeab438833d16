"""Rewrites a policy file of an earlier format: keys that are gone, keys that are new, with their reasons.

Everything else stays as people wrote it, comments included.
"""

from __future__ import annotations

import re
from typing import Final

from pipeline.toml_file import KeyPath, own_line

CURRENT: Final = 2
"""Number of the form that this program reads."""

_NUMBER: Final = re.compile(r"=\s*[0-9]+")

_GONE: Final[tuple[KeyPath, ...]] = tuple(
    ("change", key)
    for key in (
        "admissible_joint",
        "challenge_joint",
        "worst_margin_elo",
        "reach_elo",
        "price_weight_elo",
        "voluntary_swaps",
        "cost_swaps",
    )
)
"""What format 1 has and format 2 does not: a swap is judged by value alone."""

_NEW: Final[tuple[KeyPath, ...]] = (
    ("worth",),
    ("change", "least_gain_per_100"),
    ("change", "swap_intervals"),
)
"""What format 2 has and format 1 does not; a table stands before `[change]`, a key below its header."""


def upgrade_text(text: str, starter: str) -> str:
    """Write a policy of format 1 as format 2; one that is of format 2 already comes back as it is.

    Line ends stay as they are. What comes out is for the caller to check: a key that spans lines is not
    followed.

    Args:
        text: The operator's file.
        starter: The shipped one: new keys come from it, each with the comment that gives its reason.
    """
    end = "\r\n" if 0 < text.count("\n") == text.count("\r\n") else "\n"
    lines = text.split(end)
    for path in _GONE:
        lines = _remove_key(lines, path)
    for path in _NEW:
        if _line_index(lines, path) is None:
            lines = _insert_key(lines, path, starter.split("\n"))
    number = _line_index(lines, ("format",))
    if number is not None:
        lines[number] = _NUMBER.sub(f"= {CURRENT}", lines[number], count=1)
    return end.join(lines)


def _remove_key(lines: list[str], path: KeyPath) -> list[str]:
    """Leave out a key with the comment above it; a key that is not there changes nothing."""
    at = _line_index(lines, path)
    if at is None:
        return lines
    return [*lines[: _comment_above(lines, at)], *lines[at + 1 :]]


def _insert_key(lines: list[str], path: KeyPath, starter: list[str]) -> list[str]:
    """Put in a table before `[change]`, or a key below the header of its table."""
    change = _line_index(lines, ("change",))
    source = _line_index(starter, path)
    if change is None or source is None:
        return lines
    first = _comment_above(starter, source)
    if len(path) > 1:
        return [*lines[: change + 1], *starter[first : source + 1], *lines[change + 1 :]]
    last = next((at for at in range(source, len(starter)) if not starter[at].strip()), len(starter))
    before = _comment_above(lines, change)
    return [*lines[:before], *starter[first:last], "", *lines[before:]]


def _line_index(lines: list[str], path: KeyPath) -> int | None:
    """Return the index of a key's own line; None where the file has no such key."""
    found = own_line("\n".join(lines), path)
    return None if found is None else found - 1


def _comment_above(lines: list[str], at: int) -> int:
    """Return the index where the comment that belongs to a line begins."""
    while at and lines[at - 1].lstrip().startswith("#"):
        at -= 1
    return at
