"""Doubts that need only the name, the variant and what people judged before."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pipeline.identity.grammar import read

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import date

    from pipeline.domain.crosswalk import Judgement, Variant
    from pipeline.domain.observation import Entry
    from pipeline.identity.grammar import Spelled

SAME_RELEASE_DAYS: Final = 7
"""Days between two dates of one release: of 220 dated rows of the index that people judged, 215 bear the
variant's very day and the other five are previews or re-issues, 12 days or more away."""
_READ: Final = re.compile(r"[A-Za-z0-9]([A-Za-z0-9 .,:+()\[\]'-]*[A-Za-z0-9+)\]])?")
"""Characters that the grammar reads or may pass over; a line of judgements.csv can hold them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One unjudged name, the variant it spells, and the reading that says so."""

    entry: Entry
    variant: Variant
    reading: Spelled


def unread(case: Case) -> str:
    """Refuse a name with characters that the grammar passes over, and a key that no line can hold."""
    key = case.entry.key
    if _READ.fullmatch(case.entry.name) and key.isascii() and key.isprintable() and key == key.strip():
        return ""
    return f"{case.entry.name!r} holds characters that the grammar does not read"


def others(case: Case, candidates: Sequence[tuple[Spelled, Variant]]) -> str:
    """Refuse a name of which another reading spells another variant."""
    rest = sorted({variant.id for _, variant in candidates} - {case.variant.id})
    return f"read otherwise it is {rest[0]}" if rest else ""


def taken(case: Case, judged: Collection[Judgement]) -> str:
    """Refuse a second name of a source for one variant: two rows of one variant never add up."""
    names = sorted(
        one.name for one in judged if one.variant == case.variant.id and one.source == case.entry.source
    )
    return f"{names[0]!r} of {case.entry.source} is judged to be {case.variant.id} already" if names else ""


def said_otherwise(case: Case, judged: Collection[Judgement]) -> str:
    """Refuse a string that a person judged to mean something else on any board."""
    name = case.entry.name.lower()
    for one in sorted(judged, key=lambda each: (each.source, each.key)):
        if one.name.lower() == name and one.variant != case.variant.id:
            meaning = one.variant or "nothing we route to"
            return f"{one.name!r} of {one.source} was judged to mean {meaning}"
    return ""


def budgets(case: Case, judged: Collection[Judgement]) -> str:
    """Refuse a variant that another board knows by a budget: `(Reasoning)` is not `-thinking-16k`."""
    for one in sorted(judged, key=lambda each: (each.source, each.key)):
        if one.variant == case.variant.id and read(one.name, one.source)[-1].blurred:
            return (
                f"{one.source} knows {case.variant.id} as {one.name}, with a setting this name does not state"
            )
    return ""


def dates(case: Case, on: date) -> str:
    """Refuse a release date that is still to come, or that is not the variant's."""
    said, known = case.entry.released_on, case.variant.released_on
    if said is None:
        return ""
    if said > on:
        return f"it is dated {said}, after the data of {on}"
    if known is not None and abs((said - known).days) > SAME_RELEASE_DAYS:
        return f"it is dated {said}, the variant {known}"
    return ""
