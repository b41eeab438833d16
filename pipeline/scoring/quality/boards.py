"""Reads both boards of one evidence, in order and on one scale, as values: no table leaves this module.

The Arena is a `Board` of columns. An index, which has to be joined with it, is a table with the columns
`variant`, `scale`, `published` (the board's own unit), `half_width` (half of the published 95 % interval),
`votes`, `estimated`. NaN exists only here: it means "not published" and never leaves the room.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pipeline.domain.ids import MetricName, VariantId
from pipeline.domain.score import BoardScore, Fit
from pipeline.scoring.quality.equate import (
    Anchor,
    AnchoredScore,
    arena_on_logits,
    choose_anchor,
    fit_index,
    index_in_logits,
    index_on_logits,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from pipeline.domain.crosswalk import Measure
    from pipeline.domain.observation import Observation
    from pipeline.domain.policy import Evidence, QualityPolicy


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
    """Sort key of rows of one variant: the last one counts."""
    seen = measure.observation
    votes = -1 if seen.votes is None else seen.votes
    day = seen.observed_on.isoformat()
    return not seen.estimated, votes, day, seen.source, seen.key, seen.value


@dataclass(frozen=True, slots=True, kw_only=True)
class Boards:
    """What both boards say, variant by variant."""

    metric: MetricName
    """Of the Arena."""
    anchor: Anchor
    fits: tuple[Fit, ...]
    """Merged ones first, then by size of the overlap: the first one speaks for the index."""
    arena: Mapping[VariantId, BoardScore]
    index: Mapping[VariantId, tuple[BoardScore, ...]]
    """One score per index version, in the order of `fits`."""


def read_boards(measures: Sequence[Measure], evidence: Evidence, quality: QualityPolicy) -> Boards | None:
    """Put the Arena on logits above its anchor, and each index version on the Arena's scale.

    Where Arena rows are on several scales, the largest one is the board; the others are not used.

    Returns:
        None where the Arena lists nobody: there is no scale, and so no score.
    """
    metric, index_metric = MetricName(evidence.arena), MetricName(evidence.index)
    listed = by_scale(measures, metric)
    scale = largest_scale(listed)
    board = board_of(listed[scale] if scale is not None else ())
    anchor = choose_anchor(board, quality)
    if anchor is None:
        return None
    arena = arena_on_logits(board, anchor)
    published = by_scale(measures, index_metric).values()
    versions = (index_in_logits(board_table(rows), quality) for rows in published)
    fitted = [(fit_index(index_metric, arena, rows, quality), rows) for rows in versions if len(rows)]
    fitted.sort(key=lambda pair: (not pair[0].merged, -pair[0].n, pair[0].scale))
    placed = [_board_scores(index_metric, _index_rows(index_on_logits(rows, fit))) for fit, rows in fitted]
    return Boards(
        metric=metric,
        anchor=anchor,
        fits=tuple(fit for fit, _ in fitted),
        arena=_board_scores(metric, _arena_rows(arena), least_votes=quality.confirmed_votes),
        index=_by_variant(placed),
    )


def _by_variant(
    placed: Sequence[Mapping[VariantId, BoardScore]],
) -> Mapping[VariantId, tuple[BoardScore, ...]]:
    names = sorted({name for board in placed for name in board})
    return {name: tuple(board[name] for board in placed if name in board) for name in names}


_Row = tuple[str, str, float, bool, float, float, "int | None"]
"""Variant, scale, published value, whether it is estimated, theta, se, votes."""


def _arena_rows(placed: AnchoredScore) -> list[_Row]:
    board = placed.board
    columns = (board.published.tolist(), board.estimated, placed.theta.tolist(), placed.se.tolist())
    return list(zip(board.variants, board.scales, *columns, board.votes, strict=True))


def _index_rows(table: pd.DataFrame) -> list[_Row]:
    names = ("variant", "scale", "published", "estimated", "theta", "se")
    votes = [None if math.isnan(count) else int(count) for count in table["votes"].tolist()]
    return list(zip(*(table[name].tolist() for name in names), votes, strict=True))


def _board_scores(
    metric: MetricName, rows: Sequence[_Row], *, least_votes: int | None = None
) -> Mapping[VariantId, BoardScore]:
    """Hand out the rows of one board; a score is confirmed when it is measured and has its votes.

    A board that counts nobody's votes cannot be asked for them: there, measured is confirmed. (The
    live board is refused without its counts; tables of before 2024-07 have none.)
    """
    least = least_votes if any(votes is not None for *_, votes in rows) else None
    return {
        VariantId(variant): BoardScore(
            metric=metric,
            scale=scale,
            published=published,
            theta=theta,
            se=se,
            votes=votes,
            confirmed=not estimated and (least is None or (votes is not None and votes >= least)),
        )
        for variant, scale, published, estimated, theta, se, votes in rows
    }
