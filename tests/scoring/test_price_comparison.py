"""A name's own price against the price of the variant it may mean."""

from __future__ import annotations

from datetime import date
from typing import Final

import pytest

from pipeline.domain.crosswalk import JudgedPrice
from pipeline.domain.ids import (
    ARTIFICIAL_ANALYSIS,
    GENAI_PRICES,
    OPENROUTER,
    Sha256,
    SourceKey,
    SourceModelName,
    SourceName,
)
from pipeline.domain.observation import Price
from pipeline.scoring.prices.comparison import agreement_of

DAY: Final = date(2026, 8, 13)


def _price(source: SourceName, per_input: int | None, per_output: int | None) -> Price:
    return Price(
        source=source,
        key=SourceKey("k"),
        name=SourceModelName("k"),
        input_microusd_per_mtok=per_input,
        output_microusd_per_mtok=per_output,
        cache_read_microusd_per_mtok=None,
        observed_on=DAY,
        capture=Sha256("0" * 64),
    )


def _judged(per_input: int, per_output: int) -> JudgedPrice:
    return JudgedPrice(
        release="sol",
        input_microusd_per_mtok=per_input,
        output_microusd_per_mtok=per_output,
        cache_read_microusd_per_mtok=None,
        valid_from=DAY,
        source_url="https://vendor.example/pricing",
        decided_by="Reviewer",
        reason="vendor page",
    )


OWN: Final = _price(ARTIFICIAL_ANALYSIS, 5_000_000, 30_000_000)


@pytest.mark.parametrize(
    ("others", "agrees"),
    [
        ([_price(OPENROUTER, 5_000_000, 30_000_000)], True),
        ([_price(OPENROUTER, 5_250_000, 30_000_000)], True),
        ([_price(OPENROUTER, 5_300_000, 30_000_000)], False),
        ([_price(OPENROUTER, 5_000_000, 15_000_000)], False),
        ([_price(OPENROUTER, 1, 1), _price(GENAI_PRICES, 5_000_000, 30_000_000)], True),
    ],
)
def test_one_price_within_the_agreement_speaks_for_it_and_none_speaks_against_it(
    others: list[Price], *, agrees: bool
) -> None:
    said, against = agreement_of([OWN], others, None, 0.05)
    assert (bool(said), bool(against)) == (agrees, not agrees)
    assert "$5" in said + against


@pytest.mark.parametrize(
    ("own", "others"),
    [
        ([], [OWN]),
        ([OWN], []),
        ([_price(ARTIFICIAL_ANALYSIS, 0, 0)], [OWN]),
        ([OWN], [_price(OPENROUTER, None, 1)]),
    ],
)
def test_where_a_side_is_silent_nothing_agrees_and_nothing_contradicts(
    own: list[Price], others: list[Price]
) -> None:
    assert agreement_of(own, others, None, 0.05) == ("", "")


def test_a_persons_price_outweighs_a_catalogue_that_agrees() -> None:
    assert agreement_of([OWN], [OWN], _judged(1_000_000, 2_000_000), 0.05)[1]
    assert agreement_of([OWN], [_price(OPENROUTER, 1, 1)], _judged(5_000_000, 30_000_000), 0.05)[0]
