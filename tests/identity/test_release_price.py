"""A list price belongs to the release: its efforts share it where the index states it in one way only."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations
from typing import TYPE_CHECKING

import pytest

from pipeline.domain.ids import ARTIFICIAL_ANALYSIS, OPENROUTER
from pipeline.identity.resolve.resolve import resolve_names

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipeline.domain.crosswalk import Crosswalk
    from tests.identity.conftest import Amounts, Shelf

Told = dict[str, tuple["Amounts", str]]


@pytest.fixture
def words(shelf: Shelf) -> Crosswalk:
    """Four efforts of one release and another release, each with its own row at the index."""
    names = ("sol@high", "sol@low", "sol@max", "sol@none", "terra@high")
    return shelf.crosswalk(
        *(shelf.variant(name) for name in names),
        *(shelf.judgement(ARTIFICIAL_ANALYSIS, f"id-{name}", name) for name in names),
    )


def told(shelf: Shelf, words: Crosswalk, stated: Mapping[str, Amounts]) -> Told:
    """Return what is offered per variant, whatever the order of the rows."""
    rows = [shelf.price(ARTIFICIAL_ANALYSIS, f"id-{name}", amounts) for name, amounts in stated.items()]
    results = []
    for order in permutations(rows):
        found = resolve_names([shelf.reading(*order)], words)
        assert found.findings == ()
        results.append(
            {
                offer.variant: (
                    (
                        offer.price.input_microusd_per_mtok,
                        offer.price.output_microusd_per_mtok,
                        offer.price.cache_read_microusd_per_mtok,
                    ),
                    offer.price.note,
                )
                for offer in found.offers
            }
        )
    assert all(result == results[0] for result in results)
    return {str(name): said for name, said in results[0].items()}


def test_rows_that_agree_lend_their_price_to_the_efforts_without_one(shelf: Shelf, words: Crosswalk) -> None:
    found = told(
        shelf, words, {"sol@high": (5, 30, None), "sol@max": (5, 30, 1), "sol@low": (None, None, None)}
    )
    lent = ((5, 30, 1), "price of sol@max")
    assert found == {
        "sol@high": ((5, 30, None), ""),
        "sol@max": ((5, 30, 1), ""),
        "sol@low": lent,
        "sol@none": lent,
    }


@pytest.mark.parametrize("other", [(5, 31, None), (4, 30, None), (5, 30, 2), (5, None, 2), (None, 29, None)])
def test_rows_that_differ_anywhere_lend_nothing(shelf: Shelf, words: Crosswalk, other: Amounts) -> None:
    found = told(shelf, words, {"sol@high": (5, 30, 1), "sol@low": other})
    assert found == {"sol@high": ((5, 30, 1), ""), "sol@low": (other, "")}


def test_half_a_price_is_lent_to_nobody(shelf: Shelf, words: Crosswalk) -> None:
    assert told(shelf, words, {"sol@high": (5, None, None)}) == {"sol@high": ((5, None, None), "")}


def test_another_source_lends_nothing(shelf: Shelf, words: Crosswalk) -> None:
    routed = {
        name: replace(variant, openrouter="a/sol" if name == "sol@high" else None)
        for name, variant in words.variants.items()
    }
    price = shelf.price(OPENROUTER, "a/sol", (5, 30, None))
    found = resolve_names([shelf.reading(price)], replace(words, variants=routed))
    assert [offer.variant for offer in found.offers] == ["sol@high"]
