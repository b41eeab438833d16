"""Which names may come in at all: a name is data, and travels to terminals, pages and spreadsheets."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_PLAIN = re.compile(r"[A-Za-z0-9 ._:/()\[\]+,'&~@-]{1,120}")
"""Every name, id, organisation and licence in all stored captures fits (longest name: 72 characters)."""


def is_plain(name: str) -> bool:
    """Say whether a name holds only plain ASCII and at most 120 characters."""
    return _PLAIN.fullmatch(name) is not None


def plain_or_none(value: object) -> str | None:
    """Return a side note such as a licence when it is plain text, else None."""
    return value.strip() if isinstance(value, str) and value.strip() and is_plain(value) else None


def twins(keys: Iterable[tuple[str, str]]) -> Mapping[str, str]:
    """Find keys whose names differ only in case, in width or in blanks around them.

    Args:
        keys: Pairs of key and name; keys are distinct.

    Returns:
        For every such key, the name of another one that looks the same: the first one, or for the first the
        second.
    """
    alike: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    for key, name in keys:
        alike[unicodedata.normalize("NFKC", name).casefold().strip()].append((key, name))
    found: dict[str, str] = {}
    for group in alike.values():
        if len(group) > 1:
            first, second = sorted(group)[:2]
            found |= {key: second[1] if key == first[0] else first[1] for key, _ in group}
    return found
