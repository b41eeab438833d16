"""Collects what this week's rules ask about earlier weeks, from files of record and captures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from pipeline.domain.calendar import Week, read_moment
from pipeline.domain.ids import MetricName, TierName, VariantId
from pipeline.domain.run import LastScore, Memory
from pipeline.domain.score import Cost
from pipeline.flow.record.config_snapshots import past_config
from pipeline.flow.record.run_history import missing_members
from pipeline.flow.run.score import score_readings, with_remembered_merges
from pipeline.flow.run.settled_prices import record_of
from pipeline.publish.versions import versions
from pipeline.review.decisions.remembered_answers import read_decision_memory

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from pipeline.domain.crosswalk import Crosswalk
    from pipeline.domain.observation import Reading
    from pipeline.domain.pool import Pool
    from pipeline.domain.proposal import Proposal
    from pipeline.domain.score import Scoreboard
    from pipeline.flow.record.capture_index import CaptureIndex
    from pipeline.flow.record.config import Config
    from pipeline.flow.record.run_history import RunHistory
    from pipeline.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class RunInForce:
    """What the run behind the pool in force was made from."""

    run: Proposal
    rules: Config
    """As people's word stood then."""
    readings: tuple[Reading, ...]


Values = dict[VariantId, dict[MetricName, tuple[str, float]]]
_NO_PRICE = (None, None)


def read_memory(
    history: RunHistory, workspace: Workspace, archive: CaptureIndex, rules: Config, *, before: Week
) -> Memory:
    """Say what earlier weeks know; runs of `before` and later weeks are not earlier.

    Raises:
        RefusedError: A file of record is damaged.
    """
    earlier = (run for run in history.last_of_each_week() if run.week < before)
    decided = read_decision_memory(workspace.reviews)
    return Memory(
        left_pool=left_pool([one.pool for one in versions(workspace.pools)]),
        missing_runs=missing_runs(map(missing_members, earlier)),
        last_scores=_LastScores(lambda: _last_scores(history, workspace, archive, rules)),
        answers=decided.answers,
        rejected_facts=decided.rejected_facts,
    )


class _LastScores(Mapping[VariantId, LastScore]):
    """The scores behind the pool in force; worked out when somebody first asks for one."""

    def __init__(self, work_out: Callable[[], Mapping[VariantId, LastScore]]) -> None:
        self._scores = cache(work_out)

    def __getitem__(self, variant: VariantId) -> LastScore:
        return self._scores()[variant]

    def __iter__(self) -> Iterator[VariantId]:
        return iter(self._scores())

    def __len__(self) -> int:
        return len(self._scores())


def left_pool(pools: Sequence[Pool]) -> dict[tuple[TierName, VariantId], Week]:
    """Say in which week a variant left a tier; the oldest pool comes first."""
    left: dict[tuple[TierName, VariantId], Week] = {}
    before: set[tuple[TierName, VariantId]] = set()
    for pool in pools:
        now = {
            (TierName(name), VariantId(member.variant))
            for name, tier in pool.tiers.items()
            for member in tier.members
        }
        left.update(dict.fromkeys(sorted(before - now), Week(pool.week)))
        before = now
    return left


def missing_runs(weeks: Iterable[frozenset[VariantId]]) -> dict[VariantId, int]:
    """Count for how many runs in a row, back from the last one, each member was missing.

    Args:
        weeks: Who was missing in each, the newest first; as many are asked for as are needed.
    """
    counts: dict[VariantId, int] = {}
    still: frozenset[VariantId] | None = None
    for missing in weeks:
        still = missing if still is None else still & missing
        if not still:
            break
        counts.update((variant, counts.get(variant, 0) + 1) for variant in sorted(still))
    return counts


def _last_scores(
    history: RunHistory, workspace: Workspace, archive: CaptureIndex, rules: Config
) -> dict[VariantId, LastScore]:
    """Score the run behind the pool in force once more, as people's word stood then."""
    then = run_in_force(history, workspace, rules)
    if then is None:
        return {}
    boards = score_readings(
        then.readings,
        then.rules,
        on=read_moment(then.run.as_of).date(),
        record=record_of(then.run, workspace, archive, then.rules),
    ).scoreboards
    return last_scores(then.readings, then.rules.crosswalk, [boards[name] for name in sorted(boards)])


def run_in_force(history: RunHistory, workspace: Workspace, rules: Config) -> RunInForce | None:
    """Return what the run behind the pool in force was made from; None without one, or without its bytes.

    Raises:
        RefusedError: A file of record is damaged.
    """
    run = history.in_force()
    used = history.used_by(run) if run else None
    if run is None or used is None:
        return None
    then = with_remembered_merges(past_config(workspace, rules)(run), workspace, run.week)
    return RunInForce(run=run, rules=then, readings=used.readings)


def last_scores(
    readings: Sequence[Reading], crosswalk: Crosswalk, boards: Sequence[Scoreboard]
) -> dict[VariantId, LastScore]:
    """Collect what was published about each variant and what it cost; the first known price stands."""
    prices: dict[VariantId, tuple[int | None, int | None]] = {}
    for board in boards:
        for variant in (*board.scores, *board.unscored):
            if prices.get(variant, _NO_PRICE) == _NO_PRICE:
                prices[variant] = _price(board, variant)
    values = _values(readings, crosswalk, boards)
    return {
        variant: LastScore(
            values=values.get(variant, {}),
            input_microusd_per_mtok=prices.get(variant, _NO_PRICE)[0],
            output_microusd_per_mtok=prices.get(variant, _NO_PRICE)[1],
        )
        for variant in sorted(prices.keys() | values.keys())
    }


def _price(board: Scoreboard, variant: VariantId) -> tuple[int | None, int | None]:
    score = board.scores.get(variant)
    if score is None or not isinstance(score.cost, Cost):
        return _NO_PRICE
    return score.cost.price.input_microusd_per_mtok, score.cost.price.output_microusd_per_mtok


def _values(readings: Sequence[Reading], crosswalk: Crosswalk, boards: Sequence[Scoreboard]) -> Values:
    """Collect what was published about each variant; what a score was made of has the last word.

    Where two names of one variant carry the same metric and no score used it, the name that comes
    first in the alphabet stands.
    """
    values: Values = {}
    for variant, metric, scale, value in _judged(readings, crosswalk):
        values.setdefault(variant, {}).setdefault(metric, (scale, value))
    for board in boards:
        for variant, score in board.scores.items():
            for said in score.boards:
                values.setdefault(variant, {})[said.metric] = (said.scale, said.published)
    return values


def _judged(
    readings: Sequence[Reading], crosswalk: Crosswalk
) -> Iterator[tuple[VariantId, MetricName, str, float]]:
    rows = sorted(
        (one for reading in readings for one in reading.observations),
        key=lambda one: (one.source, one.key, one.metric, one.scale),
    )
    for one in rows:
        judgement = crosswalk.judgements.get((one.source, one.key))
        if judgement is not None and judgement.variant is not None:
            yield judgement.variant, one.metric, one.scale, one.value
