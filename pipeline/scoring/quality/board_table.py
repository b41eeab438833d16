"""Measures in order, one per variant and scale, and as what the arithmetic works on.

The Arena is a `Board` of columns. An index, which has to be joined with it, is a table with the columns
`variant`, `scale`, `published` (the board's own unit), `half_width` (half of the published 95 % interval),
`votes`, `estimated`. NaN exists only here: it means "not published" and never leaves the room.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from pipeline.domain.crosswalk import Measure
    from pipeline.domain.ids import MetricName, VariantId
    from pipeline.domain.observation import Observation


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """Measures of one scale, column by column, in the order of the variants' ids."""

    variants: tuple[VariantId, ...]
    scales: tuple[str, ...]
    published: NDArray[np.float64]
    """In the board's own unit."""
    half_width: NDArray[np.float64]
    """Half of the published 95 % interval; NaN where none is published."""
    votes: tuple[int | None, ...]
    estimated: tuple[bool, ...]


def by_scale(measures: Iterable[Measure], metric: MetricName) -> Mapping[str, tuple[Measure, ...]]:
    """Sort one metric's measures by scale, then variant, one each: two scales are never mixed.

    Where two source names were judged to mean one variant, the row that is measured, has more
    votes and is younger speaks for it (then the later source and key): never the higher value.
    """
    chosen: dict[str, dict[VariantId, Measure]] = {}
    listed = [measure for measure in measures if measure.observation.metric == metric]
    for measure in sorted(listed, key=_standing):
        chosen.setdefault(measure.observation.scale, {})[measure.variant] = measure
    return {
        scale: tuple(measure for _, measure in sorted(chosen[scale].items(), key=lambda item: item[0]))
        for scale in sorted(chosen)
    }


def largest_scale(scales: Mapping[str, Sequence[Measure]]) -> str | None:
    """Name the scale most variants are on (ties by name); None where there is none."""
    return min(scales, key=lambda scale: (-len(scales[scale]), scale), default=None)


def board_of(measures: Sequence[Measure]) -> Board:
    """Lay out measures of one scale as columns, in the order given."""
    seen = [measure.observation for measure in measures]
    return Board(
        variants=tuple([measure.variant for measure in measures]),
        scales=tuple([one.scale for one in seen]),
        published=np.array([one.value for one in seen], dtype=np.float64),
        half_width=np.array([_half_width(one) for one in seen], dtype=np.float64),
        votes=tuple([one.votes for one in seen]),
        estimated=tuple([one.estimated for one in seen]),
    )


def board_table(measures: Sequence[Measure]) -> pd.DataFrame:
    """Lay out measures of one scale as a table, in the order given.

    pandas is imported here and not above: a history with one board has nothing to join.
    """
    import pandas as pd

    seen = [measure.observation for measure in measures]
    return pd.DataFrame(
        {
            "variant": [str(measure.variant) for measure in measures],
            "scale": [one.scale for one in seen],
            "published": [one.value for one in seen],
            "half_width": [_half_width(one) for one in seen],
            "votes": [math.nan if one.votes is None else float(one.votes) for one in seen],
            "estimated": [one.estimated for one in seen],
        }
    )


def _half_width(seen: Observation) -> float:
    return math.nan if seen.low is None or seen.high is None else (seen.high - seen.low) / 2


def _standing(measure: Measure) -> tuple[bool, int, str, str, str, float]:
    """What makes one row speak before another of the same variant; the last one speaks."""
    seen = measure.observation
    votes = -1 if seen.votes is None else seen.votes
    day = seen.observed_on.isoformat()
    return not seen.estimated, votes, day, seen.source, seen.key, seen.value
