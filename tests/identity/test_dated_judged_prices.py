"""A judged price is used from the day it is valid, and the one before it until then."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

from pipeline.identity.crosswalk.load import crosswalk_bytes, known_on, load_crosswalk, unpack, valid_on
from tests.example import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pipeline.domain.crosswalk import Crosswalk

    Write = Callable[..., Path]

CROSSWALK = load_crosswalk(ROOT / "data/crosswalk")
FIRST = min(
    (line for lines in CROSSWALK.prices.values() for line in lines),
    key=lambda price: (price.valid_from, price.release),
)
STEPS = (("5", "2026-07-09"), ("2", "2026-07-20"), ("3", "2026-07-20"), ("9", "2027-01-01"))
"""Dollars of input and the day from which they hold."""


def stated(crosswalk: Crosswalk) -> int | None:
    """Return whole dollars of input, None where no price is known."""
    price = crosswalk.price_of("sol-5.6")
    return None if price is None else price.input_microusd_per_mtok // 1_000_000


def lines(*steps: tuple[str, str]) -> tuple[str, ...]:
    return tuple(f"sol-5.6,{usd},30,,{day},https://vendor.example/,Reviewer,page" for usd, day in steps)


def test_a_price_is_unknown_the_day_before_it_is_valid_and_known_on_the_day() -> None:
    eve = FIRST.valid_from - timedelta(days=1)
    assert FIRST.release not in valid_on(CROSSWALK, eve).prices
    assert valid_on(CROSSWALK, FIRST.valid_from).price_of(FIRST.release) == FIRST


def test_nothing_else_changes() -> None:
    assert replace(valid_on(CROSSWALK, FIRST.valid_from), prices=CROSSWALK.prices) == CROSSWALK


@pytest.mark.parametrize("order", [STEPS, (STEPS[3], *STEPS[:3]), (*STEPS[1:], STEPS[0])])
@pytest.mark.parametrize(
    ("day", "usd"),
    [
        (date(2026, 7, 8), None),
        (date(2026, 7, 9), 5),
        (date(2026, 7, 19), 5),
        (date(2026, 7, 20), 3),
        (date(2026, 12, 31), 3),
        (date(2027, 1, 1), 9),
    ],
)
def test_the_latest_line_that_is_valid_holds_and_of_one_day_the_later_line(
    day: date, usd: int | None, order: tuple[tuple[str, str], ...], tmp_path: Path, write_crosswalk: Write
) -> None:
    folder = write_crosswalk(tmp_path, prices=lines(*order))
    assert stated(valid_on(load_crosswalk(folder), day)) == usd
    (tmp_path / "known").mkdir()
    for name, body in unpack(known_on(day, then=None, now=crosswalk_bytes(folder))).items():
        (tmp_path / "known" / name).write_bytes(body)
    assert load_crosswalk(tmp_path / "known").prices == valid_on(load_crosswalk(folder), day).prices
