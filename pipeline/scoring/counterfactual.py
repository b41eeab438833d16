"""Changes one published number of a week's inputs; a reader's question, never data."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pipeline.domain.ids import AA_USD_PER_TASK

if TYPE_CHECKING:
    from collections.abc import Callable

    from pipeline.domain.crosswalk import Measure, Resolution
    from pipeline.domain.ids import VariantId
    from pipeline.domain.observation import Observation, Price
    from pipeline.domain.price import PriceAmounts, PriceDecision
    from pipeline.scoring.prices.route_prices import RoutePrices


def with_score(resolution: Resolution, variant: VariantId, metric: str, points: float) -> Resolution:
    """Raise one variant's value and interval on one metric, in the unit of the metric."""

    def supposed(measure: Measure) -> Measure:
        seen = measure.observation
        if measure.variant != variant or seen.metric != metric:
            return measure
        return replace(measure, observation=_changed(seen, lambda value: value + points))

    return replace(resolution, measures=tuple(supposed(measure) for measure in resolution.measures))


def with_price(
    resolution: Resolution, prices: RoutePrices, release: str, factor: float
) -> tuple[Resolution, RoutePrices]:
    """Multiply the decided price of every route of a release, and what its index runs cost.

    What is decided is multiplied, not what is stated: a lower statement would first have to be believed, and
    a price that nobody states any more has no statement. The published dollar total and the price the index
    paid move along: the variant writes the same text for less.
    """
    mine = {
        variant
        for variant, routes in prices.routes.items()
        if any(route.release == release for route in routes.values())
    }
    decisions = {
        route: _decided(made, factor) if route.release == release else made
        for route, made in prices.decisions.items()
    }
    measures = tuple(
        replace(measure, observation=_changed(measure.observation, lambda value: value * factor))
        if measure.variant in mine and measure.observation.metric == AA_USD_PER_TASK
        else measure
        for measure in resolution.measures
    )
    offers = tuple(
        replace(offer, price=_cheaper(offer.price, factor)) if offer.variant in mine else offer
        for offer in resolution.offers
    )
    supposed = replace(resolution, measures=measures, offers=offers)
    return supposed, replace(prices, decisions=decisions)


def _changed(seen: Observation, change: Callable[[float], float]) -> Observation:
    """Change a value and the ends of its interval alike."""
    return replace(
        seen,
        value=change(seen.value),
        low=None if seen.low is None else change(seen.low),
        high=None if seen.high is None else change(seen.high),
    )


def _cheaper(price: Price, factor: float) -> Price:
    return replace(
        price,
        input_microusd_per_mtok=_optional(price.input_microusd_per_mtok, factor),
        output_microusd_per_mtok=_optional(price.output_microusd_per_mtok, factor),
        cache_read_microusd_per_mtok=_optional(price.cache_read_microusd_per_mtok, factor),
    )


def _decided(made: PriceDecision, factor: float) -> PriceDecision:
    later = made.announced
    return replace(
        made,
        used=None if made.used is None else _amounts(made.used, factor),
        announced=None if later is None else replace(later, amounts=_amounts(later.amounts, factor)),
    )


def _amounts(amounts: PriceAmounts, factor: float) -> PriceAmounts:
    return replace(
        amounts,
        input=_scaled(amounts.input, factor),
        output=_scaled(amounts.output, factor),
        cached=_optional(amounts.cached, factor),
        steps=tuple(
            replace(
                step,
                input=_scaled(step.input, factor),
                output=_scaled(step.output, factor),
                cached=_optional(step.cached, factor),
            )
            for step in amounts.steps
        ),
    )


def _optional(amount: int | None, factor: float) -> int | None:
    return None if amount is None else _scaled(amount, factor)


def _scaled(amount: int, factor: float) -> int:
    """Round to whole micro-dollars; a price above zero stays above zero, since zero means unknown."""
    return max(round(amount * factor), 1) if amount else 0
