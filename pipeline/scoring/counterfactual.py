"""Changes a week's inputs for a reader's question: one published number, or all that some causes moved."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from pipeline.domain.ids import AA_USD_PER_TASK, VariantId
from pipeline.domain.pool import Cause

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from pipeline.domain.crosswalk import Measure, Resolution
    from pipeline.domain.observation import Observation, Price, Reading
    from pipeline.domain.price import PriceAmounts, PriceDecision
    from pipeline.scoring.prices.route_prices import RoutePrices


def with_score(resolution: Resolution, variant: VariantId, metric: str, points: float) -> Resolution:
    """Raise one variant's value and interval on one metric, in the unit of the metric."""

    def suppose(measure: Measure) -> Measure:
        seen = measure.observation
        if measure.variant != variant or seen.metric != metric:
            return measure
        return replace(measure, observation=_change_value(seen, lambda value: value + points))

    return replace(resolution, measures=tuple(suppose(measure) for measure in resolution.measures))


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
        route: _scale_decision(made, factor) if route.release == release else made
        for route, made in prices.decisions.items()
    }
    measures = tuple(
        replace(measure, observation=_change_value(measure.observation, lambda value: value * factor))
        if measure.variant in mine and measure.observation.metric == AA_USD_PER_TASK
        else measure
        for measure in resolution.measures
    )
    offers = tuple(
        replace(offer, price=_scale_price(offer.price, factor)) if offer.variant in mine else offer
        for offer in resolution.offers
    )
    supposed = replace(resolution, measures=measures, offers=offers)
    return supposed, replace(prices, decisions=decisions)


def _change_value(seen: Observation, change: Callable[[float], float]) -> Observation:
    """Change a value and the ends of its interval alike."""
    return replace(
        seen,
        value=change(seen.value),
        low=None if seen.low is None else change(seen.low),
        high=None if seen.high is None else change(seen.high),
    )


def _scale_price(price: Price, factor: float) -> Price:
    return replace(
        price,
        input_microusd_per_mtok=_optional(price.input_microusd_per_mtok, factor),
        output_microusd_per_mtok=_optional(price.output_microusd_per_mtok, factor),
        cache_read_microusd_per_mtok=_optional(price.cache_read_microusd_per_mtok, factor),
    )


def _scale_decision(made: PriceDecision, factor: float) -> PriceDecision:
    later = made.announced
    return replace(
        made,
        used=None if made.used is None else _amounts(made.used, factor),
        announced=None if later is None else replace(later, amounts=_amounts(later.amounts, factor)),
    )


def _amounts(amounts: PriceAmounts, factor: float) -> PriceAmounts:
    return replace(
        amounts,
        input=_scale(amounts.input, factor),
        output=_scale(amounts.output, factor),
        cached=_optional(amounts.cached, factor),
        steps=tuple(
            replace(
                step,
                input=_scale(step.input, factor),
                output=_scale(step.output, factor),
                cached=_optional(step.cached, factor),
            )
            for step in amounts.steps
        ),
    )


def _optional(amount: int | None, factor: float) -> int | None:
    return None if amount is None else _scale(amount, factor)


def _scale(amount: int, factor: float) -> int:
    """Round to whole micro-dollars; a price above zero stays above zero, since zero means unknown."""
    return max(round(amount * factor), 1) if amount else 0


Row = TypeVar("Row")


def partial_update(
    before: Sequence[Reading], now: Sequence[Reading], causes: Collection[Cause]
) -> tuple[Reading, ...]:
    """Return the readings as if only some causes had moved since an earlier run.

    Args:
        before: What the earlier run used, one reading a source.
        now: What this run uses.
        causes: `scale` takes the rows of a metric that is published on another scale; `score` the values of
            names that both have on one scale; `price` the prices of names that both have, and what their
            tasks cost; `new` whatever else differs: names that came or went, and what is said of them. With
            all four, what comes out says what `now` says.
    """
    past, today = ({reading.source: reading for reading in readings} for readings in (before, now))
    mixed = []
    for source in dict.fromkeys((*today, *past)):
        old, new = past.get(source), today.get(source)
        if old is not None and new is not None:
            mixed.append(new if old == new else _mix(old, new, causes))
        elif (one := new if Cause.NEW in causes else old) is not None:
            mixed.append(one)
    return tuple(mixed)


def _mix(old: Reading, new: Reading, causes: Collection[Cause]) -> Reading:
    rescaled, listed = (
        _rescaled_metrics(old, new),
        {entry.key for entry in old.entries} & {entry.key for entry in new.entries},
    )

    def cause_of_row(was: Observation | None, row: Observation | None) -> Cause:
        if was is not None and was.metric in rescaled:
            return Cause.SCALE
        if was is None or row is None:
            return Cause.NEW
        return Cause.PRICE if row.metric == AA_USD_PER_TASK else Cause.SCORE

    def cause_of_price(was: Price | None, price: Price | None) -> Cause:
        both = was is not None and price is not None
        return Cause.PRICE if both or {one.key for one in (was, price) if one} & listed else Cause.NEW

    return replace(
        new if Cause.NEW in causes else old,
        scale=new.scale if Cause.SCALE in causes else old.scale,
        observations=_choose_rows(
            {(observation.key, observation.metric): observation for observation in old.observations},
            {(observation.key, observation.metric): observation for observation in new.observations},
            lambda was, row: cause_of_row(was, row) in causes,
        ),
        prices=_choose_rows(
            {(one.key, one.note): one for one in old.prices},
            {(one.key, one.note): one for one in new.prices},
            lambda was, price: cause_of_price(was, price) in causes,
        ),
    )


def _rescaled_metrics(old: Reading, new: Reading) -> frozenset[str]:
    """Name the metrics that both have, on other scales."""
    before, now = (
        {(observation.metric, observation.scale) for observation in reading.observations}
        for reading in (old, new)
    )
    both = {metric for metric, _ in before} & {metric for metric, _ in now}
    return frozenset(metric for metric, _ in before ^ now if metric in both)


def _choose_rows(
    before: Mapping[tuple[str, str], Row],
    now: Mapping[tuple[str, str], Row],
    moved: Callable[[Row | None, Row | None], bool],
) -> tuple[Row, ...]:
    """Take each row as it is now where its cause moved, else as it was; either may be absent."""
    rows = (
        (now if moved(before.get(place), now.get(place)) else before).get(place)
        for place in dict.fromkeys((*now, *before))
    )
    return tuple(row for row in rows if row is not None)
