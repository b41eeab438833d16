"""What a policy held, and the mean of what was counted."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pipeline.backtest.market import Fair


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """What one policy held in one tier, week by week."""

    fairs: Sequence[Fair]
    lineups: Sequence[tuple[str, ...]]
    """Models in rank order, one entry a fair."""
    k: int
    later: Sequence[Fair] = ()
    """Weeks after the last line-up: they judge what was held before them."""


def mean(values: Iterable[float]) -> float | None:
    """Average what was counted; None where nothing could be."""
    found = list(values)
    return statistics.fmean(found) if found else None
