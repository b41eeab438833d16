"""Lists what a tier could have bought, what that was worth to it, and what a policy held, week by week."""

from __future__ import annotations

import math
import statistics
from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.backtest.history_adapter import ScoredWeek, variant_id
from pipeline.backtest.metrics.reference_values import ReferenceValues, reference_values
from pipeline.pools.worth.floor import floor_of, floor_probability

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from pipeline.backtest.history import HistoryRow, WeekTable
    from pipeline.domain.policy import Policy, TierPolicy


@dataclass(frozen=True, slots=True, kw_only=True)
class VariantStanding:
    """One model a tier could buy in one week."""

    row: HistoryRow
    usd: float
    """Blended list price (3 input : 1 output), dollars per million tokens."""

    @property
    def model(self) -> str:
        """Its name."""
        return self.row.model


@dataclass(frozen=True, slots=True, kw_only=True)
class TierWorth:
    """What an answer is worth to a tier."""

    lambda_usd: float
    """Dollars per task that one more acceptable answer is worth."""
    bands: Mapping[str, float]
    """Multiplier of it by difficulty of the request."""

    @property
    def prices(self) -> Mapping[str, float]:
        """Dollars that an answer is worth, by band."""
        return {band: multiplier * self.lambda_usd for band, multiplier in self.bands.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekUniverse:
    """One past week as one tier sees it."""

    table: WeekTable
    standings: Mapping[str, VariantStanding]
    """Whom the tier could buy under its ceilings, by model."""
    references: Mapping[str, ReferenceValues]
    """What everybody with a score, a price and a route was worth, by model; no gate of the tier counts."""
    universe: frozenset[str]
    """Models above the tier's floor with a confirmed score and a mark: whom every policy could have had."""
    worth: TierWorth


def universes(weeks: Sequence[ScoredWeek], policy: Policy) -> Mapping[str, tuple[WeekUniverse, ...]]:
    """Look at each week as each tier of a policy sees it; by tier.

    Args:
        weeks: In order, scored by the policy's own constants.
        policy: Tiers with their ceilings and floors, what an answer is worth, routes.
    """
    found: dict[str, list[WeekUniverse]] = {name: [] for name in policy.tiers}
    for week in weeks:
        evidence = {tier.evidence for tier in policy.tiers.values()}
        references = {name: reference_values(week, name, policy) for name in sorted(evidence)}
        for name, tier in policy.tiers.items():
            found[name].append(_offer(week, policy, tier, references[tier.evidence]))
    return {name: tuple(seen) for name, seen in found.items()}


def _offer(
    week: ScoredWeek, policy: Policy, tier: TierPolicy, references: Mapping[str, ReferenceValues]
) -> WeekUniverse:
    board = week.scoreboards[tier.evidence]
    floor = floor_of(tier, board)
    return WeekUniverse(
        table=week.table,
        standings=_standings(week.table, tier, references),
        references=references,
        universe=frozenset(
            model
            for model, reference in references.items()
            if reference.confirmed
            and floor_probability(floor, board.scores[variant_id(model)]) >= floor.probability
        ),
        worth=TierWorth(lambda_usd=tier.lambda_usd, bands=policy.bands),
    )


def _standings(
    table: WeekTable, tier: TierPolicy, references: Mapping[str, ReferenceValues]
) -> Mapping[str, VariantStanding]:
    cap = math.inf if tier.ceiling_list_usd_per_mtok is None else tier.ceiling_list_usd_per_mtok
    most = math.inf if tier.ceiling_usd_per_task is None else tier.ceiling_usd_per_task
    return {
        model: VariantStanding(row=row, usd=usd)
        for model, row in table.rows.items()
        if row.price is not None and model in references
        if (usd := row.price.blended_usd_per_mtok) <= cap and references[model].usd <= most
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Holdings:
    """What one policy held in one tier, week by week."""

    offers: Sequence[WeekUniverse]
    lineups: Sequence[tuple[str, ...]]
    """Models in rank order, one entry a week."""
    k: int
    later: Sequence[WeekUniverse] = ()
    """Weeks after the last line-up: they judge what was held before them."""
    firsts: Sequence[Mapping[str, str]] = ()
    """The member that serves each band, one entry a week; empty for a policy that knows no bands."""

    def week_pairs(self, horizon: int) -> Iterator[tuple[int, WeekUniverse, WeekUniverse]]:
        """Yield each place with its week and the first one at least `horizon` calendar weeks later."""
        for place, offer in enumerate(self.offers):
            if (later := self.after(offer, horizon)) is not None:
                yield place, offer, later

    def after(self, offer: WeekUniverse, horizon: int) -> WeekUniverse | None:
        """The first week at least `horizon` calendar weeks later; None where the history ends before."""
        offers = (*self.offers, *self.later)
        due = offer.table.number + horizon
        place = bisect_left(offers, due, key=lambda one: one.table.number)
        return offers[place] if place < len(offers) else None

    def serving(self, place: int) -> Mapping[str, str]:
        """Who serves each band: as the policy says, or else the member of most value there at that time."""
        if self.firsts:
            return self.firsts[place]
        offer = self.offers[place]
        references = {
            model: offer.references[model] for model in self.lineups[place] if model in offer.references
        }
        if not references:
            return {}
        return {band: _best_member(references, price) for band, price in offer.worth.prices.items()}


def _best_member(references: Mapping[str, ReferenceValues], price: float) -> str:
    """The model of most value at a price of an answer; of equals the first."""
    return max(references, key=lambda model: references[model].value(price))


def mean(values: Iterable[float]) -> float | None:
    """Average what was counted; None where nothing could be."""
    found = list(values)
    return statistics.fmean(found) if found else None
