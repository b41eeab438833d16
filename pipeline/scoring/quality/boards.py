"""Both boards of one evidence on one scale, as values: no table leaves this module."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.domain.ids import MetricName, VariantId
from pipeline.domain.score import BoardScore
from pipeline.scoring.quality.anchor import arena_on_logits, choose_anchor
from pipeline.scoring.quality.board_table import board_of, board_table, by_scale, largest_scale
from pipeline.scoring.quality.equate import fit_index, index_in_logits, index_on_logits

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from pipeline.domain.crosswalk import Measure
    from pipeline.domain.policy import Evidence, QualityPolicy
    from pipeline.domain.score import Fit
    from pipeline.scoring.quality.anchor import Anchor, AnchoredScore


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
