"""The operator's own weeks as a history: captures on this machine, names as they were judged then."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pipeline.backtest.asked import ARENA
from pipeline.backtest.history import History, Row, Scene, Table
from pipeline.backtest.world import model_of
from pipeline.domain.names import AA_INTELLIGENCE
from pipeline.domain.score import Cost
from pipeline.domain.week import Week, monday
from pipeline.errors import UsageError
from pipeline.flow.again import copied_desk
from pipeline.flow.archive import Archive
from pipeline.flow.assess import assess
from pipeline.flow.rebuild import used_by
from pipeline.flow.rules import read_rules
from pipeline.flow.settled_prices import record_of
from pipeline.flow.written import CROSSWALK, WRITTEN, bytes_now, digests_of, rules_from, rules_then
from pipeline.identity.dated import valid_on
from pipeline.identity.volume import known_by
from pipeline.pools.routes import usable_routes
from pipeline.review import folder as filing
from pipeline.review.moments import read_moment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.domain.crosswalk import Crosswalk, Measure
    from pipeline.domain.names import VariantId
    from pipeline.domain.observation import Reading
    from pipeline.domain.policy import Policy
    from pipeline.domain.price import PriceRecord
    from pipeline.domain.proposal import Heartbeat, Proposal
    from pipeline.domain.score import BoardScore, Score
    from pipeline.flow.rules import Rules
    from pipeline.settings import Settings
    from pipeline.workspace import Workspace


def own_history(workspace: Workspace, settings: Settings, policy: Policy) -> History:
    """Read every week that was run: what was used then, resolved by the crosswalk as it stood.

    The last run of a week stands for it. Names count as they were judged by its day, prices that people
    judged as they held on it; what changed in `variants.csv` since is not undone.

    Args:
        workspace: Whose record.
        settings: Where its database is.
        policy: The rules to be judged; its constants price the variants.

    Raises:
        UsageError: Nothing was run, or a file that people write is not of its form.
        RefusedError: The record on disk is damaged.
    """
    now = read_rules(workspace)
    rules, stood = replace(now, policy=policy), rules_then(workspace, now)
    tables: list[Table] = []
    lost: list[Week] = []
    with copied_desk(workspace, settings, rules) as desk:
        archive = Archive(workspace)
        for run in _runs(workspace):
            used = used_by(run, desk, archive)
            if used is None:
                lost.append(Week(run.week))
                continue
            crosswalk = _then(workspace, stood(run).crosswalk, run)
            record = record_of(run, workspace, archive, rules)
            tables.append(_table(run, used.readings, replace(rules, crosswalk=crosswalk), record))
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


def _runs(workspace: Workspace) -> tuple[Proposal | Heartbeat, ...]:
    """Return the last run of each week, in order."""
    runs: list[Proposal | Heartbeat] = []
    if workspace.reviews.is_dir():
        runs.extend(one.proposal for one in filing.filed(workspace.reviews))
        runs.extend(filing.heartbeats(workspace.reviews))
    runs.sort(key=lambda run: (run.week, run.attempt))
    return tuple({run.week: run for run in runs}.values())


def _then(workspace: Workspace, stood: Crosswalk, run: Proposal | Heartbeat) -> Crosswalk:
    """Return the crosswalk a run found, or else the lines of today's that are dated by its day."""
    day = read_moment(run.as_of).date()
    if digests_of(run.inputs).get(CROSSWALK) == stood.sha256:
        return valid_on(stood, day)
    now = {name: bytes_now(workspace, name) for name in WRITTEN}
    return rules_from({**now, CROSSWALK: known_by(day, then=None, now=now[CROSSWALK])}).crosswalk


def _table(
    run: Proposal | Heartbeat, readings: Sequence[Reading], rules: Rules, record: PriceRecord
) -> Table:
    day, week = read_moment(run.as_of).date(), Week(run.week)
    assessment = assess(readings, rules, on=day, record=record)
    listed = _listed(assessment.resolution.measures)
    scores = {
        name: score for board in assessment.scoreboards.values() for name, score in board.scores.items()
    }
    rows = [row for score in scores.values() if (row := _row(score, rules, listed)) is not None]
    return Table(
        week=week,
        day=day,
        rows={row.model: row for row in sorted(rows, key=lambda row: row.model)},
        number=monday(week).toordinal() // 7,
        scene=Scene(resolution=assessment.resolution, crosswalk=rules.crosswalk),
    )


Listed = dict["tuple[VariantId, str, str, float]", "Measure"]
"""What was published, by variant, metric, scale and value."""


def _listed(measures: Sequence[Measure]) -> Listed:
    return {
        (one.variant, one.observation.metric, one.observation.scale, one.observation.value): one
        for one in measures
    }


def _row(score: Score, rules: Rules, listed: Listed) -> Row | None:
    """Write a variant as a line of a weekly table; None without a rating.

    A variant without a route an operator could use has no price here: it could not be bought.
    """
    said = {board.metric: board for board in reversed(score.boards)}
    if ARENA not in said:
        return None
    rating, index = said[ARENA], said.get(AA_INTELLIGENCE)
    seen = listed[_place(score, rating)].observation
    routed = usable_routes(rules.crosswalk.variants[score.variant], rules.policy.routes)
    cost = score.cost if isinstance(score.cost, Cost) and routed else None
    return Row(
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
