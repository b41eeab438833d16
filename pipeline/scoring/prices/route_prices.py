"""The prices of all routes of a run, and which of them a variant is costed at."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from pipeline.domain.score import ListPrice, NoPrice
from pipeline.scoring.prices.comparison import in_dollars
from pipeline.scoring.prices.decision import decide_price
from pipeline.scoring.prices.question import PriceQuestion
from pipeline.scoring.prices.statements import routes_with_price, statements_by_route, states_zero

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipeline.domain.crosswalk import Crosswalk, Resolution
    from pipeline.domain.ids import SourceName, VariantId
    from pipeline.domain.policy import Policy
    from pipeline.domain.price import BilledRoute, PriceDecision


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutePrices:
    """One decision per route, and the routes of each variant."""

    decisions: Mapping[BilledRoute, PriceDecision]
    routes: Mapping[VariantId, Mapping[str, BilledRoute]]
    """By router, in the policy's order."""

    def of(self, variant: VariantId) -> ListPrice | NoPrice:
        """Return the price of the first usable route that has one, or why none has."""
        priced = self.by_router(variant)
        if priced:
            return next(iter(priced.values()))
        first = self.decisions[next(iter(self.routes[variant].values()))]
        return NoPrice(reason=first.reason, detail=first.detail)

    def by_router(self, variant: VariantId) -> dict[str, ListPrice]:
        """Return the price of every usable route that has one, by router, in the policy's order."""
        found = {router: list_prices(self.decisions[route]) for router, route in self.routes[variant].items()}
        return {router: price for router, price in found.items() if price is not None}

    def decision_of(self, variant: VariantId) -> PriceDecision:
        """Return the decision a variant is costed by: of its first route that has a price."""
        made = [self.decisions[route] for route in self.routes[variant].values()]
        return next((one for one in made if one.used is not None), made[0])


def decide_prices(resolution: Resolution, crosswalk: Crosswalk, policy: Policy) -> RoutePrices:
    """Decide the price of every route of the crosswalk.

    Args:
        resolution: This week's offers, and what was settled of prices before.
        crosswalk: Variants and the judged prices that are valid on the day.
        policy: Which routes the operator can use, and the limits of the table.
    """
    record = resolution.record
    newest = max((offer.price.observed_on for offer in resolution.offers), default=date.min)
    on = record.on or newest
    routes = {name: routes_with_price(one, policy.routes) for name, one in crosswalk.variants.items()}
    billed = {name: tuple(dict.fromkeys(found.values())) for name, found in routes.items()}
    stated = statements_by_route(resolution.offers, billed, record, policy.cost, on=on)
    zeros: defaultdict[BilledRoute, set[SourceName]] = defaultdict(set)
    for offer in resolution.offers:
        if states_zero(offer.price):
            for route in billed.get(offer.variant, ()):
                zeros[route].add(offer.price.source)
    decisions = {
        route: decide_price(
            PriceQuestion(
                route=route,
                statements=stated.get(route, ()),
                zeros=tuple(sorted(zeros[route])),
                judged=crosswalk.price_of(route.release),
                before=record.settled.get(route),
                on=on,
                until=record.until or on,
            ),
            policy.cost,
        )
        for route in sorted({route for found in billed.values() for route in found})
    }
    return RoutePrices(decisions=decisions, routes=routes)


def list_prices(decision: PriceDecision) -> ListPrice | None:
    """Write a decision as the list price that a task is costed at; None where there is none."""
    counted = decision.counted
    if counted is None:
        return None
    return ListPrice(
        input_microusd_per_mtok=counted.input,
        output_microusd_per_mtok=counted.output,
        cache_read_microusd_per_mtok=counted.cached,
        sources=decision.sources,
        note=_note(decision),
        steps=counted.steps,
    )


def _note(decision: PriceDecision) -> str:
    """Say what a reader must know: peak hours, and a price that is announced."""
    notes = [one.note for one in decision.statements if one.source in decision.sources and one.note]
    if decision.announced is not None and decision.used is not None:
        today = in_dollars(decision.used)
        notes.append(f"{today} until {decision.announced.on} and this price from then on")
    return "; ".join(dict.fromkeys(notes))
