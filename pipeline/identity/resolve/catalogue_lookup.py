"""Looks up prices and capabilities of variants by the exact ids people wrote in variants.csv."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from pipeline.domain.crosswalk import CatalogueOffer, Crosswalk, Profile, Variant
from pipeline.domain.ids import GENAI_PRICES, LITELLM_PRICES, MODELS_DEV, OPENROUTER, SourceKey
from pipeline.domain.observation import Entry, Finding, Price, PriceRole, Reading, Severity

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import date

    from pipeline.domain.ids import SourceName, VariantId
    from pipeline.identity.names.source_names import NameId


_DESCRIBING = (OPENROUTER, LITELLM_PRICES, MODELS_DEV)
"""Catalogues that say what a route can do; where the first says nothing, the next is asked."""
_SHOWN = 8
"""Ids a finding names before it says how many more there are."""


def offers_of(
    prices: Mapping[tuple[VariantId, SourceName], Sequence[Price]], preferred: Collection[NameId]
) -> tuple[tuple[CatalogueOffer, ...], tuple[Finding, ...]]:
    """Keep one price per variant and source, so that one source never counts as two that agree.

    Among several the one with fewer unknowns is used, then the preferred name's, the latest, the
    dearest; different amounts are a finding.
    """
    offers: list[CatalogueOffer] = []
    findings: list[Finding] = []
    for place in sorted(prices):
        variant, source = place
        rows = sorted(prices[place], key=lambda price: _price_order(price, preferred))
        offers.append(CatalogueOffer(variant=variant, price=rows[0]))
        if len({row.amounts for row in rows}) > 1:
            findings.append(_conflict(variant, source, rows))
    return tuple(offers), tuple(findings)


def catalogue_prices(
    readings: Sequence[Reading], variants: Mapping[VariantId, Variant]
) -> dict[tuple[VariantId, SourceName], list[Price]]:
    """Collect, per variant, the catalogue rows whose key equals the variant's column to the letter."""
    rows: defaultdict[NameId, list[Price]] = defaultdict(list)
    for reading in readings:
        for price in reading.prices:
            rows[price.source, price.key].append(price)
    entries = entries_of(readings)
    found: dict[tuple[VariantId, SourceName], list[Price]] = {}
    for variant in variants.values():
        for source in catalogues_of(readings):
            listed = [key for key in keys_of(variant, source, entries) if (source, key) in rows]
            if listed:
                found[variant.id, source] = rows[source, listed[0]]
    return found


def profiles_of(
    readings: Sequence[Reading], variants: Mapping[VariantId, Variant]
) -> dict[VariantId, Profile]:
    """Say what each variant's route can do: OpenRouter's entry first, then the others, then variants.csv."""
    entries = entries_of(readings)
    return {name: _profile(variants[name], entries) for name in sorted(variants)}


def find_unlisted(readings: Sequence[Reading], variants: Mapping[VariantId, Variant]) -> tuple[Finding, ...]:
    """Name the ids of variants.csv that a catalogue was asked for and does not list."""
    findings: list[Finding] = []
    for source in NAMED:
        entries = {row.key for reading in readings for row in reading.entries if row.source == source}
        prices = {row.key for reading in readings for row in reading.prices if row.source == source}
        listed = entries | prices
        missing = sorted({key for v in variants.values() for key in keys_of(v, source, {})} - listed)
        if listed and missing:
            findings.append(_missing_finding(source, missing))
    return tuple(findings)


def _profile(variant: Variant, entries: Mapping[NameId, Entry]) -> Profile:
    """Put together what is said; only OpenRouter's date retires a route, another's is a finding."""
    listed = [
        entries[source, key]
        for source in _DESCRIBING
        for key in keys_of(variant, source, entries)
        if (source, key) in entries
    ]
    inputs = next((e.input_modalities for e in listed if e.input_modalities is not None), None)
    return Profile(
        variant=variant.id,
        context_tokens=next((e.context_tokens for e in listed if e.context_tokens), variant.context_tokens),
        tools=next((e.tools for e in listed if e.tools is not None), None),
        vision=None if inputs is None else "image" in inputs,
        retires_on=_earliest(*(e.retires_on for e in listed if e.source == OPENROUTER), variant.retires_on),
    )


def _earliest(*days: date | None) -> date | None:
    return min((day for day in days if day is not None), default=None)


def _price_order(price: Price, preferred: Collection[NameId]) -> tuple[int, bool, int, int, str]:
    amounts = price.amounts
    return (
        amounts.count(None),
        (price.source, price.key) not in preferred,
        -price.observed_on.toordinal(),
        -sum(amount or 0 for amount in amounts),
        repr(price),
    )


