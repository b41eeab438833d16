"""Prices and capabilities of variants, by the exact ids people wrote in variants.csv."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from pipeline.domain.crosswalk import Offer, Profile
from pipeline.domain.names import LITELLM_PRICES, MODELS_DEV, OPENROUTER
from pipeline.domain.observation import Finding, Severity
from pipeline.identity.columns import CATALOGUES, NAMED, entries_of, keys_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import date

    from pipeline.domain.crosswalk import Variant
    from pipeline.domain.names import SourceName, VariantId
    from pipeline.domain.observation import Entry, Price, Reading
    from pipeline.identity.published import NameId

_DESCRIBING = (OPENROUTER, LITELLM_PRICES, MODELS_DEV)
"""Catalogues that say what a route can do; where the first says nothing, the next is asked."""
_SHOWN = 8
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
    entries = entries_of(readings)
    found: dict[tuple[VariantId, SourceName], list[Price]] = {}
    for variant in variants.values():
        for source in CATALOGUES:
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


def unlisted(readings: Sequence[Reading], variants: Mapping[VariantId, Variant]) -> tuple[Finding, ...]:
    """Name the ids of variants.csv that a catalogue was asked for and does not list."""
    findings: list[Finding] = []
    for source in NAMED:
        entries = {row.key for reading in readings for row in reading.entries if row.source == source}
        prices = {row.key for reading in readings for row in reading.prices if row.source == source}
        listed = entries | prices
        missing = sorted({key for v in variants.values() for key in keys_of(v, source, {})} - listed)
        if listed and missing:
            findings.append(_missing(source, missing))
    return tuple(findings)


def _profile(variant: Variant, entries: Mapping[NameId, Entry]) -> Profile:
    """Put together what is said; only OpenRouter's date retires a route, another's is a finding."""
    said = [
        entries[source, key]
        for source in _DESCRIBING
        for key in keys_of(variant, source, entries)
        if (source, key) in entries
    ]
    inputs = next((e.input_modalities for e in said if e.input_modalities is not None), None)
    return Profile(
        variant=variant.id,
        context_tokens=next((e.context_tokens for e in said if e.context_tokens), variant.context_tokens),
        tools=next((e.tools for e in said if e.tools is not None), None),
        vision=None if inputs is None else "image" in inputs,
        retires_on=_earliest(*(e.retires_on for e in said if e.source == OPENROUTER), variant.retires_on),
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
    more = f" and {len(keys) - _SHOWN} more" if len(keys) > _SHOWN else ""
    return Finding(
        kind="unlisted",
        severity=Severity.NOTE,
        subject=source,
        message=f"{source} lists nothing under {', '.join(keys[:_SHOWN])}{more}, named in variants.csv",
    )
