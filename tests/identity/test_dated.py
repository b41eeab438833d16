"""A judged price is used from the day it is valid."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from pipeline.identity.crosswalk import load_crosswalk
from pipeline.identity.dated import valid_on

CROSSWALK = load_crosswalk(Path(__file__).resolve().parents[2] / "data" / "crosswalk")
FIRST = min(CROSSWALK.prices.values(), key=lambda price: (price.valid_from, price.release))


def test_a_price_is_unknown_the_day_before_it_is_valid_and_known_on_the_day() -> None:
    eve = FIRST.valid_from - timedelta(days=1)
    assert FIRST.release not in valid_on(CROSSWALK, eve).prices
    assert valid_on(CROSSWALK, FIRST.valid_from).prices[FIRST.release] == FIRST


def test_nothing_else_changes() -> None:
    assert replace(valid_on(CROSSWALK, FIRST.valid_from), prices=CROSSWALK.prices) == CROSSWALK
