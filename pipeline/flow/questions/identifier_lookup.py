"""Finds what an operator names in a question, or refuses it with what there is."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from pipeline.domain.ids import SourceName, TierName, VariantId
from pipeline.errors import UsageError
from pipeline.identity.names.source_names import name_records
from pipeline.sources.registry import SOURCES

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from pipeline.domain.crosswalk import Crosswalk
    from pipeline.domain.ids import SourceKey
    from pipeline.flow.record.config import Config
    from pipeline.flow.replay.last_run import LastRun

_SHOWN = 5


def known_variant(name: str, rules: Config) -> VariantId:
    """Return the variant of an id: its own, or one by which a source or a route knows it.

    Raises:
        UsageError: There is none of this name, or several; those, or the nearest ones, are named.
    """
    crosswalk = rules.crosswalk
    if name in crosswalk.variants:
        return VariantId(name)
    known = sorted(_known_as(name, crosswalk))
    if len(known) > 1:
        raise UsageError(
            f"{name!r} stands for {len(known)} variants, the release at each of its efforts",
            hint=f"Name one of them: {', '.join(known)}.",
        )
    if not known:
        raise unknown_variant(name, crosswalk.variants)
    return known[0]


def _known_as(name: str, crosswalk: Crosswalk) -> set[VariantId]:
    """Find what an id of a catalogue, a route, or a judged key or name stands for."""
    sold = {
        variant.id
        for variant in crosswalk.variants.values()
        if name in {*variant.models.values(), variant.genai_prices, variant.release}
    }
    judged = {
        line.variant
        for line in crosswalk.judgements.values()
        if line.variant in crosswalk.variants and name in {line.key, line.name}
    }
    return {one for one in judged if one is not None} or sold


def unknown_variant(name: str, variants: Collection[str]) -> UsageError:
    """Refuse an id and name those that are written alike, for a person to choose from."""
    release = name.partition("@")[0]
    same = sorted(variant for variant in variants if variant.partition("@")[0] == release)
    near = same or get_close_matches(name, sorted(variants), n=_SHOWN, cutoff=0.5)
    summary = f"Near it: {', '.join(near[:_SHOWN])}." if near else "It is written release@effort."
    return UsageError(
        f"no variant {name!r} in data/crosswalk/variants.csv",
        hint=f"{summary} `modelpool crosswalk open` lists names.",
    )


def known_tier(name: str | None, rules: Config) -> TierName:
    """Return a tier of the policy.

    Raises:
        UsageError: The policy has no such tier, or none was named.
    """
    tiers = rules.policy.tiers
    listed = ", ".join(sorted(tiers))
    if name is None:
        raise UsageError("no tier is named", hint=f"Name one with --tier: {listed}.")
    if name not in tiers:
        raise UsageError(f"no tier {name!r} in the policy", hint=f"Its tiers are {listed}.")
    return TierName(name)


def known_source(name: str) -> SourceName:
    """Return a source.

    Raises:
        UsageError: There is no such source.
    """
    if name not in SOURCES:
        raise UsageError(f"no source {name!r}", hint=f"The sources are {', '.join(SOURCES)}.")
    return SourceName(name)


def known_vendor(name: str, rules: Config) -> str:
    """Return a vendor of the crosswalk.

    Raises:
        UsageError: No variant is of this vendor.
    """
    vendors = {variant.vendor for variant in rules.crosswalk.variants.values()}
    if name not in vendors:
        raise UsageError(f"no vendor {name!r}", hint=f"The vendors are {', '.join(sorted(vendors))}.")
    return name


def known_name(last: LastRun, name: str, source: str | None) -> tuple[SourceName, SourceKey]:
    """Return the one source and key that a name or key belongs to.

    Raises:
        UsageError: No score source has it, or several do; those, or the nearest names, are listed.
    """
    names, _ = name_records(last.readings)
    written = {place: one.entry.name for place, one in names.items()}
    written |= {
        place: one.name for place, one in last.rules.crosswalk.judgements.items() if place not in names
    }
    found = sorted(
        place for place, one in written.items() if name in {one, place[1]} and source in {None, place[0]}
    )
    if len(found) == 1:
        return found[0]
    if found:
        raise UsageError(
            f"{name!r} is a name of several: {_list_places(found)}",
            hint="Add --source, or write the key as the name.",
        )
    near = get_close_matches(name, sorted(set(written.values())), n=_SHOWN, cutoff=0.6)
    hint = f"Near it: {', '.join(near)}." if near else "`modelpool crosswalk open` lists the open names."
    raise UsageError(f"no score source names {name!r}", hint=hint)


def _list_places(places: Sequence[tuple[SourceName, SourceKey]]) -> str:
    return ", ".join(f"{source} ({key})" for source, key in places)
