"""A judged price ends: on the day its line states, else after 26 weeks."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from pipeline.identity.crosswalk.load import load_crosswalk, valid_on

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

LINE = "sol-5.6,5,30,0.5,2026-07-09,https://vendor.example/pricing,Reviewer,vendor page"


def _with_end(path: Path, cell: str) -> None:
    header, *_ = path.read_text().splitlines()
    path.write_text(f"{header},valid_until\n{LINE},{cell}\n")


@pytest.mark.parametrize(
    ("cell", "last"),
    [(None, date(2027, 1, 7)), ("", date(2027, 1, 7)), ("2026-08-31", date(2026, 8, 31))],
)
def test_it_holds_to_its_last_day_and_not_the_day_after(
    tmp_path: Path, write_crosswalk: Callable[..., Path], cell: str | None, last: date
) -> None:
    folder = write_crosswalk(tmp_path)
    if cell is not None:
        _with_end(folder / "prices.csv", cell)
    crosswalk = load_crosswalk(folder)
    assert valid_on(crosswalk, last).price_of("sol-5.6") is not None
    after = date.fromordinal(last.toordinal() + 1)
    assert valid_on(crosswalk, after).price_of("sol-5.6") is None
