"""A run as rows; pure. `capture` stands for the number a capture gets when it is written."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING

from pipeline.store.rows import in_order, to_the_second
from pipeline.store.score_rows import board_rows, score_rows
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
    from collections.abc import Iterable, Mapping

    from sqlalchemy import Table

    from pipeline.domain.run import RunRecord
    from pipeline.store.rows import Row

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
