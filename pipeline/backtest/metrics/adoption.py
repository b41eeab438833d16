"""Measures how long a policy takes to see that a new model is the best."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pipeline.backtest.simulate.holdings import Holdings
    from pipeline.backtest.simulate.universe import WeekUniverse


def weeks_to_adopt(course: Holdings) -> float | None:
    """Mean calendar weeks from the day a model first is the best one on offer to its place in the pool.

    Only models that became the best after the first week count; one that is never adopted counts
    the weeks until the history ends, so that never adopting cannot look quick.
    """
    waits = [_wait(course, place, model) for place, model in _crowned(course.fairs)]
    return statistics.fmean(waits) if waits else None


def _crowned(fairs: Sequence[WeekUniverse]) -> Iterator[tuple[int, str]]:
    """Every model that becomes the best for the first time, and the place of that week."""
    seen: set[str] = set()
    for place, fair in enumerate(fairs):
        if not fair.stands:
            continue
        best = min(fair.stands.values(), key=lambda stand: (-stand.row.score, stand.usd, stand.model))
        if seen and best.model not in seen:
            yield place, best.model
        seen.add(best.model)


def _wait(course: Holdings, place: int, model: str) -> int:
    later = zip(course.fairs[place:], course.lineups[place:], strict=True)
    held = (fair.table.number for fair, lineup in later if model in lineup)
    return next(held, course.fairs[-1].table.number) - course.fairs[place].table.number
