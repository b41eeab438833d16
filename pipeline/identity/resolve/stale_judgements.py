"""Finds judgements whose evidence moved: the name is open again until a person decides anew.

Artificial Analysis is keyed on an id, and ids have been given to other models; boards are keyed on the name
itself. A price that jumps is a matter of the checks (`row_quarantine`): it keeps the approved value and asks.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from pipeline.domain.observation import Finding, Severity
from pipeline.identity.names.exact_match import ExactMatcher, same_dates
from pipeline.identity.names.name_parser import parse_name, parse_release

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipeline.domain.crosswalk import Crosswalk, Judgement, Variant
    from pipeline.domain.ids import SourceName
    from pipeline.identity.names.source_names import NameId, NameRecord

LEAST_OF_A_VENDOR: Final = 3
"""Other judged names of an organization that must all be of another vendor before one is asked again."""


def stale_judgements(names: Mapping[NameId, NameRecord], crosswalk: Crosswalk) -> dict[NameId, str]:
    """Say for each judged name of this week whose evidence moved, in words, what moved."""
    agreement = ExactMatcher(crosswalk.variants)
    vendors = _vendors(names, crosswalk)
    found: dict[NameId, str] = {}
    for place in names:
        judgement = crosswalk.judgements.get(place)
        if judgement is None:
            continue
        variant = crosswalk.variants[judgement.variant] if judgement.variant is not None else None
        now = names[place].entry.name
        if not _same_name(judgement, now, variant, agreement):
            found[place] = f"it was {judgement.name!r} when it was judged and is {now!r} now"
        elif variant is not None and place not in crosswalk.affirmed:
            organization = names[place].entry.organization
            others = vendors[place[0], organization] - Counter([variant.vendor])
            if organization and variant.vendor not in others and others.total() >= LEAST_OF_A_VENDOR:
                found[place] = f"it is listed as {organization}'s now, the variant is {variant.vendor}'s"
    return found


def stale_judgement_findings(
    found: Mapping[NameId, str], judgements: Mapping[NameId, Judgement]
) -> tuple[Finding, ...]:
    """Ask for a new judgement of each, with the command that writes it."""
    findings = []
    for place, what in found.items():
        judgement = judgements[place]
        answer = judgement.variant or "--not-routed"
        findings.append(
            Finding(
                kind="judgement-moved",
                severity=Severity.WARN,
                subject=judgement.variant or place[0],
                message=f"{place[0]} {place[1]}: {what}; the judgement of {judgement.decided_on} "
                f"({judgement.variant or 'not routed'}) is not used until a person says it anew: `modelpool "
                f"crosswalk map {place[1]!r} {answer} --source {place[0]} --reviewer NAME --note ...`",
            )
        )
    return tuple(findings)


def _vendors(
    names: Mapping[NameId, NameRecord], crosswalk: Crosswalk
) -> defaultdict[tuple[SourceName, str | None], Counter[str]]:
    """Count, per source and organization, the vendors that its judged names mean."""
    counts: defaultdict[tuple[SourceName, str | None], Counter[str]] = defaultdict(Counter)
    for place, one in names.items():
        judgement = crosswalk.judgements.get(place)
        if judgement is not None and judgement.variant is not None:
            counts[place[0], one.entry.organization][crosswalk.variants[judgement.variant].vendor] += 1
    return counts


def _same_name(judgement: Judgement, now: str, variant: Variant | None, agreement: ExactMatcher) -> bool:
    """Return whether a name still reads as it was judged, or spells what it was judged to be.

    A date may come or go where the variant is of that date.
    """
    if now == judgement.name or (
        variant is not None and agreement.exact_variant(now, judgement.source) == variant.id
    ):
        return True
    before, after = parse_name(judgement.name, judgement.source)[0], parse_name(now, judgement.source)[0]
    if replace(before, dates=()) != replace(after, dates=()):
        return False
    if before.dates == after.dates:
        return True
    return variant is not None and same_dates(after.dates, parse_release(variant.release).dates, variant)
