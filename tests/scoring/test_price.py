"""A price needs two sources that agree or a person; a hole is never cheap."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.score import ListPrice, Unpriced
from pipeline.scoring.claim import dollars
from pipeline.scoring.price import agreed_price

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.domain.observation import Price
    from tests.scoring.conftest import Make

OPENROUTER, GENAI, AA = "openrouter", "genai-prices", "artificial-analysis"


def known(prices: Sequence[Price]) -> ListPrice:
    price = agreed_price(prices, None, 0.05)
    assert isinstance(price, ListPrice), price
    return price


def unknown(prices: Sequence[Price]) -> Unpriced:
    price = agreed_price(prices, None, 0.05)
    assert isinstance(price, Unpriced), price
    return price


def test_two_sources_that_agree_make_a_price_with_the_figures_of_the_first(make: Make) -> None:
    price = known([make.price(GENAI, 2.6, 10.0, 0.26), make.price(OPENROUTER, 2.5, 10.2)])
    assert (price.input_microusd_per_mtok, price.output_microusd_per_mtok) == (2_500_000, 10_200_000)
    assert price.cache_read_microusd_per_mtok == 260_000
    assert price.sources == (OPENROUTER, GENAI)
    assert price.note == ""


@pytest.mark.parametrize(
    ("usd_in", "usd_out", "agrees"),
    [(0.95, 10, True), (0.9499, 10, False), (1, 9.5, True), (1, 9.4999, False), (1.06, 10, False)],
)
def test_agreement_is_within_five_percent_of_the_larger_figure_on_both_axes(
    make: Make, usd_in: float, usd_out: float, *, agrees: bool
) -> None:
    price = agreed_price([make.price(OPENROUTER, 1, 10), make.price(GENAI, usd_in, usd_out)], None, 0.05)
    assert isinstance(price, ListPrice) is agrees


def test_two_sources_outvote_a_third_and_the_note_says_what_it_states(make: Make) -> None:
    price = known([make.price(OPENROUTER, 5, 20), make.price(GENAI, 2.5, 10), make.price(AA, 2.5, 10)])
    assert price.input_microusd_per_mtok == 2_500_000
    assert price.sources == (GENAI, AA)
    assert price.note == "outvoted: openrouter input $5, output $20"


def test_one_source_twice_is_not_two_sources(make: Make) -> None:
    prices = [make.price(OPENROUTER, 1, 2), replace(make.price(OPENROUTER, 1, 2), note="again")]
    assert unknown(prices).reason == "price_unknown"


def test_a_source_that_agrees_with_two_others_that_do_not_gives_no_chain(make: Make) -> None:
    """1.00 and 0.96 agree, 0.96 and 0.92 agree, 1.00 and 0.92 do not: the first one's group counts."""
    price = known([make.price(OPENROUTER, 1, 1), make.price(GENAI, 0.96, 1), make.price(AA, 0.92, 1)])
    assert price.sources == (OPENROUTER, GENAI)
    assert price.note == "outvoted: artificial-analysis input $0.92, output $1"


def test_a_judged_price_wins_over_all_sources(make: Make) -> None:
    judged = make.judged("m", 3, 12, 0.3)
    price = agreed_price([make.price(OPENROUTER, 5, 20), make.price(GENAI, 5, 20)], judged, 0.05)
    assert price == ListPrice(
        input_microusd_per_mtok=3_000_000,
        output_microusd_per_mtok=12_000_000,
        cache_read_microusd_per_mtok=300_000,
        sources=("judgement",),  # type: ignore[arg-type]  # the name as it is written in proposals
    )


def test_a_judged_zero_is_free_and_stays_out(make: Make) -> None:
    price = agreed_price([], make.judged("m", 0, 0, None), 0.05)
    assert price == Unpriced(
        reason="price_zero", detail="free: zero prices are kept out of paid tiers (judged for m)"
    )


def test_a_single_source_is_not_enough_and_the_detail_says_what_to_do(make: Make) -> None:
    price = unknown([make.price(OPENROUTER, 2.5, 10, 0.25)])
    assert price.reason == "price_unknown"
    assert price.detail == (
        "only openrouter states a price (openrouter input $2.5, output $10, cached $0.25); "
        "judge it in data/crosswalk/prices.csv"
    )


