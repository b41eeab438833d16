"""Simulates policies that people really use, as baselines: no memory beyond the pool, no rule of the product.

They pick among the same models under the same ceilings and are judged by the same measures.
"""

from __future__ import annotations

import math
import random
import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pipeline.backtest.simulate.universe import VariantStanding, WeekUniverse


_VOTES: Final = 2000
"""Votes from which the lower end of an interval is trusted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BaselineInput:
    """What a baseline looks at."""

    standings: Sequence[VariantStanding]
    """Who can be bought, best score first, then the cheaper, then by name."""
    held: tuple[str, ...]
    """Last week's pool."""
    k: int
    dice: random.Random
    offer: WeekUniverse
    """The whole week as the tier sees it."""


Pick = Callable[[BaselineInput], "Iterable[VariantStanding]"]
"""Names whom to hold, best first; who comes after the k-th is not held."""


def _top(look: BaselineInput) -> Iterable[VariantStanding]:
    return look.standings


def _hysteresis(look: BaselineInput) -> Iterable[VariantStanding]:
    """Keep who is held unless somebody is better by more than the joint 95 % interval."""
    kept = [one for one in look.standings if one.model in look.held]
    for one in look.standings:
        if one in kept:
            continue
        if len(kept) < look.k:
            kept.append(one)
            continue
        worst = min(kept, key=lambda standing: (standing.row.score, standing.model))
        if one.row.score - worst.row.score <= math.hypot(one.row.half_width, worst.row.half_width):
            break
        kept[kept.index(worst)] = one
    return sorted(kept, key=look.standings.index)


def _lower_bound(look: BaselineInput) -> Iterable[VariantStanding]:
    able = [
        standing for standing in look.standings if standing.row.votes is None or standing.row.votes >= _VOTES
    ]
    return sorted(able, key=lambda one: -one.row.ends[0])


def _pareto(look: BaselineInput) -> Iterable[VariantStanding]:
    """List the models that no cheaper or equally cheap one equals, best score first, then the cheaper."""
    cheapest = math.inf
    for standing in look.standings:
        if standing.usd < cheapest:
            cheapest = standing.usd
            yield standing


def _overlapping_best(look: BaselineInput) -> Iterable[VariantStanding]:
    """List the models whose interval overlaps that of the best, the cheapest first."""
    able = [standing for standing in look.standings if standing.row.ends[1] >= look.standings[0].row.ends[0]]
    return sorted(able, key=lambda one: one.usd)


def _pick_within(elo: float) -> Pick:
    def pick(look: BaselineInput) -> Iterable[VariantStanding]:
        able = [
            standing for standing in look.standings if look.standings[0].row.score - standing.row.score <= elo
        ]
        return sorted(able, key=lambda one: one.usd)

    return pick


def _best_by(key: Callable[[VariantStanding], float]) -> Pick:
    return lambda look: sorted(look.standings, key=lambda one: -key(one))


def _by_cost(look: BaselineInput) -> Iterable[VariantStanding]:
    """List the models above the tier's floor, the least dollars per task first."""
    able = [standing for standing in look.standings if standing.model in look.offer.universe]
    return sorted(able, key=lambda one: look.offer.references[one.model].usd)


def _best_value(look: BaselineInput) -> Iterable[VariantStanding]:
    """List the models above the tier's floor, the most value at the tier's own price of an answer first."""
    able = [standing for standing in look.standings if standing.model in look.offer.universe]
    return sorted(able, key=lambda one: -look.offer.references[one.model].value(look.offer.worth.lambda_usd))


def _random_pick(look: BaselineInput) -> Iterable[VariantStanding]:
    return look.dice.sample(look.standings, min(look.k, len(look.standings)))


PICKS: Final[Mapping[str, Pick]] = {
    "random": _random_pick,
    "top-score": _top,
    "refresh-4": _top,
    "refresh-13": _top,
    "refresh-26": _top,
    "never": _top,
    "hysteresis": _hysteresis,
    "lower-bound": _lower_bound,
    "pareto": _pareto,
    "tied-cheapest": _overlapping_best,
    "within-20": _pick_within(20),
    "within-50": _pick_within(50),
    "log-price": _best_by(lambda one: one.row.score - 100 * math.log10(one.usd)),
    "points-per-dollar": _best_by(lambda one: (one.row.score - 1000) / one.usd),
    "score-per-dollar": _best_by(lambda one: one.row.score / one.usd),
    "cheapest-above-floor": _by_cost,
    "best-value": _best_value,
}
"""The naive policies on one board, by name."""

_EVERY: Final[Mapping[str, float]] = {
    "refresh-4": 4,
    "refresh-13": 13,
    "refresh-26": 26,
    "never": math.inf,
}
"""Calendar weeks between two looks at the table; the others look every week."""


def simulate_baseline(
    name: str, pick: Pick, offers: Sequence[WeekUniverse], *, k: int, seed: int
) -> tuple[tuple[str, ...], ...]:
    """Hold what a baseline picks, week by week.

    Args:
        name: Its name, which says how often it looks.
        pick: What it does when it looks.
        offers: The weeks.
        k: Places.
        seed: Of the policy that rolls dice; each week has its own.
    """
    lineups: list[tuple[str, ...]] = []
    held: tuple[str, ...] = ()
    looked = None
    for offer in offers:
        now = offer.table.number
        if not held or looked is None or now - looked >= _EVERY.get(name, 0):
            dice = random.Random(f"{seed}|{offer.table.week}")  # noqa: S311 - a seeded sample, not a secret
            ranked = sorted(offer.standings.values(), key=lambda one: (-one.row.score, one.usd, one.model))
            found = (
                pick(BaselineInput(standings=ranked, held=held, k=k, dice=dice, offer=offer))
                if ranked
                else ()
            )
            held, looked = tuple(one.model for one in found)[:k], now
        lineups.append(held)
    return tuple(lineups)


def _on_both_boards(look: BaselineInput) -> list[tuple[VariantStanding, float]]:
    """Who is on both boards, with the index points."""
    return [(standing, standing.row.index) for standing in look.standings if standing.row.index is not None]


def _index_top(look: BaselineInput) -> Iterable[VariantStanding]:
    return [one for one, _ in sorted(_on_both_boards(look), key=lambda pair: -pair[1])]


def _by_mean(
    look: BaselineInput, scale: Callable[[Sequence[float]], Sequence[float]]
) -> Iterable[VariantStanding]:
    pairs = _on_both_boards(look)
    ratings = scale([one.row.score for one, _ in pairs])
    index = scale([points for _, points in pairs])
    sums = {one.model: a + b for (one, _), a, b in zip(pairs, ratings, index, strict=True)}
    return sorted((one for one, _ in pairs), key=lambda one: -sums[one.model])


def _percentiles(values: Sequence[float]) -> Sequence[float]:
    """Share of the values that are smaller, ties counted half."""
    return [
        sum((other < value) + 0.5 * (other == value) for other in values) / len(values) for value in values
    ]


def _standardise(values: Sequence[float]) -> Sequence[float]:
    mean, spread = statistics.fmean(values), statistics.pstdev(values)
    return [(value - mean) / spread if spread else 0.0 for value in values]


def _percentile_rank(look: BaselineInput) -> Iterable[VariantStanding]:
    return _by_mean(look, _percentiles)


def _z_score(look: BaselineInput) -> Iterable[VariantStanding]:
    return _by_mean(look, _standardise)


TWO_BOARD_PICKS: Final[Mapping[str, Pick]] = {
    "index-top": _index_top,
    "percentile-rank": _percentile_rank,
    "z-score": _z_score,
}
"""By name; they need a history of two boards."""
