"""Collects what speaks against taking an unjudged name for the one variant that it spells.

One doubt leaves the name open. Each rule answers a way in which exact spelling was wrong, or could be: the
only wrong one among 298 judged names that agreed exactly was a harness result whose name does not say so.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pipeline.identity.names.name_parser import ParsedName, parse_name, parse_release
from pipeline.identity.resolve.catalogue_lookup import CATALOGUES, entries_of, keys_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import date

    from pipeline.domain.crosswalk import Judgement, Variant
    from pipeline.domain.ids import SourceName, VariantId
    from pipeline.domain.observation import Entry, Reading
    from pipeline.identity.names.exact_match import ExactMatcher
    from pipeline.identity.names.source_names import NameId, NameRecord


_HARNESS: Final = "harness"


class MatchVetoes:
    """Applies every rule to a name; built once for a week's names."""

    def __init__(
        self,
        names: Mapping[NameId, NameRecord],
        readings: Sequence[Reading],
        variants: Mapping[VariantId, Variant],
        agreement: ExactMatcher,
    ) -> None:
        """Note what the boards and the catalogues list this week."""
        self._names = names
        self._variants = variants
        self._agreement = agreement
        self._entries = entries_of(readings)
        self._models: defaultdict[tuple[str, ...], set[NameId]] = defaultdict(set)
        for source, key in self._entries:
            self._models[parse_release(key.rpartition("/")[2]).words].add((source, key))
        self._apart: defaultdict[tuple[SourceName, tuple[str, ...]], set[str]] = defaultdict(set)
        self._harness: defaultdict[SourceName, set[str]] = defaultdict(set)
        for (source, _), one in names.items():
            self._note(source, one.entry.name)

    def about(self, case: VetoCase, judgements: Mapping[NameId, Judgement], on: date) -> tuple[str, ...]:
        """Return what speaks against a case on a day; nothing where it may be used provisionally."""
        found = (
            _unreadable_name(case),
            _another_reading(case, self._agreement.candidates(case.entry.name, case.entry.source)),
            self._a_model_of_its_own(case),
            self._bare_name(case),
            self._in_a_harness(case, judgements.values()),
            self._other_vendor(case, judgements),
            _second_name(case, judgements.values()),
            _other_judgement(case, judgements.values()),
            _unstated_budget(case, judgements.values()),
            _other_date(case, on),
        )
        return tuple(word for word in found if word)

    def _note(self, source: SourceName, name: str) -> None:
        last = parse_name(name, source)[-1]
        if last.effort != "default":
            self._apart[source, last.words].add(name)
        if last.harness:
            self._harness[source] |= self._agreement.vendors(name, source)

    def _a_model_of_its_own(self, case: VetoCase) -> str:
        """The whole name may be a model, its last word no effort: only the catalogues can tell."""
        literal = parse_name(case.entry.name, case.entry.source)[0]
        if literal == case.reading:
            return ""
        if not self._entries:
            return f"no catalogue was read that could list {' '.join(literal.words)} as a model of its own"
        own = {(source, key) for source in CATALOGUES for key in keys_of(case.variant, source, self._entries)}
        listed = sorted(self._models.get(literal.words, set()) - own)
        return f"{listed[0][0]} lists {listed[0][1]}, a model of the whole name" if listed else ""

    def _bare_name(self, case: VetoCase) -> str:
        """Beside a row that states its effort, a bare name may mean none as well as the default."""
        apart = sorted(self._apart.get((case.entry.source, case.reading.words), ()))
        if case.reading.effort != "default" or not apart:
            return ""
        return f"{apart[0]} is listed apart, so the bare name does not say what it runs"

    def _in_a_harness(self, case: VetoCase, judged: Collection[Judgement]) -> str:
        """Where a board runs a vendor's models in a harness, not every name says so."""
        source, vendor = case.entry.source, case.variant.vendor
        stated = any(
            vendor in self._agreement.vendors(one.name, source)
            for one in judged
            if one.source == source and _HARNESS in one.name.lower()
        )
        if not stated and vendor not in self._harness.get(source, ()):
            return ""
        return f"{source} runs models of {vendor} in a harness, and not every name says so"

    def _other_vendor(self, case: VetoCase, judgements: Mapping[NameId, Judgement]) -> str:
        """What a source calls a vendor is learned from its judged names, or is the vendor's own word."""
        organization, vendor = case.entry.organization, case.variant.vendor
        known = {
            self._variants[one.variant].vendor
            for place, one in judgements.items()
            if one.variant is not None
            and one.source == case.entry.source
            and place in self._names
            and self._names[place].entry.organization == organization
        }
        same_word = squeeze(organization or "") == squeeze(vendor)
        if organization is None or vendor in known or (not known and same_word):
            return ""
        return f"{case.entry.source} lists it as {organization}'s, the variant is {vendor}'s"


