"""Reads the operator's own weeks as a history: captures on this machine, names as they were judged then."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pipeline.backtest.history import History, HistoryRow, WeekContext, WeekTable
from pipeline.backtest.history_adapter import ARENA, model_of
from pipeline.domain.calendar import Week, monday, read_moment
from pipeline.domain.ids import AA_INTELLIGENCE, VariantId
from pipeline.domain.score import BoardScore, Cost, Score
from pipeline.errors import UsageError
from pipeline.flow.record.capture_index import CaptureIndex
from pipeline.flow.record.config import Config, read_config
from pipeline.flow.record.config_snapshots import (
    CROSSWALK,
    WRITTEN,
    bytes_now,
    config_from,
    digests_of,
    past_config,
)
from pipeline.flow.record.record_files import RecordFiles
from pipeline.flow.record.run_history import RunHistory
from pipeline.flow.run.score import score_readings
from pipeline.flow.run.settled_prices import record_of
from pipeline.identity.crosswalk.load import known_on, valid_on
from pipeline.pools.eligibility.candidate_facts import usable_routes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.domain.crosswalk import Crosswalk, Measure
    from pipeline.domain.observation import Reading
    from pipeline.domain.policy import Policy
    from pipeline.domain.price import PriceRecord
    from pipeline.domain.proposal import Heartbeat, Proposal
    from pipeline.workspace import Workspace


def own_history(workspace: Workspace, policy: Policy) -> History:
    """Read every week that was run: its readings, resolved by the crosswalk of that time.

    The last run of a week stands for it. Names count as they were judged by its day, prices that people
    judged as they held on it; what changed in `variants.csv` since is not undone.

    Args:
        workspace: Whose record.
        policy: The rules to be judged; its constants price the variants.

    Raises:
        UsageError: Nothing was run, or a file that people write is not of its form.
        RefusedError: The record on disk is damaged.
    """
    now = read_config(workspace)
    rules, stood = replace(now, policy=policy), past_config(workspace, now)
    tables: list[WeekTable] = []
    lost: list[Week] = []
    capture_index = CaptureIndex(workspace)
    record = RecordFiles(workspace)
    history = RunHistory(record, capture_index)
    for run in {run.week: run for run in history.runs}.values():
        used = history.used_by(run)
        if used is None:
            lost.append(Week(run.week))
            continue
        crosswalk = _crosswalk_of_run(workspace, stood(run).crosswalk, run)
        prices = record_of(run, record, capture_index, rules)
        tables.append(_table(run, used.readings, replace(rules, crosswalk=crosswalk), prices))
    if not tables:
        raise UsageError(
            "no week of this workspace can be judged: nothing was run, or its captured bytes are not here",
            hint="Run `modelpool run` every week, or name a table with `--history FILE`.",
        )
    return History(tables=tuple(tables), without_bytes=tuple(lost))


def check_length(history: History, horizon: int) -> None:
    """Refuse a record in which no pick has a later week to be judged by.

    Raises:
        UsageError: It spans fewer weeks than the horizon and one.
    """
    first, last = history.tables[0], history.tables[-1]
    weeks = last.number - first.number + 1
    if weeks < horizon + 1:
        sooner = f"Judge sooner with `--horizon {weeks - 1}`, or go" if weeks > 1 else "Go"
        raise UsageError(
            f"too few weeks: the record goes from {first.week} to {last.week}, which is {weeks}; a pick is "
            f"judged {horizon} weeks later, so {horizon + 1} are needed",
            hint=f"{sooner} on with `modelpool run`, or name a table with `--history FILE`.",
        )


def _crosswalk_of_run(workspace: Workspace, stood: Crosswalk, run: Proposal | Heartbeat) -> Crosswalk:
    """Return the crosswalk a run found, or else the lines of today's that are dated by its day."""
    day = read_moment(run.as_of).date()
    if digests_of(run.inputs).get(CROSSWALK) == stood.sha256:
        return valid_on(stood, day)
    now = {name: bytes_now(workspace, name) for name in WRITTEN}
    return config_from({**now, CROSSWALK: known_on(day, then=None, now=now[CROSSWALK])}).crosswalk


def _table(
    run: Proposal | Heartbeat, readings: Sequence[Reading], rules: Config, record: PriceRecord
) -> WeekTable:
    day, week = read_moment(run.as_of).date(), Week(run.week)
    assessment = score_readings(readings, rules, on=day, record=record)
    listed = _listed_measures(assessment.resolution.measures)
    scores = {
        name: score for board in assessment.scoreboards.values() for name, score in board.scores.items()
    }
    rows = [row for score in scores.values() if (row := _row(score, rules, listed)) is not None]
    return WeekTable(
        week=week,
        day=day,
        rows={row.model: row for row in sorted(rows, key=lambda row: row.model)},
        number=monday(week).toordinal() // 7,
        scene=WeekContext(resolution=assessment.resolution, crosswalk=rules.crosswalk),
    )


Listed = dict["tuple[VariantId, str, str, float]", "Measure"]
"""What was published, by variant, metric, scale and value."""


def _listed_measures(measures: Sequence[Measure]) -> Listed:
    return {
        (
            measure.variant,
            measure.observation.metric,
            measure.observation.scale,
            measure.observation.value,
        ): measure
        for measure in measures
    }


def _row(score: Score, rules: Config, listed: Listed) -> HistoryRow | None:
    """Write a variant as a line of a weekly table; None without a rating.

    A variant without a route an operator could use has no price here: it could not be bought.
    """
    by_metric = {board.metric: board for board in reversed(score.boards)}
    if ARENA not in by_metric:
        return None
    rating, index = by_metric[ARENA], by_metric.get(AA_INTELLIGENCE)
    seen = listed[_place(score, rating)].observation
    routed = usable_routes(rules.crosswalk.variants[score.variant], rules.policy.routes)
    cost = score.cost if isinstance(score.cost, Cost) and routed else None
    return HistoryRow(
        model=model_of(score.variant),
        score=rating.published,
        low=seen.low,
        high=seen.high,
        votes=seen.votes,
        price=cost.price if cost else None,
        index=index.published if index else None,
        index_estimated=bool(index and listed[_place(score, index)].observation.estimated),
        usd_per_task=cost.usd_per_task if cost else None,
    )


def _place(score: Score, board: BoardScore) -> tuple[VariantId, str, str, float]:
    return score.variant, board.metric, board.scale, board.published
