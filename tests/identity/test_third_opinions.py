"""A third opinion reaches a variant by exactly the id that its columns spell, or not at all."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest

from pipeline.domain.ids import LITELLM_PRICES, MODELS_DEV, OPENROUTER, VariantId
from pipeline.domain.observation import Finding, Severity
from pipeline.identity.resolve.catalogue_lookup import retirement_findings
from pipeline.identity.resolve.resolve import resolve_names

if TYPE_CHECKING:
    from pipeline.domain.crosswalk import Crosswalk, Profile
    from tests.identity.conftest import Shelf

SOL = VariantId("sol@high")


@pytest.fixture
def words(shelf: Shelf) -> Crosswalk:
    """One variant with its routes; its vendor has another word at models.dev."""
    sol = replace(
        shelf.variant("sol@high"),
        vendor="moonshot",
        litellm="moonshot/sol-1",
        genai_prices="moonshotai:sol-1",
        openrouter="moonshotai/sol",
    )
    return shelf.crosswalk(sol)


def offered(shelf: Shelf, words: Crosswalk, key: str, provider: str | None = None) -> list[int | None]:
    price = shelf.price(LITELLM_PRICES, key, (5, 30, None))
    entry = replace(shelf.entry(LITELLM_PRICES, key), organization=provider)
    return [
        o.price.input_microusd_per_mtok for o in resolve_names([shelf.reading(price, entry)], words).offers
    ]


@pytest.mark.parametrize(("key", "provider"), [("moonshot/sol-1", "moonshot"), ("sol-1", "moonshot")])
def test_litellm_prices_a_route_with_or_without_its_provider_in_front(
    shelf: Shelf, words: Crosswalk, key: str, provider: str
) -> None:
    assert offered(shelf, words, key, provider) == [5]


@pytest.mark.parametrize(
    ("key", "provider"),
    [
        ("sol-1", "azure"),
        ("sol-1", None),
        ("sol-1", "moonshotai"),
        ("sol", "moonshot"),
        ("sol-1-preview", "moonshot"),
        ("SOL-1", "moonshot"),
        ("azure/sol-1", "azure"),
        ("moonshotai/sol-1", "moonshotai"),
    ],
)
def test_no_other_row_of_litellm_lends_its_price(
    shelf: Shelf, words: Crosswalk, key: str, provider: str | None
) -> None:
    assert offered(shelf, words, key, provider) == []


def test_the_row_with_its_provider_in_front_is_preferred(shelf: Shelf, words: Crosswalk) -> None:
    rows = [
        shelf.price(LITELLM_PRICES, key, (n, 30, None)) for key, n in (("sol-1", 1), ("moonshot/sol-1", 5))
    ]
    entries = [replace(shelf.entry(LITELLM_PRICES, row.key), organization="moonshot") for row in rows]
    found = resolve_names([shelf.reading(*rows, *entries)], words)
    assert [offer.price.input_microusd_per_mtok for offer in found.offers] == [5]
    assert found.findings == ()


@pytest.mark.parametrize(
    ("vendor", "key", "count"),
    [
        ("moonshot", "moonshotai/sol-1", 1),
        ("moonshot", "moonshot/sol-1", 0),
        ("openai", "moonshotai/sol-1", 0),
        ("moonshot", "openrouter/moonshotai/sol-1", 0),
        ("moonshot", "moonshotai/sol-1-preview", 0),
    ],
)
def test_at_models_dev_only_the_vendors_own_provider_counts(
    shelf: Shelf, words: Crosswalk, vendor: str, key: str, count: int
) -> None:
    sold = shelf.crosswalk(replace(words.variants[SOL], vendor=vendor))
    price = shelf.price(MODELS_DEV, key, (5, 30, None))
    assert len(resolve_names([shelf.reading(price)], sold).offers) == count


def test_a_resellers_row_is_not_the_vendors_though_the_route_names_it(shelf: Shelf) -> None:
    resold = replace(shelf.variant("qwen@on"), vendor="alibaba", litellm="openrouter/qwen/qwen")
    price = shelf.price(MODELS_DEV, "openrouter/qwen/qwen", (5, 30, None))
    assert resolve_names([shelf.reading(price)], shelf.crosswalk(resold)).offers == ()
    dispatched = shelf.price(LITELLM_PRICES, "openrouter/qwen/qwen", (5, 30, None))
    assert len(resolve_names([shelf.reading(dispatched)], shelf.crosswalk(resold)).offers) == 1


def test_an_id_that_a_third_opinion_does_not_list_is_no_finding(shelf: Shelf, words: Crosswalk) -> None:
    other = shelf.reading(shelf.entry(LITELLM_PRICES, "other/model"))
    assert resolve_names([other], words).findings == ()


def test_abilities_come_from_the_first_catalogue_that_states_them(shelf: Shelf, words: Crosswalk) -> None:
    plain = replace(shelf.entry(OPENROUTER, "moonshotai/sol"), tools=False)
    third = replace(
        shelf.entry(LITELLM_PRICES, "moonshot/sol-1"),
        tools=True,
        context_tokens=1000,
        input_modalities=("image", "text"),
        retires_on=date(2026, 9, 1),
    )
    profile = resolve_names([shelf.reading(third), shelf.reading(plain)], words).profiles[SOL]
    assert (profile.tools, profile.context_tokens, profile.vision) == (False, 1000, True)
    assert profile.retires_on is None


def ends(
    shelf: Shelf, words: Crosswalk, day: date, known: date | None = None
) -> tuple[tuple[Finding, ...], Profile]:
    entry = replace(shelf.entry(LITELLM_PRICES, "moonshot/sol-1"), retires_on=day)
    sold = shelf.crosswalk(replace(words.variants[SOL], retires_on=known))
    readings = [shelf.reading(entry)]
    profiles = resolve_names(readings, sold).profiles
    found = retirement_findings(readings, sold.variants.values(), profiles, until=date(2026, 10, 1))
    return found, profiles[SOL]


def test_a_date_that_is_near_is_told_and_does_not_decide(shelf: Shelf, words: Crosswalk) -> None:
    ((finding,), profile) = ends(shelf, words, date(2026, 10, 1))
    assert (finding.kind, finding.severity, finding.subject) == ("retires-soon", Severity.WARN, "sol")
    assert "moonshot/sol-1 ends on 2026-10-01" in finding.message
    assert profile.retires_on is None


def test_a_date_that_is_far_or_already_in_force_is_not_told(shelf: Shelf, words: Crosswalk) -> None:
    assert ends(shelf, words, date(2026, 10, 2))[0] == ()
    assert ends(shelf, words, date(2026, 9, 1), known=date(2026, 9, 1))[0] == ()
    assert len(ends(shelf, words, date(2026, 9, 1), known=date(2026, 12, 1))[0]) == 1
