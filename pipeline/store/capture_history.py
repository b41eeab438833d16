"""Answer what the gate asks: which data of a source was used, and which a person let through."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING

from sqlalchemy import case, func, select, union

from pipeline.domain.calendar import Week
from pipeline.domain.ids import MetricName, Sha256, SourceKey, SourceModelName
from pipeline.domain.observation import Observation, Price
from pipeline.domain.proposal import Verdict
from pipeline.domain.run import ApprovedRow, CaptureUse
from pipeline.store.review_tables import POOL, PROPOSAL
from pipeline.store.tables import CAPTURE, OBSERVATION, PRICE, READING, READING_CAPTURE, RUN

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Row
    from sqlalchemy.engine import Connection

    from pipeline.domain.ids import SourceName

_VALUES = attrgetter("scale", "value", "low", "high", "votes", "estimated", "observed_on")
_AMOUNTS = attrgetter(
    "input_microusd_per_mtok", "output_microusd_per_mtok", "cache_read_microusd_per_mtok", "note"
)


def uses(
    connection: Connection, source: SourceName, *, before: Week | None, limit: int
) -> tuple[CaptureUse, ...]:
    """List the runs that used new data of a source, the newest first; a week's last one stands for it."""
    used = (
        select(RUN.c.id, RUN.c.week, RUN.c.attempt)
        .join(READING, RUN.c.id == READING.c.run_id)
        .where(READING.c.source == source, READING.c.held.is_(False))
        .order_by(RUN.c.week, RUN.c.attempt, RUN.c.id)
    )
    earlier = used if before is None else used.where(RUN.c.week < before)
    last_of_week = {week: (run_id, attempt) for run_id, week, attempt in connection.execute(earlier)}
    newest = sorted(last_of_week.items(), reverse=True)[:limit]
    return tuple(
        CaptureUse(
            week=Week(week),
            attempt=attempt,
            captures=_captures(connection, run_id, source),
            names=_names(connection, run_id, source),
        )
        for week, (run_id, attempt) in newest
    )


def run_in_force(connection: Connection) -> int | None:
    """Find the run behind the newest published pool, through the proposal that was approved."""
    runs = _approved_runs(connection)
    return runs[0][0] if runs else None


def approved(
    connection: Connection, source: SourceName, *, metrics: Sequence[str], since: datetime
) -> tuple[ApprovedRow, ...]:
    """Return a source's rows behind the pool in force and behind those made since a moment, newest first."""
    runs = _approved_runs(connection)
    wanted = [
        (run_id, as_of)
        for place, (run_id, as_of) in enumerate(runs)
        if run_id and (not place or as_of >= since)
    ]
    compared = OBSERVATION.c.metric.in_(metrics)
    return tuple(
        ApprovedRow(
            as_of=as_of,
            observations=_observations(connection, source, OBSERVATION.c.run_id == run_id, compared),
            prices=_prices(connection, source, PRICE.c.run_id == run_id),
        )
        for run_id, as_of in wanted
    )


def captures_of(connection: Connection, source: SourceName, sha256: str) -> tuple[Observation | Price, ...]:
    """Return the rows that any run read from one capture, each of them once."""
    this = CAPTURE.c.sha256 == sha256
    observations = {(one.metric, one.scale, one.key): one for one in _observations(connection, source, this)}
    prices = {(one.key, one.note): one for one in _prices(connection, source, this)}
    return (*observations.values(), *prices.values())


def _approved_runs(connection: Connection) -> list[tuple[int | None, datetime]]:
    """Return the run (if its rows are here) and the moment behind each published version, newest first."""
    approved_first = case((PROPOSAL.c.state == Verdict.APPROVED.value, 0), else_=1)
    order = (approved_first, PROPOSAL.c.week.desc(), PROPOSAL.c.attempt.desc(), PROPOSAL.c.sha256)
    run = (
        select(PROPOSAL.c.run_id)
        .where(PROPOSAL.c.pool_sha256 == POOL.c.sha256)
        .order_by(*order)
        .limit(1)
        .scalar_subquery()
    )
    versions = select(run, POOL.c.as_of).order_by(POOL.c.version.desc())
    return [(run_id, as_of) for run_id, as_of in connection.execute(versions)]


def _captures(connection: Connection, run_id: int, source: SourceName) -> tuple[Sha256, ...]:
    digests = (
        select(CAPTURE.c.sha256)
        .join(READING_CAPTURE, READING_CAPTURE.c.capture_id == CAPTURE.c.id)
        .where(READING_CAPTURE.c.run_id == run_id, READING_CAPTURE.c.source == source)
        .order_by(READING_CAPTURE.c.position)
    )
    return tuple(connection.scalars(digests))


def _names(connection: Connection, run_id: int, source: SourceName) -> int:
    keys = (select(t.c.key).where(t.c.run_id == run_id, t.c.source == source) for t in (OBSERVATION, PRICE))
    return connection.scalar(select(func.count()).select_from(union(*keys).subquery())) or 0


def _observations(
    connection: Connection, source: SourceName, *which: ColumnElement[bool]
) -> tuple[Observation, ...]:
    rows = (
        select(OBSERVATION, CAPTURE.c.sha256)
        .join(CAPTURE, CAPTURE.c.id == OBSERVATION.c.capture_id)
        .where(OBSERVATION.c.source == source, *which)
    )
    return tuple(_observation(row, source) for row in connection.execute(rows))


def _observation(row: Row[tuple[object, ...]], source: SourceName) -> Observation:
    scale, value, low, high, votes, estimated, observed_on = _VALUES(row)
    return Observation(
        source=source,
        key=SourceKey(row.key),
        name=SourceModelName(row.name),
        metric=MetricName(row.metric),
        scale=scale,
        value=value,
        low=low,
        high=high,
        votes=votes,
        estimated=estimated,
        observed_on=observed_on,
        capture=Sha256(row.sha256),
    )


def _prices(connection: Connection, source: SourceName, *which: ColumnElement[bool]) -> tuple[Price, ...]:
    rows = (
        select(PRICE, CAPTURE.c.sha256)
        .join(CAPTURE, CAPTURE.c.id == PRICE.c.capture_id)
        .where(PRICE.c.source == source, *which)
    )
    return tuple(_price(row, source) for row in connection.execute(rows))


def _price(row: Row[tuple[object, ...]], source: SourceName) -> Price:
    per_input, per_output, per_cached, note = _AMOUNTS(row)
    return Price(
        source=source,
        key=SourceKey(row.key),
        name=SourceModelName(row.name),
        input_microusd_per_mtok=per_input,
        output_microusd_per_mtok=per_output,
        cache_read_microusd_per_mtok=per_cached,
        observed_on=row.observed_on,
        capture=Sha256(row.sha256),
        note=note,
    )
