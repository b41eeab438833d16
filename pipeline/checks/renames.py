"""Proposes renames: a name that leaves a board in the week another comes may be the same model.

Only proposed to a person, with the evidence; nothing is joined by likeness. Boards renamed 30 names in three
years, a dozen of them in one month, and each looked like a drop and a new model.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.checks.findings import finding
from pipeline.domain.observation import Entry, Finding, Observation, Reading, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pipeline.domain.ids import SourceKey

_MAIN = "/overall"
_FARTHEST = 7.0
"""Points of rating: real renames moved by 1.0 at most within two weeks, by 6.3 within six."""
_FEWEST_VOTES, _MOST_VOTES = 0.75, 6.0
"""Votes after by votes before: real renames lost 19 % at most and grew 4 times within six weeks."""
_LEAST_ALIKE = 0.5
_ONE_BY_ONE = 2
"""Renames of one source that are told one by one, with their figures."""
_WORDS = re.compile(r"[a-z]+|[0-9]+(?:\.[0-9]+)*")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pair:
    """A name that left and a name that came, and how well they fit."""

    old: Observation
    new: Observation
    unlike: float
    """0 for the same words in the same order, 1 for no common word."""
    organization: str
    licence: str

    @property
    def distance(self) -> tuple[float, str, str]:
        """Sorts the best fit first: likeness of the names, then of ratings and votes."""
        moved = abs(self.new.value - self.old.value) / _FARTHEST
        voted = abs(math.log((self.new.votes or 1) / (self.old.votes or 1)))
        return (self.unlike + moved + voted, self.old.key, self.new.key)


def renames(reading: Reading, last: Reading) -> tuple[Finding, ...]:
    """Propose pairs of an old and a new name, one to one, the best fit first.

    Args:
        reading: What the source says now.
        last: What it said before; of another scale nothing is proposed.
    """
    return tuple(
        finding(reading, "rename", Severity.WARN, _rename_words(pair))
        for pair in _find_renamed(reading, last)
    )


def rename_findings(reading: Reading, last: Reading) -> tuple[Finding, ...]:
    """Propose the same pairs, in one line where they are a sweep of a source's names."""
    pairs = _find_renamed(reading, last)
    if len(pairs) <= _ONE_BY_ONE:
        return renames(reading, last)
    names = "; ".join(f"{pair.old.name} is gone and {pair.new.name} is new" for pair in pairs)
    message = f"{len(pairs)} names changed while organisation, rating and votes fit: {names}"
    return (finding(reading, "rename", Severity.WARN, message),)


def _find_renamed(reading: Reading, last: Reading) -> list[_Pair]:
    if reading.scale != last.scale:
        return []
    left, came = _only_in(last, reading), _only_in(reading, last)
    pairs = [pair for old in left for new in came if (pair := _fit(old, new))]
    taken: set[SourceKey] = set()
    found: list[_Pair] = []
    for pair in sorted(pairs, key=lambda each: each.distance):
        if not {pair.old.key, pair.new.key} & taken:
            taken |= {pair.old.key, pair.new.key}
            found.append(pair)
    return found


def _only_in(one: Reading, other: Reading) -> list[tuple[Entry, Observation]]:
    """Return what only one of two readings lists, where it is rated on the whole board."""
    known = {entry.key for entry in other.entries}
    rated = {row.key: row for row in one.observations if row.metric.endswith(_MAIN)}
    return [
        (entry, rated[entry.key]) for entry in one.entries if entry.key not in known and entry.key in rated
    ]


def _fit(before: tuple[Entry, Observation], after: tuple[Entry, Observation]) -> _Pair | None:
    (left, old), (came, new) = before, after
    if not left.organization or left.organization != came.organization or not old.votes or not new.votes:
        return None
    if abs(new.value - old.value) > _FARTHEST or not _FEWEST_VOTES <= new.votes / old.votes <= _MOST_VOTES:
        return None
    alike = _shared_words(old.key, new.key)
    if alike < _LEAST_ALIKE:
        return None
    same = left.licence == came.licence
    return _Pair(
        old=old,
        new=new,
        unlike=1 - alike,
        organization=left.organization,
        licence="the same licence" if same else f"licence {left.licence} before, {came.licence} now",
    )


def _shared_words(old: str, new: str) -> float:
    """Share of the shorter name's words that both names begin with; 0 where their version numbers differ."""
    before, after = _WORDS.findall(old.lower()), _WORDS.findall(new.lower())
    if not before or not after or _versions(before) != _versions(after):
        return 0.0
    same = next(
        (place for place, (one, other) in enumerate(zip(before, after, strict=False)) if one != other),
        min(len(before), len(after)),
    )
    return same / min(len(before), len(after))


def _versions(words: Iterable[str]) -> list[str]:
    return sorted(word for word in words if word[0].isdigit())


def _rename_words(pair: _Pair) -> str:
    return (
        f"{pair.old.name} is gone and {pair.new.name} is new: same organisation ({pair.organization}), "
        f"{pair.licence}, rating {pair.old.value:.1f} then {pair.new.value:.1f}, votes {pair.old.votes} then "
        f"{pair.new.votes}; probably one model under a new name"
    )
