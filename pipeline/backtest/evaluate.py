"""Evaluates policies, of the product or baselines, on a history: what other packages call."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.backtest.baselines import PICKS, TWO_BOARD_PICKS, simulate_baseline
from pipeline.backtest.history_adapter import ScoredWeek, judgeable_tiers, score_weeks
from pipeline.backtest.metrics.scorecard import Scorecard, scorecard
from pipeline.backtest.simulate.simulate import firsts_of, lineups_of
from pipeline.backtest.simulate.universe import Holdings, universes
from pipeline.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pipeline.backtest.history import History
    from pipeline.domain.policy import Policy
    from pipeline.domain.pool import Pool

EVERY = "all"
"""Compare with every naive policy."""


def scorecard_of(
    history: History, policy: Policy, courses: Mapping[str, Holdings], *, horizon: int
) -> Scorecard:
    """Measure what a policy held on a history."""
    return scorecard(policy.name, courses, horizon=horizon, two_boards=history.two_boards)


def score_once(history: History, policy: Policy) -> tuple[ScoredWeek, ...]:
    """Score a history once, for whoever is judged on it by one policy's constants.

    Raises:
        UsageError: A tier believes a board that a history does not hold.
    """
    return tuple(score_weeks(history.tables, judgeable_tiers(policy)))


def simulate_holdings(
    weeks: Sequence[ScoredWeek], policy: Policy, pools: Sequence[Pool]
) -> dict[str, Holdings]:
    """Put what was held beside what could be bought and what it was worth, by tier."""
    seen, lineups, firsts = universes(weeks, policy), lineups_of(pools, policy), firsts_of(pools, policy)
    return {
        name: Holdings(offers=seen[name], lineups=lineups[name], k=tier.k, firsts=firsts[name])
        for name, tier in policy.tiers.items()
    }


def evaluate_baseline(
    history: History,
    policy: Policy,
    names: Sequence[str],
    *,
    horizon: int,
    weeks: Sequence[ScoredWeek] | None = None,
) -> tuple[Scorecard, ...]:
    """Measure baselines under the ceilings, places and worth of an answer of a policy.

    The policy's seed drives the random baseline; each band is served by the member that is worth most there.

    Raises:
        UsageError: No naive policy has this name on this history.
    """
    known = {**PICKS, **(TWO_BOARD_PICKS if history.two_boards else {})}
    unknown = sorted(set(names) - {EVERY, *known})
    if unknown:
        raise UsageError(
            f"no naive policy {unknown[0]!r} on this history", hint=f"Compare with all, {', '.join(known)}."
        )
    wanted = list(known) if EVERY in names else list(dict.fromkeys(names))
    if not wanted:
        return ()
    seen = universes(score_once(history, policy) if weeks is None else weeks, policy)
    cards = []
    for name in wanted:
        courses = {
            tier: Holdings(
                offers=seen[tier],
                lineups=simulate_baseline(name, known[name], seen[tier], k=rule.k, seed=policy.seed),
                k=rule.k,
            )
            for tier, rule in policy.tiers.items()
        }
        cards.append(scorecard(name, courses, horizon=horizon, two_boards=history.two_boards))
    return tuple(cards)
