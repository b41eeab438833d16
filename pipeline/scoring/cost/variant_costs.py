"""Computes the cost of every variant of a run, each by the best grade of evidence there is for it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pipeline.domain.ids import AA_USD_PER_TASK, ARTIFICIAL_ANALYSIS, VariantId
from pipeline.domain.score import Cost, ListPrice, NoPrice
from pipeline.scoring.cost.partial_pooling import PricingFeatures, Spending, effect_of, fit_spending, kin_of
from pipeline.scoring.cost.task_cost import adjusted_cost, best_cost, ladder_cost, own_usage_cost, residual
from pipeline.scoring.prices.comparison import amounts_of
from pipeline.scoring.prices.route_prices import RoutePrices, decide_prices
from pipeline.scoring.quality.boards import by_scale, largest_scale

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pipeline.domain.crosswalk import Crosswalk, Measure, Resolution, Variant
    from pipeline.domain.policy import CostPolicy, Policy


def cost_variants(
    variants: Sequence[VariantId],
    resolution: Resolution,
    crosswalk: Crosswalk,
    policy: Policy,
    decided: RoutePrices | None = None,
) -> Mapping[VariantId, Cost | NoPrice]:
    """Price each variant by its best grade: 1 own usage, 2b its published dollars, 3a its kin's, else 3b.

    Only this run's captures and policy are read, so a replay of a past week knows no later dollar. Prices
    that are decided already, or supposed by whoever asks what they would do, are not decided here.

    Raises:
        UsageError: The policy lacks a constant.
    """
    published = published_usd(resolution.measures)
    routes = decided or decide_prices(resolution, crosswalk, policy)
    prices = {name: routes.of(name) for name in sorted({*variants, *published})}
    published = paid_at_least(published, prices, resolution)
    traits = {
        name: _trait(crosswalk.variants[name], price)
        for name, price in prices.items()
        if not isinstance(price, NoPrice)
    }
    plain = {
        name: best_cost(trait.price, published.get(name), trait.effort, policy.cost, policy.task_mix)
        for name, trait in traits.items()
    }
    believed = {name: usd for name, usd in published.items() if name in plain and plain[name].grade == "2b"}
    spending = fit_spending_effects(believed, traits, policy.cost)
    costs: dict[VariantId, Cost | NoPrice] = {}
    for name in variants:
        price = prices[name]
        if isinstance(price, NoPrice):
            costs[name] = price
            continue
        cost = _graded_cost(traits[name], plain[name], spending, policy)
        costs[name] = replace(cost, route_prices=routes.by_router(name))
    return costs


def published_usd(measures: Sequence[Measure]) -> Mapping[VariantId, float]:
    """Dollars per index task where the index was really run, on the version most variants are on."""
    scales = by_scale(measures, AA_USD_PER_TASK)
    scale = largest_scale(scales)
    return {
        measure.variant: measure.observation.value
        for measure in (scales[scale] if scale is not None else ())
        if measure.observation.value > 0 and not measure.observation.estimated
    }


def paid_at_least(
    published: Mapping[VariantId, float],
    prices: Mapping[VariantId, ListPrice | NoPrice],
    resolution: Resolution,
) -> dict[VariantId, float]:
    """Raise dollars that were paid at a lower price than the one that is used, in proportion.

    The index pays its own price. Where that is not believed, its dollars are not either.
    """
    theirs = {
        offer.variant: amounts
        for offer in resolution.offers
        if offer.price.source == ARTIFICIAL_ANALYSIS and (amounts := amounts_of(offer.price)) is not None
    }
    raised = dict(published)
    for name, usd in published.items():
        price = prices[name]
        if name in theirs and isinstance(price, ListPrice):
            used = 3 * price.input_microusd_per_mtok + price.output_microusd_per_mtok
            raised[name] = usd * max(1.0, used / theirs[name].blended)
    return raised


def _trait(variant: Variant, price: ListPrice) -> PricingFeatures:
    return PricingFeatures(
        variant=variant.id,
        vendor=variant.vendor,
        release=variant.release,
        effort=variant.effort,
        released_on=variant.released_on,
        price=price,
    )


def fit_spending_effects(
    published: Mapping[VariantId, float], traits: Mapping[VariantId, PricingFeatures], policy: CostPolicy
) -> Spending | None:
    """Fit the pooled estimate to published dollars per index task; None from few rows or without policy."""
    if policy.pooled is None:
        return None
    priced = [traits[name] for name in sorted(published) if name in traits]
    residuals = {
        trait.variant: residual(published[trait.variant], trait.price, trait.effort, policy)
        for trait in priced
    }
    return fit_spending(priced, residuals, policy.pooled)


def _graded_cost(trait: PricingFeatures, plain: Cost, spending: Spending | None, policy: Policy) -> Cost:
    own = own_usage_cost(trait.price, trait.variant, policy.cost, policy.task_mix)
    if own is not None:
        return own
    return pooled_cost(trait, spending, policy, own=plain.grade == "2b") if spending else plain


def pooled_cost(trait: PricingFeatures, spending: Spending, policy: Policy, *, own: bool) -> Cost:
    """Adjust the ladder's cost by published dollars: its own, its kin's, else everybody's if they are many.

    Args:
        trait: The variant.
        spending: What this run's published dollars teach.
        policy: Constants of the cost and the task mix.
        own: Whether the variant's own dollars are among the published.
    """
    ladder = ladder_cost(trait.price, trait.effort, policy.cost, policy.task_mix)
    kin = kin_of(trait, spending)
    strangers = len(spending.traits) < spending.policy.min_strangers
    if strangers and not own and not kin.vendor:
        return ladder
    return adjusted_cost(ladder, effect_of(trait, spending), kin, policy.cost, own=own)
