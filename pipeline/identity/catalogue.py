"""Prices and capabilities of variants, by the exact ids people wrote in variants.csv."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from pipeline.domain.crosswalk import Offer, Profile
from pipeline.domain.names import GENAI_PRICES, OPENROUTER, SourceKey
from pipeline.domain.observation import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import date

    from pipeline.domain.crosswalk import Variant
    from pipeline.domain.names import SourceName, VariantId
    from pipeline.domain.observation import Entry, Price, Reading
    from pipeline.identity.published import NameId

_CATALOGUES = (OPENROUTER, GENAI_PRICES)
_NAMED = 8
"""Ids a finding names before it says how many more there are."""


def offers_of(
    prices: Mapping[tuple[VariantId, SourceName], Sequence[Price]], preferred: Collection[NameId]
) -> tuple[tuple[Offer, ...], tuple[Finding, ...]]:
    """Keep one price per variant and source, so that one source never counts as two that agree.

    Among several the one with fewer unknowns is used, then the preferred name's, the latest, the
    dearest; different amounts are a finding.
    """
    offers: list[Offer] = []
    findings: list[Finding] = []
    for place in sorted(prices):
        variant, source = place
        rows = sorted(prices[place], key=lambda price: _price_order(price, preferred))
        offers.append(Offer(variant=variant, price=rows[0]))
        if len({_amounts(row) for row in rows}) > 1:
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
    wanted = ((variant, source) for variant in variants.values() for source in _CATALOGUES)
    return {
        (variant.id, source): rows[source, key]
        for variant, source in wanted
        for key in (_column(variant, source),)
        if key is not None and (source, key) in rows
    }


def profiles_of(
    readings: Sequence[Reading], variants: Mapping[VariantId, Variant]
) -> dict[VariantId, Profile]:
    """Say what each variant's route can do: OpenRouter's entry first, then variants.csv."""
    entries: defaultdict[str, list[Entry]] = defaultdict(list)
    for reading in readings:
        for entry in reading.entries:
            if entry.source == OPENROUTER:
                entries[entry.key].append(entry)
    first = {key: min(same, key=repr) for key, same in entries.items()}
    return {name: _profile(variants[name], first) for name in sorted(variants)}


def unlisted(readings: Sequence[Reading], variants: Mapping[VariantId, Variant]) -> tuple[Finding, ...]:
    """Name the ids of variants.csv that a catalogue was asked for and does not list."""
    findings: list[Finding] = []
    for source in _CATALOGUES:
        entries = {row.key for reading in readings for row in reading.entries if row.source == source}
        prices = {row.key for reading in readings for row in reading.prices if row.source == source}
        listed = entries | prices
        missing = sorted({key for v in variants.values() if (key := _column(v, source))} - listed)
        if listed and missing:
            findings.append(_missing(source, missing))
    return tuple(findings)


def _column(variant: Variant, source: SourceName) -> SourceKey | None:
    key = variant.openrouter if source == OPENROUTER else variant.genai_prices
    return None if key is None else SourceKey(key)


def _profile(variant: Variant, entries: Mapping[str, Entry]) -> Profile:
    entry = None if variant.openrouter is None else entries.get(variant.openrouter)
    if entry is None:
        return Profile(
            variant=variant.id, context_tokens=variant.context_tokens, retires_on=variant.retires_on
        )
    modalities = entry.input_modalities
    return Profile(
        variant=variant.id,
        context_tokens=variant.context_tokens if entry.context_tokens is None else entry.context_tokens,
        tools=entry.tools,
        vision=None if modalities is None else "image" in modalities,
        retires_on=_earliest(entry.retires_on, variant.retires_on),
    )


def _earliest(*days: date | None) -> date | None:
    return min((day for day in days if day is not None), default=None)


def _amounts(price: Price) -> tuple[int | None, ...]:
    return (
        price.input_microusd_per_mtok,
        price.output_microusd_per_mtok,
        price.cache_read_microusd_per_mtok,
    )


def _price_order(price: Price, preferred: Collection[NameId]) -> tuple[int, bool, int, int, str]:
    amounts = _amounts(price)
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


def _missing(source: SourceName, keys: Sequence[str]) -> Finding:
    more = f" and {len(keys) - _NAMED} more" if len(keys) > _NAMED else ""
    return Finding(
        kind="unlisted",
        severity=Severity.NOTE,
        subject=source,
        message=f"{source} lists nothing under {', '.join(keys[:_NAMED])}{more}, named in variants.csv",
    )
