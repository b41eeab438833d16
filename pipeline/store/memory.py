"""Answer what this week's rules ask about earlier weeks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from pipeline.domain.calendar import Week
from pipeline.domain.ids import MetricName, TierName, VariantId
from pipeline.domain.run import LastScore, Memory
from pipeline.store.capture_history import run_in_force
from pipeline.store.review_tables import POOL, POOL_MEMBER
from pipeline.store.tables import BOARD, MISSING, OBSERVATION, RUN, SCORE

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

Values = dict[VariantId, dict[MetricName, tuple[str, float]]]


def read_memory(connection: Connection, *, before: Week | None) -> Memory:
    """Collect what earlier weeks say; runs of `before` and later weeks are not earlier."""
    return Memory(
        left_pool=_left_pool(connection),
        missing_runs=_missing_runs(connection, before),
        last_scores=_last_scores(connection),
    )


def _left_pool(connection: Connection) -> dict[tuple[TierName, VariantId], Week]:
    weeks = {version: Week(week) for version, week in connection.execute(select(POOL.c.version, POOL.c.week))}
    members: dict[int, set[tuple[TierName, VariantId]]] = {version: set() for version in weeks}
    for version, tier, variant in connection.execute(
        select(POOL_MEMBER.c.version, POOL_MEMBER.c.tier, POOL_MEMBER.c.variant)
    ):
        members[version].add((tier, variant))
    left: dict[tuple[TierName, VariantId], Week] = {}
    before: set[tuple[TierName, VariantId]] = set()
    for version in sorted(members):
        left.update(dict.fromkeys(sorted(before - members[version]), weeks[version]))
        before = members[version]
    return left


def _missing_runs(connection: Connection, before: Week | None) -> dict[VariantId, int]:
    """Count backwards from the last week; its last attempt stands for a week that was run twice."""
    runs = select(RUN.c.week, RUN.c.id).order_by(RUN.c.week, RUN.c.attempt, RUN.c.id)
    earlier = runs if before is None else runs.where(RUN.c.week < before)
    last_of_week = {week: run_id for week, run_id in connection.execute(earlier)}  # noqa: C416 - a Row is not typed as a pair
    missing: dict[int, set[VariantId]] = {run_id: set() for run_id in last_of_week.values()}
    for run_id, variant in connection.execute(select(MISSING.c.run_id, MISSING.c.variant)):
        if run_id in missing:
            missing[run_id].add(variant)
    counts: dict[VariantId, int] = {}
    still: set[VariantId] | None = None
    for run_id in reversed(last_of_week.values()):
        still = missing[run_id] if still is None else still & missing[run_id]
        if not still:
            break
        counts.update((variant, counts.get(variant, 0) + 1) for variant in sorted(still))
    return counts


def _last_scores(connection: Connection) -> dict[VariantId, LastScore]:
    run_id = run_in_force(connection)
    if run_id is None:
        return {}
    prices: dict[VariantId, tuple[int | None, int | None]] = {}
    scores = select(SCORE.c.variant, SCORE.c.input_microusd_per_mtok, SCORE.c.output_microusd_per_mtok)
    for variant, per_input, per_output in connection.execute(
        scores.where(SCORE.c.run_id == run_id).order_by(SCORE.c.variant, SCORE.c.evidence)
    ):
        if prices.get(variant, (None, None)) == (None, None):
            prices[variant] = (per_input, per_output)
    values = _values(connection, run_id)
    return {
        variant: LastScore(
            values=values.get(variant, {}),
            input_microusd_per_mtok=prices.get(variant, (None, None))[0],
            output_microusd_per_mtok=prices.get(variant, (None, None))[1],
        )
        for variant in sorted(prices.keys() | values.keys())
    }


def _values(connection: Connection, run_id: int) -> Values:
    """Collect what was published about each variant; what a score was made of has the last word.

    Where two names of one variant carry the same metric and no score used it, the name that comes
    first in the alphabet stands.
    """
    values: Values = {}
    seen = (
        select(OBSERVATION.c.variant, OBSERVATION.c.metric, OBSERVATION.c.scale, OBSERVATION.c.value)
        .where(OBSERVATION.c.run_id == run_id, OBSERVATION.c.variant.is_not(None))
        .order_by(OBSERVATION.c.source, OBSERVATION.c.key, OBSERVATION.c.metric, OBSERVATION.c.scale)
    )
    for variant, metric, scale, value in connection.execute(seen):
        values.setdefault(variant, {}).setdefault(metric, (scale, value))
    used = select(BOARD.c.variant, BOARD.c.metric, BOARD.c.scale, BOARD.c.published)
    for variant, metric, scale, value in connection.execute(used.where(BOARD.c.run_id == run_id)):
        values.setdefault(variant, {})[metric] = (scale, value)
    return values
