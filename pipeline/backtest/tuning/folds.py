"""Simulates one policy once and measures it on many spans: those it is chosen by, and those after them."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from pipeline.backtest.history_adapter import ScoredWeek, basis_of, judgeable_tiers, score_weeks
from pipeline.backtest.metrics.scorecard import LATE, MEASURES, SOON, Measures, Scorecard, scorecard
from pipeline.backtest.simulate.simulate import firsts_of, lineups_of, simulate_scored
from pipeline.backtest.simulate.universe import Holdings, WeekUniverse, universes
from pipeline.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pipeline.backtest.history import History
    from pipeline.domain.calendar import Week
    from pipeline.domain.policy import Policy

INDEX: Final = "index_"
"""Before the name of a regret in points of the second board."""

_ON_INDEX: Final = ("regret_first", "regret_pool", "value_regret_first")

TUNABLE: Final = (*MEASURES, *(f"{INDEX}{name}" for name in _ON_INDEX))
"""What a policy can be judged by on a span."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Neighbouring tables by their places in the history; `end` and `seen` are one past the last."""

    start: int
    end: int
    seen: int
    """Tables from `end` to here judge earlier picks; nobody sees a later one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fold:
    """A policy is chosen by what is known up to a week, and reported on weeks after it."""

    split: Week
    choosing: Span
    reporting: Span
    """Up to the next split; all later weeks judge its picks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """What every cell of a grid needs, handed to each worker once."""

    history: History
    policies: tuple[Policy, ...]
    yardstick: Policy
    """Whose ceilings, floors, costs and worth of an answer judge every policy: what is tried must not judge
    itself."""
    spans: tuple[Span, ...]
    horizon: int
    """Weeks after a pick at which it is judged."""
    scored: list[tuple[ScoredWeek, ...]] = field(default_factory=list)
    """The weeks as this worker scored them last: neighbouring cells mostly differ in `change` alone."""
    judging: list[Mapping[str, tuple[WeekUniverse, ...]]] = field(default_factory=list)
    """The weeks of the yardstick, once this worker made them."""


TierMeasures = dict[str, "Measures"]
"""By tier."""


def folds(history: History, splits: Sequence[Week], *, horizon: int) -> tuple[Fold, ...]:
    """Cut a history at splits, which are in order.

    Raises:
        UsageError: A span holds no pick that could be judged.
    """
    weeks = [table.week for table in history.tables]
    places = [*(bisect_right(weeks, split) for split in splits), len(weeks)]
    found = []
    for split, (end, following) in zip(splits, pairwise(places), strict=True):
        choosing = Span(start=0, end=end, seen=end)
        reporting = Span(start=end, end=following, seen=len(weeks))
        _check_judgeable(history, split, {"to": choosing, "after": reporting}, horizon)
        found.append(Fold(split=split, choosing=choosing, reporting=reporting))
    return tuple(found)


def weeks_needed(horizon: int, measures: Iterable[str]) -> int:
    """Weeks after a pick that all of some measures need: value has times of its own."""
    value = [LATE if name.endswith("_12_weeks") else SOON for name in measures if "value_regret" in name]
    return max([horizon, *value])


def measure(sweep: Sweep, number: int) -> tuple[TierMeasures, ...]:
    """Simulate all weeks with one policy, and measure what it held on each span.

    A later span starts with the pools held before it, as an operator's would. A swap between the last table
    of one span and the first of the next belongs to neither.

    Args:
        sweep: Policies and spans.
        number: Which policy.
    """
    policy = sweep.policies[number]
    seen, pools = _judging_weeks(sweep), simulate_scored(_weeks_scored_by(sweep, policy), policy)
    lineups, firsts = lineups_of(pools, policy), firsts_of(pools, policy)
    return tuple(
        _flatten(
            scorecard(
                policy.name,
                {
                    name: Holdings(
                        offers=seen[name][span.start : span.end],
                        lineups=lineups[name][span.start : span.end],
                        k=tier.k,
                        later=seen[name][span.end : span.seen],
                        firsts=firsts[name][span.start : span.end],
                    )
                    for name, tier in policy.tiers.items()
                },
                horizon=sweep.horizon,
                two_boards=sweep.history.two_boards,
            )
        )
        for span in sweep.spans
    )


def _weeks_scored_by(sweep: Sweep, policy: Policy) -> tuple[ScoredWeek, ...]:
    basis = basis_of(policy)
    for weeks in tuple(sweep.scored):
        if weeks[0].basis == basis:
            return weeks
    weeks = tuple(score_weeks(sweep.history.tables, judgeable_tiers(policy)))
    sweep.scored[:] = [weeks]
    return weeks


def _judging_weeks(sweep: Sweep) -> Mapping[str, tuple[WeekUniverse, ...]]:
    if not sweep.judging:
        sweep.judging.append(universes(_weeks_scored_by(sweep, sweep.yardstick), sweep.yardstick))
    return sweep.judging[0]


def _flatten(card: Scorecard) -> TierMeasures:
    """Put the regrets of the second board beside the rest."""
    points = card.boards.get("artificial_analysis", {})
    return {
        tier: {
            **found,
            **{f"{INDEX}{name}": value for name, value in points.get(tier, {}).items() if name in _ON_INDEX},
        }
        for tier, found in card.tiers.items()
    }


def _check_judgeable(history: History, split: Week, spans: Mapping[str, Span], horizon: int) -> None:
    for side, span in spans.items():
        tables = history.tables[span.start : span.seen]
        if span.start == span.end or tables[-1].number - tables[0].number < horizon:
            first, last = history.tables[0].week, history.tables[-1].week
            raise UsageError(
                f"no week {side} the split {split} can be judged {horizon} weeks later",
                hint=f"The span is {first} to {last}; split it elsewhere.",
            )
