"""Dates of deprecation that only a third opinion states: worth a look, not a reason to leave a route."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from pipeline.domain.names import OPENROUTER
from pipeline.domain.observation import Finding, Severity
from pipeline.identity.columns import CATALOGUES, entries_of, keys_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import date

    from pipeline.domain.crosswalk import Profile, Variant
    from pipeline.domain.names import VariantId
    from pipeline.domain.observation import Reading


def retiring(
    readings: Sequence[Reading],
    variants: Collection[Variant],
    profiles: Mapping[VariantId, Profile],
    *,
    until: date,
) -> tuple[Finding, ...]:
    """Report releases that a catalogue says end by a day, where the date in force is later or unknown.

    OpenRouter's date, and people's, already decide in `profiles`; the others list models long after
    their own date (`deepseek/deepseek-chat`), so theirs are for a person to enter in variants.csv.

    Args:
        readings: This week's readings.
        variants: The variants to look at.
        profiles: What is in force for each.
        until: The last day that is near.
    """
    entries = entries_of(readings)
    told: defaultdict[tuple[str, str, str, date], set[str]] = defaultdict(set)
    for variant in variants:
        known = profiles[variant.id].retires_on
        for source in CATALOGUES:
            places = [(source, key) for key in keys_of(variant, source, entries) if (source, key) in entries]
            end = entries[places[0]].retires_on if places and source != OPENROUTER else None
            if end is not None and end <= until and (known is None or end < known):
                told[variant.release, source, places[0][1], end].add(variant.effort)
    return tuple(
        Finding(
            kind="retires-soon",
            severity=Severity.WARN,
            subject=release,
            message=f"{source} says that {key} ends on {end}; if so, enter it as retires_on of {release} "
            f"({', '.join(sorted(efforts))}) in data/crosswalk/variants.csv",
        )
        for (release, source, key, end), efforts in sorted(told.items())
    )
