"""Resolves this week's readings with the judgements: measures, offers, profiles and open names."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from pipeline.domain.crosswalk import Crosswalk, Judgement, OpenName, ProvisionalMatch, Resolution
from pipeline.domain.observation import Finding, Reading, Severity
from pipeline.identity.names.provisional_matches import provisional_findings, with_doubts
from pipeline.identity.names.source_names import NameId, NameRecord, name_records
from pipeline.identity.names.suggestions import Suggester
from pipeline.identity.resolve.catalogue_lookup import find_unlisted, profiles_of
from pipeline.identity.resolve.name_join import routing_of
from pipeline.identity.resolve.stale_judgements import stale_judgement_findings, stale_judgements

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from pipeline.domain.ids import SourceModelName, SourceName, VariantId

LEAST_MATCHED: Final = 0.05
"""Share of a source's names that must be judged; below it the keys themselves are suspect."""


def resolve_names(
    readings: Sequence[Reading],
    crosswalk: Crosswalk,
    agreed: Sequence[ProvisionalMatch] = (),
    *,
    suggesting: bool = True,
) -> Resolution:
    """Attach variants to what the sources said, whatever the order of readings or of their rows.

    Args:
        readings: What the sources said.
        crosswalk: What people said.
        agreed: Unjudged names that spell a variant; those without a doubt are used.
        suggesting: List the names without an answer, with suggestions; scores do not depend on them.
    """
    names, doubles = name_records(readings)
    asked_again = stale_judgements(names, crosswalk)
    judged = _answers_in_force(names, crosswalk, asked_again)
    meant = {place: word.variant for place, word in judged.items() if word.variant is not None}
    provisional = tuple(one for one in agreed if not one.doubts)
    routed = routing_of(readings, crosswalk, names).join_rows(meant | _spelled_variants(provisional))
    findings = (
        *routed.joined.findings,
        *routed.conflicts,
        *_of_names(names, judged, doubles),
        *provisional_findings(provisional),
        *stale_judgement_findings(asked_again, crosswalk.judgements),
        *find_unlisted(readings, crosswalk.variants),
    )
    return Resolution(
        measures=routed.joined.measures,
        offers=routed.offers,
        profiles=profiles_of(readings, crosswalk.variants),
        open_names=_open_names(names, crosswalk, agreed, answered=judged.keys()) if suggesting else (),
        judged_names=len(meant),
        unrouted_names=len(judged) - len(meant),
        findings=tuple(sorted(findings, key=lambda f: (f.kind, f.subject, f.message))),
        provisional=provisional,
        moved=frozenset(asked_again),
    )


def _answers_in_force(
    names: Mapping[NameId, NameRecord], crosswalk: Crosswalk, asked_again: Collection[NameId]
) -> dict[NameId, Judgement]:
    """Return the judgements in force about this week's names."""
    known = crosswalk.judgements
    return {place: known[place] for place in names if place in known and place not in asked_again}


def _open_names(
    names: Mapping[NameId, NameRecord],
    crosswalk: Crosswalk,
    agreed: Sequence[ProvisionalMatch],
    *,
    answered: Collection[NameId],
) -> tuple[OpenName, ...]:
    """List names without an answer, first those that could change most: by place in their source.

    The boards' units differ, so names of several sources are compared by their rank among all
    names of their own source; names without a score come last.
    """
    suggester = Suggester(crosswalk.variants, _find_gone(names, crosswalk), crosswalk.judgements)
    ranks = _ranks(names)
    spelled = {(one.source, one.key): one for one in agreed}
    used = {place for place, one in spelled.items() if not one.doubts}
    unjudged = [place for place in names if place not in answered and place not in used]
    unjudged.sort(key=lambda place: (ranks[place], names[place].entry.name, place))
    return tuple(
        OpenName(
            entry=names[place].entry,
            best_value=names[place].main_value,
            suggestions=with_doubts(suggester.suggest(names[place].entry), spelled.get(place)),
        )
        for place in unjudged
    )


def _ranks(names: Mapping[NameId, NameRecord]) -> dict[NameId, float]:
    values: defaultdict[SourceName, list[float]] = defaultdict(list)
    for (source, _), name in names.items():
        if name.main_value is not None:
            values[source].append(name.main_value)
    place_of = {
        source: {value: rank for rank, value in reversed(list(enumerate(sorted(known, reverse=True))))}
        for source, known in values.items()
    }
    return {
        place: float("inf") if name.main_value is None else place_of[place[0]][name.main_value]
        for place, name in names.items()
    }


def _find_gone(
    names: Mapping[NameId, NameRecord], crosswalk: Crosswalk
) -> dict[tuple[SourceName, VariantId], SourceModelName]:
    """Find variants a source no longer names: a new name of the same thing may be among the open ones."""
    judgements = sorted(crosswalk.judgements.items())
    present = {(place[0], word.variant) for place, word in judgements if place in names}
    return {
        (place[0], word.variant): word.name
        for place, word in judgements
        if word.variant is not None and (place[0], word.variant) not in present
    }


def _spelled_variants(provisional: Sequence[ProvisionalMatch]) -> dict[NameId, VariantId]:
    return {(match.source, match.key): match.variant for match in provisional}


def _of_names(
    names: Mapping[NameId, NameRecord], judged: Mapping[NameId, Judgement], doubles: tuple[Finding, ...]
) -> tuple[Finding, ...]:
    return (*doubles, *_find_renamed(names, judged), *_nothing_matched(names, judged))


def _find_renamed(
    names: Mapping[NameId, NameRecord], judged: Mapping[NameId, Judgement]
) -> tuple[Finding, ...]:
    return tuple(
        Finding(
            kind="renamed",
            severity=Severity.NOTE,
            subject=place[0],
            message=f"{place[0]} publishes {names[place].entry.name!r} under {place[1]}, which was judged "
            f"as {word.name!r} ({word.variant or 'not routed'})",
        )
        for place, word in judged.items()
        if word.name != names[place].entry.name
    )


def _nothing_matched(
    names: Mapping[NameId, NameRecord], judged: Mapping[NameId, Judgement]
) -> tuple[Finding, ...]:
    findings: list[Finding] = []
    for source in sorted({place[0] for place in names}):
        total = sum(place[0] == source for place in names)
        matched = sum(place[0] == source for place in judged)
        if matched < LEAST_MATCHED * total:
            findings.append(
                Finding(
                    kind="nothing-matched",
                    severity=Severity.WARN,
                    subject=source,
                    message=f"only {matched} of {total} names of {source} are judged, less than "
                    f"{LEAST_MATCHED:.0%}: its keys may have changed, or "
                    "judgements.csv is for another source",
                )
            )
    return tuple(findings)