def _conflict(variant: VariantId, source: SourceName, rows: Iterable[Price]) -> Finding:
    seen = ", ".join(
        f"{row.name!r} {row.input_microusd_per_mtok}/{row.output_microusd_per_mtok}" for row in rows
    )
    return Finding(
        kind="price-conflict",
        severity=Severity.WARN,
        subject=variant,
        message=f"{source} states several prices for {variant}, in micro-dollars per million tokens "
        f"in/out: {seen}; the first is used",
    )


def _missing_finding(source: SourceName, keys: Sequence[str]) -> Finding:
    more = f" and {len(keys) - _SHOWN} more" if len(keys) > _SHOWN else ""
    return Finding(
        kind="unlisted",
        severity=Severity.NOTE,
        subject=source,
        message=f"{source} lists nothing under {', '.join(keys[:_SHOWN])}{more}, named in variants.csv",
    )


NAMED: Final = (OPENROUTER, GENAI_PRICES)
"""Catalogues with a column of their own in variants.csv; an id they do not list is worth a note."""

CATALOGUES: Final = (*NAMED, LITELLM_PRICES, MODELS_DEV)


def catalogues_of(readings: Sequence[Reading]) -> tuple[SourceName, ...]:
    """List the catalogues, with every further third opinion among the readings.

    Those are asked for `vendor/model`, like models.dev.
    """
    further = {reading.source for reading in readings if reading.price_role is PriceRole.THIRD_OPINION}
    return (*CATALOGUES, *sorted(further.difference(CATALOGUES)))


_OWN_PROVIDER = {"moonshot": "moonshotai"}
"""How models.dev calls a vendor where it has another word than variants.csv."""


def entries_of(readings: Sequence[Reading]) -> Mapping[NameId, Entry]:
    """Return one entry per catalogue id, whatever the order of the readings."""
    entries: dict[NameId, Entry] = {}
    catalogues = catalogues_of(readings)
    for reading in readings:
        for entry in reading.entries:
            if entry.source in catalogues:
                place = (entry.source, entry.key)
                known = entries.setdefault(place, entry)
                if known is not entry and known != entry:
                    entries[place] = min(known, entry, key=repr)
    return entries


def keys_of(variant: Variant, source: SourceName, entries: Mapping[NameId, Entry]) -> tuple[SourceKey, ...]:
    """Return the ids a catalogue may have for a variant, the plainest first; nothing is stripped or guessed.

    LiteLLM lists `provider/model`, or the bare model beside the provider; at models.dev only the vendor's
    own provider counts, never a reseller's row.
    """
    if source == OPENROUTER:
        found: tuple[str | None, ...] = (variant.openrouter,)
    elif source == GENAI_PRICES:
        found = (variant.genai_prices,)
    elif source == LITELLM_PRICES:
        found = (variant.litellm, _bare_id(variant, entries))
    else:
        found = _own_ids(variant)
    return tuple(SourceKey(key) for key in found if key)


def routed_keys(crosswalk: Crosswalk, source: SourceName) -> frozenset[str]:
    """Return the keys that people judged to be a variant, or wrote down as a variant's price key."""
    judged = {str(key) for (of, key), one in crosswalk.judgements.items() if of == source and one.variant}
    priced = {
        key
        for variant in crosswalk.variants.values()
        for key in (variant.openrouter, variant.genai_prices, variant.litellm)
        if key
    }
    return frozenset(judged | priced)


def _bare_id(variant: Variant, entries: Mapping[NameId, Entry]) -> str | None:
    provider, _, model = (variant.litellm or "").partition("/")
    listed = entries.get((LITELLM_PRICES, SourceKey(model)))
    return model if provider and listed and listed.organization == provider else None


def _own_ids(variant: Variant) -> tuple[str, ...]:
    own = _OWN_PROVIDER.get(variant.vendor, variant.vendor)
    written = ((variant.genai_prices or "").replace(":", "/", 1), variant.litellm or "")
    return tuple(key for key in written if key.startswith(f"{own}/"))


def retirement_findings(
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
    ends: defaultdict[tuple[str, str, str, date], set[str]] = defaultdict(set)
    for variant in variants:
        known = profiles[variant.id].retires_on
        for source in catalogues_of(readings):
            places = [(source, key) for key in keys_of(variant, source, entries) if (source, key) in entries]
            end = entries[places[0]].retires_on if places and source != OPENROUTER else None
            if end is not None and end <= until and (known is None or end < known):
                ends[variant.release, source, places[0][1], end].add(variant.effort)
    return tuple(
        Finding(
            kind="retires-soon",
            severity=Severity.WARN,
            subject=release,
            message=f"{source} says that {key} ends on {end}; if so, enter it as retires_on of {release} "
            f"({', '.join(sorted(efforts))}) in data/crosswalk/variants.csv",
        )
        for (release, source, key, end), efforts in sorted(ends.items())
    )