def test_no_source_is_unknown(make: Make) -> None:
    assert unknown([]).reason == "price_unknown"
    assert unknown([]).detail == "no source states a price; judge it in data/crosswalk/prices.csv"


def test_half_a_price_is_unknown(make: Make) -> None:
    price = unknown([make.price(OPENROUTER, 2.5, None), make.price(GENAI, 2.5, None)])
    assert price.reason == "price_unknown"
    assert "openrouter input $2.5, output unknown" in price.detail


def test_two_sources_that_state_zero_make_it_free(make: Make) -> None:
    price = unknown([make.price(OPENROUTER, 0, 0), make.price(GENAI, 0, 0)])
    assert price.reason == "price_zero"
    assert price.detail.startswith("free: zero prices are kept out of paid tiers")


def test_one_source_that_states_zero_states_nothing(make: Make) -> None:
    assert unknown([make.price(AA, 0, 0)]).reason == "price_unknown"
    assert unknown([make.price(AA, 0, 0), make.price(GENAI, 0, 3)]).reason == "price_unknown"


def test_a_zero_beside_a_positive_price_is_ignored(make: Make) -> None:
    zero = make.price(AA, 0, 0)
    assert unknown([zero, make.price(GENAI, 1, 2)]).detail.startswith("only genai-prices states a price")
    assert known([zero, make.price(GENAI, 1, 2), make.price(OPENROUTER, 1, 2)]).note == ""


def test_a_conflict_names_every_figure_and_the_worst_billed_axis(make: Make) -> None:
    price = unknown([make.price(GENAI, 2.5, 30, 0.25), make.price(OPENROUTER, 2.5, 10, 0.05)])
    assert price.reason == "price_conflict"
    assert price.detail == (
        "sources disagree: openrouter input $2.5, output $10, cached $0.05; "
        "genai-prices input $2.5, output $30, cached $0.25; "
        "worst: cached input, where openrouter and genai-prices differ by a factor of 5.00; "
        "judge it in data/crosswalk/prices.csv"
    )


def test_a_tripled_output_is_seen_though_input_agrees(make: Make) -> None:
    assert "worst: output" in unknown([make.price(GENAI, 1, 6), make.price(OPENROUTER, 1, 2)]).detail


def test_a_cache_price_that_differs_inside_an_agreement_is_noted(make: Make) -> None:
    price = known([make.price(OPENROUTER, 1, 2, 0.1), make.price(GENAI, 1, 2, 0.5)])
    assert price.cache_read_microusd_per_mtok == 100_000
    assert price.note == "cached input differs: genai-prices input $1, output $2, cached $0.5"


def test_a_cache_price_of_zero_is_unknown(make: Make) -> None:
    price = known([make.price(OPENROUTER, 1, 2, 0), make.price(GENAI, 1, 2, 0)])
    assert price.cache_read_microusd_per_mtok is None
    judged = agreed_price([], make.judged("m", 1, 2, 0), 0.05)
    assert isinstance(judged, ListPrice)
    assert judged.cache_read_microusd_per_mtok is None


def test_the_note_of_an_offer_is_kept_once(make: Make) -> None:
    peak = [replace(make.price(source, 1, 2), note="peak hours") for source in (OPENROUTER, GENAI)]
    assert known(peak).note == "peak hours"


@pytest.mark.parametrize(
    ("microusd", "text"),
    [(None, "unknown"), (0, "$0"), (100_000_000, "$100"), (75_000, "$0.075"), (1, "$0.000001")],
)
def test_dollars_are_written_without_idle_zeros(microusd: int | None, text: str) -> None:
    assert dollars(microusd) == text


amounts = st.sampled_from([None, 0, 0.5, 0.52, 1, 2])
rows = st.tuples(st.sampled_from([OPENROUTER, GENAI, AA]), amounts, amounts, amounts)


@given(stated=st.lists(rows, max_size=4))
def test_the_order_of_offers_does_not_matter_and_no_price_is_zero(
    make: Make, stated: list[tuple[str, float | None, float | None, float | None]]
) -> None:
    prices = [make.price(*row) for row in stated]
    found = {agreed_price(order, None, 0.05) for order in permutations(prices)}
    assert len(found) == 1
    price = found.pop()
    if isinstance(price, ListPrice):
        assert price.input_microusd_per_mtok > 0
        assert price.output_microusd_per_mtok > 0
        assert price.cache_read_microusd_per_mtok != 0
        assert len(price.sources) > 1
