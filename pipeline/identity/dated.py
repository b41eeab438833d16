"""The crosswalk as far as it holds on a day."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

    from pipeline.domain.crosswalk import Crosswalk


def valid_on(crosswalk: Crosswalk, day: date) -> Crosswalk:
    """Leave out judged prices that are not valid yet or no longer: the latest line that is valid holds."""
    valid = {
        release: tuple(line for line in lines if line.holds_on(day))
        for release, lines in crosswalk.prices.items()
    }
    return replace(crosswalk, prices={release: lines for release, lines in valid.items() if lines})
