"""The crosswalk as far as it holds on a day."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

    from pipeline.domain.crosswalk import Crosswalk


def valid_on(crosswalk: Crosswalk, day: date) -> Crosswalk:
    """Leave out judged prices that are not valid yet; a price known later is not used earlier."""
    prices = {release: price for release, price in crosswalk.prices.items() if price.valid_from <= day}
    return replace(crosswalk, prices=prices)
