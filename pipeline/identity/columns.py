"""Which rows of the catalogues a variant means: exact ids that follow from the columns people wrote."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pipeline.domain.names import GENAI_PRICES, LITELLM_PRICES, MODELS_DEV, OPENROUTER, SourceKey

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pipeline.domain.crosswalk import Crosswalk, Variant
    from pipeline.domain.names import SourceName
    from pipeline.domain.observation import Entry, Reading
    from pipeline.identity.published import NameId

NAMED: Final = (OPENROUTER, GENAI_PRICES)
"""Catalogues with a column of their own in variants.csv; an id they do not list is worth a note."""

CATALOGUES: Final = (*NAMED, LITELLM_PRICES, MODELS_DEV)

_OWN_PROVIDER = {"moonshot": "moonshotai"}
"""How models.dev calls a vendor where it has another word than variants.csv."""


def entries_of(readings: Sequence[Reading]) -> Mapping[NameId, Entry]:
    """Return one entry per catalogue id, whatever the order of the readings."""
    entries: dict[NameId, Entry] = {}
    for reading in readings:
        for entry in reading.entries:
            if entry.source in CATALOGUES:
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
        found = (variant.litellm, _bare(variant, entries))
    else:
        found = _own(variant)
    return tuple(SourceKey(key) for key in found if key)


def routed_keys(crosswalk: Crosswalk, source: SourceName) -> frozenset[str]:
    """Return the keys that people judged to be a variant, or wrote down as a variant's price key."""
    judged = {str(key) for (of, key), one in crosswalk.judgements.items() if of == source and one.variant}
    priced = {
        key
        for one in crosswalk.variants.values()
        for key in (one.openrouter, one.genai_prices, one.litellm)
        if key
    }
    return frozenset(judged | priced)


def _bare(variant: Variant, entries: Mapping[NameId, Entry]) -> str | None:
    provider, _, model = (variant.litellm or "").partition("/")
    listed = entries.get((LITELLM_PRICES, SourceKey(model)))
    return model if provider and listed and listed.organization == provider else None


def _own(variant: Variant) -> tuple[str, ...]:
    own = _OWN_PROVIDER.get(variant.vendor, variant.vendor)
    written = ((variant.genai_prices or "").replace(":", "/", 1), variant.litellm or "")
    return tuple(key for key in written if key.startswith(f"{own}/"))
