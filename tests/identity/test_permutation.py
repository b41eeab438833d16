"""The order of readings, rows, variants and judgements never shows in the result."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.ids import (
    AA_CODING,
    ARTIFICIAL_ANALYSIS,
    GENAI_PRICES,
    LMARENA_TEXT,
    LMARENA_WEBDEV,
    OPENROUTER,
    Sha256,
    SourceModelName,
    arena_metric,
)
from pipeline.identity.resolve.resolve import resolve_names

if TYPE_CHECKING:
    from pipeline.domain.crosswalk import Crosswalk, Judgement, Variant
    from pipeline.domain.observation import Reading
    from tests.identity.conftest import Shelf


def crowded_readings(shelf: Shelf) -> list[Reading]:
    """Readings with every kind of tie and double this room knows."""
    text = [shelf.row(f"n{number}", 1400 + number // 2) for number in range(8)]
    doubled = [replace(text[0], value=1399.0), replace(text[1], capture=Sha256("1" * 64), low=1.0)]
    coding = [replace(row, metric=arena_metric("text", "coding"), votes=5) for row in text[:4]]
    voted = [replace(text[2], votes=7), *(replace(text[3], votes=9, low=low) for low in (1.0, 2.0))]
    entries = [replace(shelf.entry(LMARENA_TEXT, "n1"), organization=o) for o in ("x", "y", None)]
    index = [shelf.row(f"u{number}", 40.0, ARTIFICIAL_ANALYSIS) for number in range(4)]
    index[1] = replace(index[1], name=SourceModelName("U1"), observed_on=date(2026, 8, 14))
    index_coding = replace(index[0], metric=AA_CODING)
    prices = [shelf.price(ARTIFICIAL_ANALYSIS, f"u{n}", (1 + n % 2, 2, None)) for n in range(3)]
    catalogue = [shelf.price(OPENROUTER, "a/b", (5, 6, None)), shelf.price(OPENROUTER, "a/b", (6, 5, None))]
    rows = [replace(shelf.entry(OPENROUTER, "a/b"), context_tokens=c) for c in (1, 2, None)]
    return [
        shelf.reading(*text, *doubled, *coding, *voted, *entries),
        shelf.reading(shelf.row("n0", 1200, LMARENA_WEBDEV), shelf.row("n1", 1200, LMARENA_WEBDEV)),
        shelf.reading(*index, index_coding, *prices),
        shelf.reading(*catalogue, *rows),
        shelf.reading(shelf.price(GENAI_PRICES, "a:b", (0, None, None))),
    ]


def crowded_crosswalk(shelf: Shelf, order: random.Random) -> Crosswalk:
    """Variants and judgements in any order, several names to one variant."""
    lines: list[Variant | Judgement] = [
        replace(shelf.variant("one@high"), openrouter="a/b", genai_prices="a:b"),
        replace(shelf.variant("one@low"), openrouter="a/b"),
        replace(shelf.variant("n@default"), genai_prices="not:there"),
        *(shelf.judgement(LMARENA_TEXT, f"n{number}", "one@high") for number in range(4)),
        shelf.judgement(LMARENA_TEXT, "n4", None),
        *(shelf.judgement(ARTIFICIAL_ANALYSIS, f"u{number}", "one@low") for number in range(3)),
    ]
    order.shuffle(lines)
    return shelf.crosswalk(*lines)


def shuffled(reading: Reading, order: random.Random) -> Reading:
    """The same reading with its rows in another order."""
    return replace(
        reading,
        observations=tuple(order.sample(reading.observations, len(reading.observations))),
        prices=tuple(order.sample(reading.prices, len(reading.prices))),
        entries=tuple(order.sample(reading.entries, len(reading.entries))),
    )


@given(seed=st.integers(0, 2**32))
def test_the_order_of_readings_rows_and_lines_does_not_matter(seed: int, shelf: Shelf) -> None:
    straight = resolve_names(crowded_readings(shelf), crowded_crosswalk(shelf, random.Random(0)))  # noqa: S311 - a test order
    order = random.Random(seed)  # noqa: S311 - a test order
    readings = [shuffled(reading, order) for reading in crowded_readings(shelf)]
    order.shuffle(readings)
    found = resolve_names(readings, crowded_crosswalk(shelf, order))
    assert found == straight
    assert list(found.profiles) == list(straight.profiles)
    assert {finding.kind for finding in found.findings} == {
        "duplicate-name",
        "nothing-matched",
        "price-conflict",
        "renamed",
        "two-names",
        "unlisted",
    }
