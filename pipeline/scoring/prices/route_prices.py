"""Prices all routes of a run: what sources state of each, and which of them a variant is costed at."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final

from pipeline.domain.ids import GENAI_PRICES, OPENROUTER, SourceName, VariantId
from pipeline.domain.price import (
    AnnouncedPrice,
    BilledRoute,
    PriceAmounts,
    PriceDecision,
    PriceRecord,
    PriceStatement,
)
from pipeline.domain.score import ListPrice, NoPrice
from pipeline.scoring.prices.comparison import PriceQuestion, amounts_of, in_dollars, is_same_price
from pipeline.scoring.prices.decision import decide_price

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pipeline.domain.crosswalk import CatalogueOffer, Crosswalk, Resolution, Variant
    from pipeline.domain.observation import Price
    from pipeline.domain.policy import CostPolicy, Policy


_OPENROUTER_PREFIX: Final = "openrouter/"


def billed_routes(routes: Mapping[str, str], release: str) -> dict[str, BilledRoute]:
    """Say what is billed on each route of a release, by router.

    A LiteLLM route that begins with `openrouter/` is billed by OpenRouter. Any other LiteLLM route is
    billed by the vendor, whose own catalogue is no source: genai-prices copies it, the index too.
    """
    found: dict[str, BilledRoute] = {}
    for router, model in routes.items():
        resold = router == "openrouter" or model.startswith(_OPENROUTER_PREFIX)
        found[router] = BilledRoute(
            catalogue=OPENROUTER if resold else "",
            model=model.removeprefix(_OPENROUTER_PREFIX),
            release=release,
        )
    return found


def routes_with_price(variant: Variant, routers: Sequence[str]) -> dict[str, BilledRoute]:
    """Say what is billed on each usable route, in the policy's order; without one, the release alone."""
    known = {"litellm": variant.litellm, "openrouter": variant.openrouter}
    usable = {router: model for router in routers if (model := known.get(router))}
    billed = billed_routes(usable, variant.release)
    return billed or {"": BilledRoute(catalogue="", model="", release=variant.release)}


def statements_by_route(
    offers: Iterable[CatalogueOffer],
    routes: Mapping[VariantId, Iterable[BilledRoute]],
    record: PriceRecord,
    policy: CostPolicy,
    *,
    on: date,
) -> Mapping[BilledRoute, tuple[PriceStatement, ...]]:
    """Put what sources state beside each other, route by route.

    Efforts of a release share its price, so a row of the index speaks for the release. Where a source
    states several prices for one route, the dearest counts. On a vendor's own route OpenRouter's figure
    is left out where the vendor's table in genai-prices says another: open weights are sold cheaper there.

    Args:
        offers: What sources state, by variant.
        routes: What is billed for each variant.
        record: Which sources are held, and what a person took by name.
        policy: How old a statement may be.
        on: The day of the run.
    """
    stated: defaultdict[BilledRoute, dict[SourceName, PriceStatement]] = defaultdict(dict)
    for offer in offers:
        statement = _statement(offer.price, record, policy, on=on)
        if statement is None:
            continue
        for route in routes.get(offer.variant, ()):
            known = stated[route].get(statement.source)
            if known is None or _dearness(statement) > _dearness(known):
                stated[route][statement.source] = statement
    return {route: _speaking_prices(route, found, policy) for route, found in stated.items()}


def states_zero(price: Price) -> bool:
    """Return whether a source states that input and output cost nothing."""
    return price.input_microusd_per_mtok == 0 and price.output_microusd_per_mtok == 0


def _statement(price: Price, record: PriceRecord, policy: CostPolicy, *, on: date) -> PriceStatement | None:
    """Read a price as a statement; None where input or output is unknown or zero."""
    amounts = amounts_of(price)
    if amounts is None:
        return None
    limit = policy.price_table_fresh_days if price.source == GENAI_PRICES else policy.price_fresh_days
    took = record.accepted.get((price.source, price.key))
    held = price.source in record.held
    return PriceStatement(
        source=price.source,
        key=price.key,
        day=price.observed_on,
        amounts=amounts,
        fresh=not held and (on - price.observed_on).days <= limit,
        held=held,
        accepted=took == (amounts.input, amounts.output),
        announced=tuple(
            AnnouncedPrice(
                on=later.on,
                amounts=PriceAmounts(
                    input=later.input, output=later.output, cached=later.cached, steps=later.steps
                ),
            )
            for later in price.later
        ),
        note=price.note,
        confirms_only=price.source in record.third_opinions,
    )


def _dearness(statement: PriceStatement) -> tuple[bool, int, int, str]:
    amounts = statement.amounts
    return statement.fresh, amounts.blended, amounts.cached or amounts.input, statement.key


def _speaking_prices(
    route: BilledRoute, found: Mapping[SourceName, PriceStatement], policy: CostPolicy
) -> tuple[PriceStatement, ...]:
    table, reseller = found.get(GENAI_PRICES), found.get(OPENROUTER)
    sorted_found = tuple(found[source] for source in sorted(found))
    if route.catalogue or not route.model or table is None or reseller is None:
        return sorted_found
    if not table.fresh or is_same_price(table, reseller, policy):
        return sorted_found
    return tuple(one for one in sorted_found if one is not reseller)


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
    notes = [
        statement.note
        for statement in decision.statements
        if statement.source in decision.sources and statement.note
    ]
    if decision.announced is not None and decision.used is not None:
        today = in_dollars(decision.used)
        notes.append(f"{today} until {decision.announced.on} and this price from then on")
    return "; ".join(dict.fromkeys(notes))