def squeeze(text: str) -> str:
    """Leave only letters and digits, in lower case: `Z AI` is `zai`."""
    return "".join(letter for letter in text.lower() if letter.isalnum())


SAME_RELEASE_DAYS: Final = 7
"""Days between two dates of one release: of 220 dated rows of the index that people judged, 215 bear the
variant's very day and the other five are previews or re-issues, 12 days or more away."""
_READ: Final = re.compile(r"[A-Za-z0-9]([A-Za-z0-9 .,:+()\[\]'-]*[A-Za-z0-9+)\]])?")
"""Characters that the grammar reads or may pass over; a line of judgements.csv can hold them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VetoCase:
    """One unjudged name, the variant it spells, and the reading that says so."""

    entry: Entry
    variant: Variant
    reading: ParsedName


def _unreadable_name(case: VetoCase) -> str:
    """Refuse a name with characters that the grammar passes over, and a key that no line can hold."""
    key = case.entry.key
    if _READ.fullmatch(case.entry.name) and key.isascii() and key.isprintable() and key == key.strip():
        return ""
    return f"{case.entry.name!r} holds characters that the grammar does not read"


def _another_reading(case: VetoCase, candidates: Sequence[tuple[ParsedName, Variant]]) -> str:
    """Refuse a name of which another reading spells another variant."""
    rest = sorted({variant.id for _, variant in candidates} - {case.variant.id})
    return f"read otherwise it is {rest[0]}" if rest else ""


def _second_name(case: VetoCase, judged: Collection[Judgement]) -> str:
    """Refuse a second name of a source for one variant: two rows of one variant never add up."""
    names = sorted(
        one.name for one in judged if one.variant == case.variant.id and one.source == case.entry.source
    )
    return f"{names[0]!r} of {case.entry.source} is judged to be {case.variant.id} already" if names else ""


def _other_judgement(case: VetoCase, judged: Collection[Judgement]) -> str:
    """Refuse a string that a person judged to mean something else on any board."""
    name = case.entry.name.lower()
    for one in sorted(judged, key=lambda each: (each.source, each.key)):
        if one.name.lower() == name and one.variant != case.variant.id:
            meaning = one.variant or "nothing we route to"
            return f"{one.name!r} of {one.source} was judged to mean {meaning}"
    return ""


def _unstated_budget(case: VetoCase, judged: Collection[Judgement]) -> str:
    """Refuse a variant that another board knows by a budget: `(Reasoning)` is not `-thinking-16k`."""
    for one in sorted(judged, key=lambda each: (each.source, each.key)):
        if one.variant == case.variant.id and parse_name(one.name, one.source)[-1].blurred:
            return (
                f"{one.source} knows {case.variant.id} as {one.name}, with a setting this name does not state"
            )
    return ""


def _other_date(case: VetoCase, on: date) -> str:
    """Refuse a release date that is still to come, or that is not the variant's."""
    dated, known = case.entry.released_on, case.variant.released_on
    if dated is None:
        return ""
    if dated > on:
        return f"it is dated {dated}, after the data of {on}"
    if known is not None and abs((dated - known).days) > SAME_RELEASE_DAYS:
        return f"it is dated {dated}, the variant {known}"
    return ""
