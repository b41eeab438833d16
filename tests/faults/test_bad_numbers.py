"""A number that is none, or far from what it may be, wins no place in a pool, whichever source states it."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, replace
from itertools import islice, product
from typing import TYPE_CHECKING, Final

import pytest

from pipeline.domain.ids import (
    AA_INTELLIGENCE,
    ARTIFICIAL_ANALYSIS,
    GENAI_PRICES,
    LITELLM_PRICES,
    LMARENA_TEXT,
    LMARENA_WEBDEV,
    MODELS_DEV,
    OPENROUTER,
    VariantId,
)
from pipeline.errors import SourceHeldError
from pipeline.identity.resolve.catalogue_lookup import entries_of, keys_of
from pipeline.identity.resolve.resolve import resolve_names
from tests.faults.poison import (
    LEGACY,
    Literal,
    SampleWeek,
    load_week,
    parquet,
    parse,
    poisoned,
    rows_of,
    value_at,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.domain.crosswalk import CatalogueOffer, Measure, Resolution
    from pipeline.domain.observation import Reading
    from tests.faults.conftest import Tally
    from tests.faults.poison import Slots

Path = tuple[str, ...]

_RATINGS: Final[tuple[Path, ...]] = (("rating",), ("rating_lower",), ("rating_upper",), ("vote_count",))
_INDEX = "artificial_analysis_intelligence_index"
_CODING, _AGENTIC = "artificial_analysis_coding_index", "artificial_analysis_agentic_index"
FIELDS: Final[dict[str, tuple[Path, ...]]] = {
    LMARENA_TEXT: _RATINGS,
    LMARENA_WEBDEV: _RATINGS,
    ARTIFICIAL_ANALYSIS: (
        ("evaluations", _INDEX),
        ("evaluations", _CODING),
        ("evaluations", _AGENTIC),
        (f"{_INDEX}_cost", "cost_per_task", "total_cost"),
        ("pricing", "price_1m_input_tokens"),
        ("pricing", "price_1m_output_tokens"),
        ("pricing", "price_1m_cache_hit_tokens"),
        ("performance", "median_output_tokens_per_second"),
    ),
    LEGACY: (
        ("evaluations", _INDEX),
        ("evaluations", _CODING),
        ("pricing", "price_1m_input_tokens"),
        ("pricing", "price_1m_output_tokens"),
        ("median_output_tokens_per_second",),
    ),
    OPENROUTER: (
        ("pricing", "prompt"),
        ("pricing", "completion"),
        ("pricing", "input_cache_read"),
        ("context_length",),
        ("created",),
    ),
    GENAI_PRICES: (("usd_per_input_mtok",), ("usd_per_output_mtok",), ("usd_per_cache_read_mtok",)),
    LITELLM_PRICES: (
        ("input_cost_per_token",),
        ("output_cost_per_token",),
        ("cache_read_input_token_cost",),
        ("max_input_tokens",),
    ),
    MODELS_DEV: (("cost", "input"), ("cost", "output"), ("cost", "cache_read"), ("limit", "context")),
}
"""Every numeric field that is read, by source and shape."""

VALUES: Final[tuple[object, ...]] = (
    Literal("NaN"),
    Literal("Infinity"),
    Literal("-Infinity"),
    Literal("1e999"),
    -1,
    0,
    -0.0,
    1e308,
    -1e308,
    5e-324,
    0.000000001,
    9007199254740991,
    10**400,
    True,
    False,
    None,
    "",
    "0",
    "-1",
    "1e3",
    "0.000000001",
    "NaN",
    "١٢",
    [],
    {},
)

_SCORED = {LMARENA_TEXT, LMARENA_WEBDEV, ARTIFICIAL_ANALYSIS, LEGACY}
_BILLED = ("price", "cost", "prompt", "completion", "input", "output", "cache", "usd")


@dataclass(frozen=True, slots=True)
class Victim:
    """A row whose variant would win a place if its poisoned field were believed in the right direction."""

    key: str
    variants: frozenset[VariantId]


@pytest.fixture(scope="module")
def week() -> SampleWeek:
    """The second embedded week."""
    return load_week()


def _variants(week: SampleWeek, kind: str, key: str) -> frozenset[VariantId]:
    """Return whom a row means; at a catalogue, every effort of it."""
    clean = week.clean[kind]
    if kind in _SCORED:
        judged = [
            w for (source, k), w in week.crosswalk.judgements.items() if (source, k) == (clean.source, key)
        ]
        return frozenset(word.variant for word in judged if word.variant)
    entries = entries_of([clean])
    return frozenset(
        name
        for name, variant in week.crosswalk.variants.items()
        if key in keys_of(variant, clean.source, entries)
    )


def _believed(resolution: Resolution, names: frozenset[VariantId], *, price: bool) -> Resolution:
    """Make the variants nearly free, or the best of all, in every source at once."""

    def better(measure: Measure) -> Measure:
        seen = measure.observation
        if measure.variant not in names or price:
            return measure
        if seen.metric == AA_INTELLIGENCE:
            return replace(measure, observation=replace(seen, value=75.0))
        bounds = [None if bound is None else bound + 300 for bound in (seen.low, seen.high)]
        moved = replace(seen, value=seen.value + 300, low=bounds[0], high=bounds[1])
        return replace(measure, observation=moved) if seen.source != ARTIFICIAL_ANALYSIS else measure

    def cheaper(offer: CatalogueOffer) -> CatalogueOffer:
        if offer.variant not in names or not price:
            return offer
        tiny = replace(
            offer.price,
            input_microusd_per_mtok=2000,
            output_microusd_per_mtok=2000,
            cache_read_microusd_per_mtok=1000,
        )
        return replace(offer, price=tiny)

    measures = tuple(better(measure) for measure in resolution.measures)
    return replace(resolution, measures=measures, offers=tuple(cheaper(offer) for offer in resolution.offers))


def _wins(slots: Slots, names: frozenset[VariantId]) -> Slots:
    return frozenset(slot for slot in slots if slot[1] in names)


def _victims(week: SampleWeek, kind: str, path: Path) -> Iterator[Victim]:
    """Find rows that state the field, hold no place, and would win one if the field were believed."""
    clean = week.clean[kind]
    before = week.slots(kind, clean)
    resolution = resolve_names(week.readings(kind, clean), week.crosswalk)
    billed = any(word in path[-1] for word in _BILLED)
    for key, row in sorted(rows_of(kind, week.documents[kind]).items()):
        names = _variants(week, kind, key)
        if not value_at(row, path) or not names or _wins(before, names):
            continue
        if _wins(week.choose(_believed(resolution, names, price=billed)), names):
            yield Victim(key, names)


def _says(reading: Reading) -> tuple[object, ...]:
    return reading.observations, reading.prices, reading.entries, reading.findings


def _unstamped(reading: Reading, clean: Reading) -> Reading:
    """Leave out in which bytes it was said, so that only what was said is compared."""
    digest = clean.captures[0]
    return replace(
        reading,
        observations=tuple(replace(one, capture=digest) for one in reading.observations),
        prices=tuple(replace(one, capture=digest) for one in reading.prices),
    )


def _outcome(week: SampleWeek, kind: str, victim: Victim, body: bytes) -> tuple[bool, bool]:
    """Read a poisoned body; return whether the fault fired, and whether its variant won a place by it.

    A source that is held keeps its last good data, which is the clean one: nothing is won.
    """
    clean = week.clean[kind]
    try:
        reading = _unstamped(parse(kind, body), clean)
    except SourceHeldError:
        return True, False
    before = _wins(week.slots(kind, clean), victim.variants)
    won = _wins(week.slots(kind, reading), victim.variants) - before
    return _says(reading) != _says(clean), bool(won)


@pytest.mark.parametrize(
    ("kind", "path"),
    [(kind, path) for kind, paths in FIELDS.items() for path in paths],
    ids=lambda value: value if isinstance(value, str) else value[-1],
)
def test_a_bad_number_wins_nothing(week: SampleWeek, tally: Tally, kind: str, path: Path) -> None:
    victims = tuple(islice(_victims(week, kind, path), 2))
    assert victims, "no row would win by this field, so the test could not fail"
    wrong = []
    for victim, value in product(victims, VALUES):
        fired, won = _outcome(
            week, kind, victim, poisoned(kind, week.documents[kind], victim.key, path, value)
        )
        tally.count("bad numbers", fired=fired, bad=won)
        if won or not fired:
            wrong.append((victim.key, value, "won" if won else "not read"))
    assert wrong == []


@pytest.mark.parametrize("kind", [LMARENA_TEXT, LMARENA_WEBDEV])
@pytest.mark.parametrize("path", _RATINGS, ids=lambda path: path[0])
def test_a_bad_number_in_a_parquet_file_wins_nothing(
    week: SampleWeek, tally: Tally, kind: str, path: Path
) -> None:
    (victim,) = islice(_victims(week, kind, path), 1)
    for number in (math.nan, math.inf, -math.inf, -1.0, 0.0, 1e308, -1e308, 5e-324, 2.0**60):
        body = parquet(week.documents[kind], victim.key, path[0], number)
        fired, won = _outcome(week, kind, victim, body)
        tally.count("bad numbers", fired=fired, bad=won)
        assert (fired, won) == (True, False), (victim.key, number)


def test_the_week_that_is_poisoned_is_read_without_a_finding(week: SampleWeek) -> None:
    for kind, document in week.documents.items():
        reading = parse(kind, json.dumps(document).encode())
        assert reading == week.clean[kind]
        assert [one for one in reading.findings if one.kind != "drift"] == []
