"""Compares the scores of a run in a database with its proposal, and the crosswalk with its files.

Nothing is scored again: a proposal states the figures of every variant, rounded, for each evidence that its
tiers believe. What rounding hides, the price columns of a score, and a run that proposed nothing are passed
over.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from sqlalchemy import select

from pipeline.store.comparison import RowDifference, first_difference, recorded_run
from pipeline.store.crosswalks import crosswalk_rows, said_columns
from pipeline.store.tables import BOARD, RUN, SCORE

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from pipeline.domain.crosswalk import Crosswalk
    from pipeline.domain.run import RunRecord

StatedScores = Mapping[tuple[str, str], tuple[str | None, str | None]]
"""Quality and dollars per task as decimal text, by evidence and variant."""
_COLUMNS = ("quality", "usd_per_task")
_HALF = 0.501
"""A stated figure is at most half a unit of its last place off; a little more for the binary fraction."""


def score_difference(connection: Connection, run: RunRecord, stated: StatedScores) -> RowDifference | None:
    """Find the first score that is not what the proposal states, or the first board that nobody published."""
    recorded = recorded_run(connection, run)
    if recorded is None:
        return None
    return _first_score(connection, run, recorded.id, stated) or _first_board(connection, run, recorded.id)


def crosswalk_difference(connection: Connection, crosswalk: Crosswalk) -> RowDifference | None:
    """Find the first live variant or judgement that is not in the files.

    Files that people edited since the last run are passed over: that run did not know them.
    """
    latest = select(RUN.c.crosswalk_sha256).order_by(RUN.c.id.desc()).limit(1)
    if connection.scalar(latest) != crosswalk.sha256:
        return None
    for table, keys, expected in crosswalk_rows(crosswalk):
        live = table.c.superseded_at.is_(None)
        names = said_columns(table)
        stored = connection.execute(select(*(table.c[name] for name in names)).where(live)).all()
        if set(map(tuple, stored)) == {tuple(row[name] for name in names) for row in expected}:
            continue
        rows = [dict(zip(names, row, strict=True)) for row in stored]
        return first_difference(table.name, keys, rows, expected, frozenset())
    return None


def _first_score(
    connection: Connection, run: RunRecord, recorded: int, stated: StatedScores
) -> RowDifference | None:
    columns = (SCORE.c.evidence, SCORE.c.variant, SCORE.c.quality, SCORE.c.usd_per_task)
    rows = connection.execute(select(*columns).where(SCORE.c.run_id == recorded))
    stored = {(row[0], row[1]): (row[2], row[3]) for row in rows}
    if not stored:
        return None  # it was never scored here
    for key in sorted(stated):
        found = stored.get(key, (None, None))
        for column, there, said in zip(_COLUMNS, found, stated[key], strict=True):
            if not _is_stated(there, said):
                return RowDifference(
                    table=f"score of {run.week}",
                    row=" ".join(key),
                    column=column,
                    stored=str(there),
                    expected=str(said),
                )
    return None


def _is_stated(stored: float | None, said: str | None) -> bool:
    if stored is None or said is None:
        return stored is None and said is None
    places = len(said.partition(".")[2])
    return abs(stored - float(said)) <= _HALF / 10.0**places


def _first_board(connection: Connection, run: RunRecord, recorded: int) -> RowDifference | None:
    published = {
        (str(one.metric), one.scale, one.value) for reading in run.readings for one in reading.observations
    }
    columns = (BOARD.c.metric, BOARD.c.scale, BOARD.c.published, BOARD.c.evidence, BOARD.c.variant)
    found = connection.execute(select(*columns).where(BOARD.c.run_id == recorded).order_by(*columns))
    for metric, scale, value, evidence, variant in found:
        if (metric, scale, value) not in published:
            return RowDifference(
                table=f"board of {run.week}",
                row=f"{evidence} {variant} {metric}",
                column="published",
                stored=str(value),
                expected="no such figure",
            )
    return None
