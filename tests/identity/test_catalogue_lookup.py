"""Prices and capabilities reach a variant by an exact id that people wrote down, or not at all."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest

from pipeline.domain.crosswalk import Crosswalk, Profile
from pipeline.domain.ids import (
    ARTIFICIAL_ANALYSIS,
    GENAI_PRICES,
    LMARENA_TEXT,
    OPENROUTER,
    SourceModelName,
    VariantId,
)
from pipeline.domain.observation import Severity
from pipeline.identity.resolve.resolve import resolve_names

if TYPE_CHECKING:
    from tests.identity.conftest import Shelf

HIGH = VariantId("sol@high")


@pytest.fixture
def words(shelf: Shelf) -> Crosswalk:
    """Two efforts of one release, both with their catalogue ids."""
    high, low = (
        replace(shelf.variant(name), openrouter="openai/sol", genai_prices="openai:sol", context_tokens=1000)
        for name in ("sol@high", "sol@low")
    )
    return shelf.crosswalk(
        replace(high, retires_on=date(2026, 12, 1)),
        low,
        shelf.variant("plain@default"),
        shelf.judgement(ARTIFICIAL_ANALYSIS, "uuid-high", "sol@high"),
        shelf.judgement(ARTIFICIAL_ANALYSIS, "uuid-again", "sol@high"),
        shelf.judgement(LMARENA_TEXT, "sol", "sol@high"),
    )


@pytest.mark.parametrize(("source", "key"), [(OPENROUTER, "openai/sol"), (GENAI_PRICES, "openai:sol")])
def test_a_catalogue_price_is_offered_to_every_effort_of_its_id(
    shelf: Shelf, words: Crosswalk, source: str, key: str
) -> None:
    price = shelf.price(OPENROUTER if source == OPENROUTER else GENAI_PRICES, key, (5, 30, None))
    found = resolve_names([shelf.reading(price)], words)
    assert [(offer.variant, offer.price) for offer in found.offers] == [
        ("sol@high", price),
        ("sol@low", price),
    ]


@pytest.mark.parametrize(
    "key", ["openai/sol:free", "openai/sol:batch", "openai/so", "~openai/sol", "OpenAI/sol"]
)
def test_no_other_id_lends_its_price(shelf: Shelf, words: Crosswalk, key: str) -> None:
    rows = shelf.price(OPENROUTER, key, (1, 1, None)), shelf.entry(OPENROUTER, key)
    found = resolve_names([shelf.reading(*rows)], words)
    assert found.offers == ()
    assert found.profiles[HIGH].tools is None


def test_an_id_of_one_catalogue_means_nothing_in_the_other(shelf: Shelf, words: Crosswalk) -> None:
    rows = shelf.price(OPENROUTER, "openai:sol", (1, 1, None))
    assert resolve_names([shelf.reading(rows)], words).offers == ()


def test_the_index_price_reaches_the_judged_release_only(shelf: Shelf, words: Crosswalk) -> None:
    price = shelf.price(ARTIFICIAL_ANALYSIS, "uuid-high", (5, 30, None))
    stray = shelf.price(ARTIFICIAL_ANALYSIS, "uuid-open", (1, 1, None))
    found = resolve_names([shelf.reading(price, stray)], words)
    assert [(offer.variant, offer.price) for offer in found.offers] == [
        ("sol@high", price),
        ("sol@low", replace(price, note="price of sol@high")),
    ]


def test_the_arena_never_prices_a_variant(shelf: Shelf, words: Crosswalk) -> None:
    price = shelf.price(LMARENA_TEXT, "sol", (1, 1, None))
    assert resolve_names([shelf.reading(price)], words).offers == ()


def test_one_source_gives_one_price_and_the_name_whose_score_is_used_goes_first(
    shelf: Shelf, words: Crosswalk
) -> None:
    scored = replace(shelf.row("uuid-high", 50, ARTIFICIAL_ANALYSIS), observed_on=date(2026, 8, 14))
    other = shelf.row("uuid-again", 40, ARTIFICIAL_ANALYSIS)
    cheap = shelf.price(ARTIFICIAL_ANALYSIS, "uuid-high", (5, 30, None))
    dear = shelf.price(ARTIFICIAL_ANALYSIS, "uuid-again", (6, 36, None))
    found = resolve_names([shelf.reading(scored, other, dear, cheap)], words)
    assert [offer.price for offer in found.offers if offer.variant == HIGH] == [cheap]


def test_two_prices_under_one_id_are_a_finding_and_the_dearer_is_used(shelf: Shelf, words: Crosswalk) -> None:
    cheap, dear = (shelf.price(OPENROUTER, "openai/sol", (n, 30, None)) for n in (1, 5))
    found = resolve_names([shelf.reading(cheap, dear)], words)
    assert [offer.price for offer in found.offers] == [dear, dear]
    conflicts = [finding for finding in found.findings if finding.kind == "price-conflict"]
    assert [(f.subject, f.severity) for f in conflicts] == [
        (v, Severity.WARN) for v in ("sol@high", "sol@low")
    ]
    assert "5/30" in conflicts[0].message
    assert "1/30" in conflicts[0].message


def test_an_unknown_amount_never_hides_a_known_one(shelf: Shelf, words: Crosswalk) -> None:
    unknown = replace(shelf.price(OPENROUTER, "openai/sol", (9, None, 9)), observed_on=date(2026, 8, 14))
    known = shelf.price(OPENROUTER, "openai/sol", (5, 30, 1))
    found = resolve_names([shelf.reading(unknown, known)], words)
    assert [offer.price for offer in found.offers] == [known, known]


def test_the_same_price_twice_is_no_finding(shelf: Shelf, words: Crosswalk) -> None:
    price = shelf.price(OPENROUTER, "openai/sol", (5, 30, 1))
    twice = (price, replace(price, name=SourceModelName("Sol")))
    findings = resolve_names([shelf.reading(*twice)], words).findings
    assert "price-conflict" not in {finding.kind for finding in findings}


def test_a_profile_says_what_the_catalogue_says(shelf: Shelf, words: Crosswalk) -> None:
    entry = replace(
        shelf.entry(OPENROUTER, "openai/sol"),
        context_tokens=400_000,
        tools=False,
        input_modalities=("text", "image"),
        retires_on=date(2027, 1, 1),
    )
    found = resolve_names([shelf.reading(entry)], words)
    assert found.profiles[HIGH] == Profile(
        variant=HIGH, context_tokens=400_000, tools=False, vision=True, retires_on=date(2026, 12, 1)
    )
    assert found.profiles[VariantId("sol@low")].retires_on == date(2027, 1, 1)
    assert found.profiles[VariantId("plain@default")] == Profile(variant=VariantId("plain@default"))


def test_what_the_catalogue_leaves_out_is_unknown_and_context_is_peoples_word(
    shelf: Shelf, words: Crosswalk
) -> None:
    entry = shelf.entry(OPENROUTER, "openai/sol")
    found = resolve_names([shelf.reading(entry)], words).profiles[HIGH]
    assert (found.context_tokens, found.tools, found.vision) == (1000, None, None)
    text_only = replace(entry, input_modalities=("text",))
    assert resolve_names([shelf.reading(text_only)], words).profiles[HIGH].vision is False
    assert resolve_names([], words).profiles[HIGH].context_tokens == 1000


def test_ids_the_catalogue_does_not_list_are_one_note(shelf: Shelf, words: Crosswalk) -> None:
    other = shelf.reading(shelf.entry(OPENROUTER, "other/model"))
    (finding,) = (f for f in resolve_names([other], words).findings if f.kind == "unlisted")
    assert (finding.severity, finding.subject) == (Severity.NOTE, OPENROUTER)
    assert "openai/sol" in finding.message
    listed = shelf.reading(shelf.price(OPENROUTER, "openai/sol", (1, 1, None)))
    assert "unlisted" not in {finding.kind for finding in resolve_names([listed], words).findings}


def test_only_the_catalogue_describes_a_route(shelf: Shelf, words: Crosswalk) -> None:
    elsewhere = replace(shelf.entry(GENAI_PRICES, "openai/sol"), context_tokens=9, tools=True)
    found = resolve_names([shelf.reading(elsewhere)], words).profiles[HIGH]
    assert (found.context_tokens, found.tools) == (1000, None)
