"""Matches unjudged names that spell exactly one variant; used this week where nothing speaks against it.

Nothing is decided here. What is used provisionally stands in the proposal, name by name with its evidence,
and becomes a line of judgements.csv only where a person approves exactly that proposal.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pipeline.domain.crosswalk import Crosswalk, Judgement, ProvisionalMatch, Suggestion
from pipeline.domain.ids import ARTIFICIAL_ANALYSIS, VariantId
from pipeline.domain.observation import Finding, Price, Reading, Severity
from pipeline.identity.names.exact_match import ExactMatcher
from pipeline.identity.names.match_vetoes import MatchVetoes, VetoCase
from pipeline.identity.names.source_names import NameId, name_records
from pipeline.identity.resolve.catalogue_lookup import catalogue_prices

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True)
class NameCandidate:
    """A name that spells one variant, with the prices that may contradict it."""

    agreed: ProvisionalMatch
    release: str
    own: tuple[Price, ...]
    """What the name's own row states."""
    others: tuple[Price, ...]
    """What catalogues and the judged rows of other efforts state for the variant's release."""


class ProvisionalMatcher:
    """Looks at one name after another; built once for a week's readings."""

    def __init__(self, readings: Sequence[Reading], crosswalk: Crosswalk, *, on: date) -> None:
        """Read the names and the spelling of every variant."""
        self.names, _ = name_records(readings)
        self._readings = readings
        self._variants = crosswalk.variants
        self._agreement = ExactMatcher(crosswalk.variants)
        self._doubts = MatchVetoes(self.names, readings, crosswalk.variants, self._agreement)
        self._on = on

    def examine(self, place: NameId, judgements: Mapping[NameId, Judgement]) -> NameCandidate | None:
        """Return the variant a name spells with what speaks for and against it; None where it spells none.

        Args:
            place: An unjudged name of this week.
            judgements: What people said about other names.
        """
        published = self.names[place]
        entry = published.entry
        variant = self._agreement.exact_variant(entry.name, entry.source)
        if variant is None:
            return None
        found = self._agreement.candidates(entry.name, entry.source)
        reading = next(reading for reading, one in found if one.id == variant)
        case = VetoCase(entry=entry, variant=self._variants[variant], reading=reading)
        agreed = ProvisionalMatch(
            source=entry.source,
            key=entry.key,
            name=entry.name,
            variant=variant,
            evidence=_evidence(case, judgements),
            doubts=self._doubts.about(case, judgements, self._on),
        )
        return NameCandidate(
            agreed=agreed,
            release=case.variant.release,
            own=published.prices,
            others=self.prices(variant, judgements) if published.prices else (),
        )

    def prices(self, name: VariantId, judgements: Mapping[NameId, Judgement]) -> tuple[Price, ...]:
        """Collect what is stated for a variant's release: by catalogues, and by the index at any effort."""
        variant = self._variants[name]
        listed = catalogue_prices(self._readings, {name: variant})
        siblings = [
            price
            for place, one in judgements.items()
            if place[0] == ARTIFICIAL_ANALYSIS and place in self.names and one.variant is not None
            if self._variants[one.variant].release == variant.release
            for price in self.names[place].prices
        ]
        return (*(price for rows in listed.values() for price in rows), *siblings)


def name_candidates(
    readings: Sequence[Reading], crosswalk: Crosswalk, *, on: date
) -> tuple[NameCandidate, ...]:
    """Examine every name that nobody ever judged, sorted by source and key.

    A name whose judgement was withdrawn is left to a person, and so are two names of one source that
    spell the same variant.
    """
    examiner = ProvisionalMatcher(readings, crosswalk, on=on)
    asked = [
        place
        for place in examiner.names
        if place not in crosswalk.judgements and place not in crosswalk.withdrawn
    ]
    found = [one for place in asked if (one := examiner.examine(place, crosswalk.judgements))]
    count = Counter((one.agreed.source, one.agreed.variant) for one in found)
    return tuple(
        _with_doubt(one, f"another unjudged name of {one.agreed.source} spells {one.agreed.variant} too")
        if count[one.agreed.source, one.agreed.variant] > 1
        else one
        for one in found
    )


def provisional_findings(provisional: Sequence[ProvisionalMatch]) -> tuple[Finding, ...]:
    """Note each name that is used without a judgement."""
    return tuple(
        Finding(
            kind="provisional",
            severity=Severity.NOTE,
            subject=match.variant,
            message=f"{match.name!r} of {match.source} ({match.key}) is used as {match.variant} "
            f"until a person decides: {'; '.join(match.evidence)}",
        )
        for match in provisional
    )


def with_doubts(
    suggestions: tuple[Suggestion, ...], agreed: ProvisionalMatch | None
) -> tuple[Suggestion, ...]:
    """Add to the variant a name spells what speaks against it."""
    if agreed is None or not agreed.doubts:
        return suggestions
    against = f"but {'; '.join(agreed.doubts)}"
    return tuple(
        replace(suggestion, evidence=f"{suggestion.evidence}; {against}")
        if suggestion.variant == agreed.variant
        else suggestion
        for suggestion in suggestions
    )


def _with_doubt(one: NameCandidate, doubt: str) -> NameCandidate:
    return replace(one, agreed=replace(one.agreed, doubts=(*one.agreed.doubts, doubt)))


def _evidence(case: VetoCase, judgements: Mapping[NameId, Judgement]) -> tuple[str, ...]:
    """Say what agrees, field by field."""
    entry, variant, reading = case.entry, case.variant, case.reading
    alike: defaultdict[str, list[str]] = defaultdict(list)
    for judgement in judgements.values():
        if judgement.variant == variant.id and judgement.source != entry.source:
            alike[judgement.source].append(judgement.name)
    reasons = (
        f"spells {variant.release} to the letter ({' '.join(reading.words)})",
        f"effort {reading.effort}" if reading.effort != "default" else "no effort stated",
        f"date {' '.join(reading.dates)}" if reading.dates else "",
        f"vendor {entry.organization}" if entry.organization else "vendor not stated",
        f"released {entry.released_on}" if entry.released_on else "",
        *(f"{source} calls it {min(names)}" for source, names in sorted(alike.items())),
    )
    return tuple(word for word in reasons if word)
