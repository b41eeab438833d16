"""Holds what a policy held week by week, and the mean of what was counted."""

from __future__ import annotations

import statistics
from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from pipeline.backtest.metrics.reference_values import ReferenceValues
    from pipeline.backtest.simulate.universe import WeekUniverse


@dataclass(frozen=True, slots=True, kw_only=True)
class Holdings:
    """What one policy held in one tier, week by week."""

    fairs: Sequence[WeekUniverse]
    lineups: Sequence[tuple[str, ...]]
    """Models in rank order, one entry a fair."""
    k: int
    later: Sequence[WeekUniverse] = ()
    """Weeks after the last line-up: they judge what was held before them."""
    firsts: Sequence[Mapping[str, str]] = ()
    """The member that serves each band, one entry a fair; empty for a policy that knows no bands."""

    def judged(self, horizon: int) -> Iterator[tuple[int, WeekUniverse, WeekUniverse]]:
        """Yield each place with its fair and the first one at least `horizon` calendar weeks later."""
        for place, fair in enumerate(self.fairs):
            if (later := self.after(fair, horizon)) is not None:
                yield place, fair, later

    def after(self, fair: WeekUniverse, horizon: int) -> WeekUniverse | None:
        """The first fair at least `horizon` calendar weeks later; None where the history ends before."""
        fairs = (*self.fairs, *self.later)
        due = fair.table.number + horizon
        place = bisect_left(fairs, due, key=lambda one: one.table.number)
        return fairs[place] if place < len(fairs) else None

    def serving(self, place: int) -> Mapping[str, str]:
        """Who serves each band: as the policy says, or else the member of most value there at that time."""
        if self.firsts:
            return self.firsts[place]
        fair = self.fairs[place]
        marks = {model: fair.marks[model] for model in self.lineups[place] if model in fair.marks}
        if not marks:
            return {}
        return {band: _best_member(marks, price) for band, price in fair.worth.prices.items()}


def _best_member(marks: Mapping[str, ReferenceValues], price: float) -> str:
    """The model of most value at a price of an answer; of equals the first."""
    return max(marks, key=lambda model: marks[model].value(price))


def mean(values: Iterable[float]) -> float | None:
    """Average what was counted; None where nothing could be."""
    found = list(values)
    return statistics.fmean(found) if found else None
