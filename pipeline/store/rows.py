"""Converts values to table rows: plain mappings, in an order of their own."""

from __future__ import annotations

from datetime import UTC, datetime
from operator import attrgetter, itemgetter
from typing import TYPE_CHECKING

from pipeline.domain.document import sha256_hex
from pipeline.domain.score import Cost, NoPrice, Score, Scoreboard
from pipeline.store.tables import (
    BOARD,
    FINDING,
    MISSING,
    OBSERVATION,
    PRICE,
    READING,
    READING_CAPTURE,
    SCORE,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy import Table
    from sqlalchemy.engine import Connection

    from pipeline.domain.ids import Sha256
    from pipeline.domain.run import RunRecord


Row = dict[str, object]


def add(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Insert rows that all have the same columns, in one statement.

    SQLite is given the values as they are bound: looking every one of a week's 20,000 rows through for
    expressions takes SQLAlchemy longer than it takes SQLite to write them.
    """
    if not rows:
        return
    dialect = connection.dialect
    if not dialect.positional:
        connection.execute(table.insert(), list(rows))
        return
    statement = table.insert().compile(dialect=dialect, column_keys=list(rows[0]))
    binders = [
        (name, table.c[name].type.dialect_impl(dialect).bind_processor(dialect))
        for name in statement.positiontup or ()
    ]
    bound = [tuple([bind(row[name]) if bind else row[name] for name, bind in binders]) for row in rows]
    connection.exec_driver_sql(str(statement), bound)


def in_order(rows: Iterable[Row], *columns: str) -> tuple[Row, ...]:
    """Sort by columns that are never NULL, so that the order of the input leaves no trace."""
    return tuple(sorted(rows, key=itemgetter(*columns)))


def digest_of(rows: Iterable[Row]) -> Sha256:
    """Digest rows as Python writes them; the same rows give the same digest on every machine."""
    return sha256_hex("\n".join(repr(tuple(row.values())) for row in rows).encode())


def to_the_second(moment: datetime) -> datetime:
    """Write a moment as documents do, in UTC and without fractions, so that both can be compared.

    Raises:
        ValueError: The moment has no time zone.
    """
    if moment.tzinfo is None:
        raise ValueError(f"naive datetime: {moment}")
    return moment.astimezone(UTC).replace(microsecond=0)


CAPTURE_REF = "capture"
"""Stands for `capture_id`: the pair (source, digest)."""

_OBSERVED = ("source", "key", "metric", "scale", "name", "value", "low", "high", "votes", "estimated")
_AMOUNTS = ("input_microusd_per_mtok", "output_microusd_per_mtok", "cache_read_microusd_per_mtok")
_PRICED = ("source", "key", "note", "name", *_AMOUNTS)


def head_row(run: RunRecord) -> Row:
    """The run itself."""
    return {
        "week": str(run.week),
        "attempt": run.attempt,
        "as_of": to_the_second(run.as_of),
        "outcome": run.outcome.value,
        "crosswalk_sha256": str(run.crosswalk.sha256),
    }


def capture_rows(run: RunRecord) -> tuple[Row, ...]:
    """Every capture once; two of the same source and bytes are one."""
    rows: dict[tuple[str, str], Row] = {}
    for capture in run.captures:
        row: Row = {
            "source": str(capture.source),
            "sha256": str(capture.sha256),
            "url": capture.url,
            "fetched_at": to_the_second(capture.fetched_at),
            "status": capture.status,
            "byte_count": len(capture.body),
        }
        rows.setdefault((str(row["source"]), str(row["sha256"])), row)
    return in_order(rows.values(), "source", "sha256")


def table_rows(run: RunRecord) -> Mapping[Table, tuple[Row, ...]]:
    """All other rows by table, referred tables first."""
    return {
        READING: in_order(_readings(run), "source"),
        READING_CAPTURE: in_order(_reading_captures(run), "source", "position"),
        OBSERVATION: in_order(_observations(run), "source", "key", "metric", "scale"),
        PRICE: in_order(_prices(run), "source", "key", "note"),
        FINDING: _findings(run),
        MISSING: tuple({"variant": str(variant)} for variant in sorted(set(run.missing))),
        SCORE: in_order(score_rows(run.scoreboards), "evidence", "variant"),
        BOARD: in_order(board_rows(run.scoreboards), "evidence", "variant", "metric"),
    }


def _readings(run: RunRecord) -> Iterable[Row]:
    for reading in run.readings:
        yield {
            "source": str(reading.source),
            "scale": reading.scale,
            "published_on": reading.published_on,
            "fetched_at": to_the_second(reading.fetched_at),
            "held": reading.source in run.held,
        }
    for source in sorted(set(run.held) - {reading.source for reading in run.readings}):
        yield {"source": str(source), "scale": "", "published_on": None, "fetched_at": None, "held": True}


def _reading_captures(run: RunRecord) -> Iterable[Row]:
    for reading in run.readings:
        for position, sha256 in enumerate(reading.captures, start=1):
            source = str(reading.source)
            yield {"source": source, "position": position, CAPTURE_REF: (source, str(sha256))}


def _observations(run: RunRecord) -> Iterable[Row]:
    judgements = run.crosswalk.judgements
    fields = attrgetter(*_OBSERVED)
    for reading in run.readings:
        for seen in reading.observations:
            judgement = judgements.get((seen.source, seen.key))
            yield {
                **dict(zip(_OBSERVED, fields(seen), strict=True)),
                "observed_on": seen.observed_on,
                "variant": judgement and judgement.variant,
                CAPTURE_REF: (str(seen.source), str(seen.capture)),
            }


def _prices(run: RunRecord) -> Iterable[Row]:
    fields = attrgetter(*_PRICED)
    for reading in run.readings:
        for price in reading.prices:
            yield {
                **dict(zip(_PRICED, fields(price), strict=True)),
                "observed_on": price.observed_on,
                CAPTURE_REF: (str(price.source), str(price.capture)),
            }


def _findings(run: RunRecord) -> tuple[Row, ...]:
    lines = sorted({(f.severity.value, f.kind, f.subject, f.message) for f in run.findings})
    return tuple(
        {"position": place, "kind": kind, "severity": severity, "subject": subject, "message": message}
        for place, (severity, kind, subject, message) in enumerate(lines, start=1)
    )


_EMPTY: Row = dict.fromkeys(
    (
        "theta",
        "sigma",
        "quality",
        "usd_per_task",
        "grade",
        "input_microusd_per_mtok",
        "output_microusd_per_mtok",
        "unscored",
        "unpriced",
        "detail",
    )
)


def score_rows(boards: Mapping[str, Scoreboard]) -> Iterable[Row]:
    """One row per evidence and variant."""
    for evidence, board in boards.items():
        for variant, score in board.scores.items():
            yield {
                "evidence": evidence,
                "variant": str(variant),
                **_EMPTY,
                **_quality(score),
                **_cost(score.cost),
            }
        for variant, unscored in board.unscored.items():
            reason: Row = {"unscored": unscored.reason, "detail": unscored.detail}
            yield {"evidence": evidence, "variant": str(variant), **_EMPTY, **reason}


def board_rows(boards: Mapping[str, Scoreboard]) -> Iterable[Row]:
    """One row per evidence, variant and metric: what the score was made of, as published."""
    for evidence, board in boards.items():
        for variant, score in board.scores.items():
            for said in score.boards:
                yield {
                    "evidence": evidence,
                    "variant": str(variant),
                    "metric": str(said.metric),
                    "scale": said.scale,
                    "published": said.published,
                }


def _quality(score: Score) -> Row:
    return {"theta": score.theta, "sigma": score.sigma, "quality": score.quality}


def _cost(cost: Cost | NoPrice) -> Row:
    if isinstance(cost, Cost):
        return {
            "usd_per_task": cost.usd_per_task,
            "grade": cost.grade,
            "input_microusd_per_mtok": cost.price.input_microusd_per_mtok,
            "output_microusd_per_mtok": cost.price.output_microusd_per_mtok,
        }
    return {"unpriced": cost.reason, "detail": cost.detail}
