"""Ranks the variants that an open name might mean: evidence for a person, never a decision.

The rank is simple on purpose, so that the evidence line explains all of it: the share of common
words under the grammar of names (Dice, of the reading that shares most), plus a fixed bonus for each
further piece of evidence. What the grammar spells to the letter comes first. A variant of another
vendor whose first word is not in the name is not worth a person's time.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pipeline.domain.crosswalk import Judgement, Suggestion, Variant
from pipeline.identity.names.exact_match import ExactMatcher, same_dates
from pipeline.identity.names.name_parser import LEVELS, ParsedName, parse_name, parse_release

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pipeline.domain.ids import SourceKey, SourceModelName, SourceName, VariantId
    from pipeline.domain.observation import Entry

SHOWN: Final = 3
"""Suggestions per open name."""

_BONUS: Final = 0.2
"""Worth of one further piece of evidence, beside a word share between 0 and about 1."""
_REASONS: Final = LEVELS | {"on"}
_NOT_ALPHANUMERIC = re.compile(r"[^a-z0-9]")


@dataclass(frozen=True, slots=True, kw_only=True)
class _VariantWords:
    variant: Variant
    spelled: ParsedName
    brand: str
    """First word of the release, e.g. `gpt`."""
    vendor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _NameEvidence:
    entry: Entry
    readings: tuple[ParsedName, ...]
    vendor: str
    exact: VariantId | None
    alike: Mapping[VariantId, SourceName]
    """What other boards' names of the same spelling were judged to be."""


class Suggester:
    """Ranks variants for open names; built once, asked for many names."""

    def __init__(
        self,
        variants: Mapping[VariantId, Variant],
        gone: Mapping[tuple[SourceName, VariantId], SourceModelName],
        judgements: Mapping[tuple[SourceName, SourceKey], Judgement] | None = None,
    ) -> None:
        """Index the variants by the words of their release, and the judged names by their spelling."""
        self._variant_words = tuple(_variant_words(variant) for _, variant in sorted(variants.items()))
        self._gone = gone
        self._agreement = ExactMatcher(variants)
        self._holders: defaultdict[str, list[int]] = defaultdict(list)
        for index, known in enumerate(self._variant_words):
            for word in dict.fromkeys(known.spelled.words):
                self._holders[word].append(index)
        self._alike: defaultdict[str, dict[VariantId, SourceName]] = defaultdict(dict)
        for (source, _), judged in sorted((judgements or {}).items(), reverse=True):
            if judged.variant is not None:
                self._alike[_squeeze(judged.name)][judged.variant] = source

    def suggest(self, entry: Entry) -> tuple[Suggestion, ...]:
        """Return up to three variants that share words with the name, with the evidence in words."""
        evidence = _NameEvidence(
            entry=entry,
            readings=parse_name(entry.name, entry.source),
            vendor=_squeeze(entry.organization or "unknown"),
            exact=self._agreement.exact_variant(entry.name, entry.source),
            alike=self._alike.get(_squeeze(entry.name), {}),
        )
        best: dict[int, tuple[float, int, ParsedName]] = {}
        for place, reading in enumerate(evidence.readings):
            for index, weight in self._weights(evidence, reading):
                if index not in best or weight > best[index][0]:
                    best[index] = (weight, place, reading)
        ranked = sorted(best, key=lambda index: (-best[index][0], self._tie(evidence, index)))
        return tuple(
            Suggestion(
                variant=self._variant_words[index].variant.id,
                evidence=self._evidence(evidence, best[index][2], index),
                share=_share(best[index][2], self._variant_words[index]),
            )
            for index in ranked[:SHOWN]
        )

    def _weights(self, evidence: _NameEvidence, reading: ParsedName) -> Iterable[tuple[int, float]]:
        words = frozenset(reading.words)
        shared = dict.fromkeys(index for word in words for index in self._holders.get(word, ()))
        for index in shared:
            known = self._variant_words[index]
            if known.brand in words or known.vendor == evidence.vendor:
                yield index, _share(reading, known) + _BONUS * len(self._bonuses(evidence, reading, known))

    def _bonuses(self, evidence: _NameEvidence, reading: ParsedName, known: _VariantWords) -> tuple[str, ...]:
        variant = known.variant
        gone = self._gone.get((evidence.entry.source, variant.id))
        alike = evidence.alike.get(variant.id)
        words = (
            "spelled to the letter" if evidence.exact == variant.id else "",
            f"same vendor {variant.vendor}" if evidence.vendor == known.vendor else "",
            _effort(reading, variant),
            _same_day(evidence.entry, variant),
            f"same date {' '.join(reading.dates)}" if reading.dates and _fits_date(reading, known) else "",
            f"{alike} was judged so" if alike is not None else "",
            f"judged name {gone} has left {evidence.entry.source}" if gone is not None else "",
        )
        return tuple(word for word in words if word)

    def _evidence(self, evidence: _NameEvidence, reading: ParsedName, index: int) -> str:
        known = self._variant_words[index]
        common = sorted(set(known.spelled.words).intersection(reading.words))
        return "; ".join((f"shares {' '.join(common)}", *self._bonuses(evidence, reading, known)))

    def _tie(self, evidence: _NameEvidence, index: int) -> tuple[bool, int]:
        """Among equals, a bare name is rather an unstated or a plain setting; then by id."""
        bare = evidence.readings[-1].effort == "default"
        return bare and self._variant_words[index].variant.effort not in {"default", "none"}, index


def _variant_words(variant: Variant) -> _VariantWords:
    return _VariantWords(
        variant=variant,
        spelled=parse_release(variant.release),
        brand=_NOT_ALPHANUMERIC.split(variant.release)[0].rstrip("0123456789") or variant.release,
        vendor=_squeeze(variant.vendor),
    )


def _share(reading: ParsedName, known: _VariantWords) -> float:
    """Compute the Dice coefficient of the words of a name and of a release."""
    words, others = frozenset(reading.words), frozenset(known.spelled.words)
    return 2 * len(words & others) / max(1, len(words) + len(others))


def _effort(reading: ParsedName, variant: Variant) -> str:
    if reading.effort == "default":
        return ""
    if reading.effort == variant.effort:
        return f"same effort {variant.effort}"
    both = reading.effort == "on" and variant.effort in _REASONS
    return f"reasons, as {variant.effort}" if both else ""


def _same_day(entry: Entry, variant: Variant) -> str:
    same = entry.released_on is not None and entry.released_on == variant.released_on
    return f"released on the same day, {variant.released_on}" if same else ""


def _fits_date(reading: ParsedName, known: _VariantWords) -> bool:
    return same_dates(reading.dates, known.spelled.dates, known.variant)


def _squeeze(text: str) -> str:
    return _NOT_ALPHANUMERIC.sub("", text.lower())
