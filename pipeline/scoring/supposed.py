"""What this week's inputs would be if one published number were another; a reader's question, never data."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pipeline.domain.names import AA_USD_PER_TASK

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from pipeline.domain.crosswalk import Crosswalk, JudgedPrice, Measure, Resolution
    from pipeline.domain.names import VariantId
    from pipeline.domain.observation import Observation, Price


def with_score(resolution: Resolution, variant: VariantId, metric: str, points: float) -> Resolution:
    """Raise one variant's value and interval on one metric, in the unit of the metric."""

    def supposed(measure: Measure) -> Measure:
        seen = measure.observation
        if measure.variant != variant or seen.metric != metric:
            return measure
        return replace(measure, observation=_changed(seen, lambda value: value + points))

    return replace(resolution, measures=tuple(supposed(measure) for measure in resolution.measures))


def with_price(
    resolution: Resolution, crosswalk: Crosswalk, variants: Collection[VariantId], factor: float
) -> tuple[Resolution, Crosswalk]:
    """Multiply every stated and judged price of some variants, and what their index runs cost.

    The published dollar total moves with the price: the variant writes the same text for less.
    """
    releases = {crosswalk.variants[name].release for name in variants}
    judged = {
        release: tuple(_cheaper_judged(line, factor) for line in lines) if release in releases else lines
        for release, lines in crosswalk.prices.items()
    }
    measures = tuple(
        replace(measure, observation=_changed(measure.observation, lambda value: value * factor))
        if measure.variant in variants and measure.observation.metric == AA_USD_PER_TASK
        else measure
        for measure in resolution.measures
    )
    offers = tuple(
        replace(offer, price=_cheaper(offer.price, factor)) if offer.variant in variants else offer
        for offer in resolution.offers
    )
    return replace(resolution, measures=measures, offers=offers), replace(crosswalk, prices=judged)


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


def _cheaper_judged(price: JudgedPrice, factor: float) -> JudgedPrice:
    return replace(
        price,
        input_microusd_per_mtok=_scaled(price.input_microusd_per_mtok, factor),
        output_microusd_per_mtok=_scaled(price.output_microusd_per_mtok, factor),
        cache_read_microusd_per_mtok=_optional(price.cache_read_microusd_per_mtok, factor),
    )


def _optional(amount: int | None, factor: float) -> int | None:
    return None if amount is None else _scaled(amount, factor)


def _scaled(amount: int, factor: float) -> int:
    """Round to whole micro-dollars; a price above zero stays above zero, since zero means unknown."""
    return max(round(amount * factor), 1) if amount else 0
