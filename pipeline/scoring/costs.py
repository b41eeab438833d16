"""The cost of every variant of a run, each by the best grade of evidence there is for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.domain.names import AA_USD_PER_TASK
from pipeline.domain.score import Unpriced
from pipeline.scoring.cost import adjusted_cost, best_cost, ladder_cost, residual
from pipeline.scoring.pooled import Trait, effect_of, kin_of, learn
from pipeline.scoring.price import agreed_price
from pipeline.scoring.table import by_scale, largest_scale

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pipeline.domain.crosswalk import Crosswalk, Measure, Resolution, Variant
    from pipeline.domain.names import VariantId
    from pipeline.domain.observation import Price
    from pipeline.domain.policy import CostPolicy, Policy
    from pipeline.domain.score import Cost, ListPrice
    from pipeline.scoring.pooled import Spending


def cost_variants(
    variants: Sequence[VariantId], resolution: Resolution, crosswalk: Crosswalk, policy: Policy
) -> Mapping[VariantId, Cost | Unpriced]:
    """Price each variant: 2b with published dollars of its own, 3a with kin's, else 3b (method section 4).

    Only what this run's captures publish is read, so a replay of a past week knows no later dollar.

    Raises:
        UsageError: The policy lacks a constant.
    """
    published = published_usd(resolution.measures)
    prices = _prices(sorted({*variants, *published}), resolution, crosswalk, policy.cost)
    traits = {
        name: _trait(crosswalk.variants[name], price)
        for name, price in prices.items()
        if not isinstance(price, Unpriced)
    }
    plain = {
        name: best_cost(trait.price, published.get(name), trait.effort, policy.cost, policy.task_mix)
        for name, trait in traits.items()
    }
    believed = {name: usd for name, usd in published.items() if name in plain and plain[name].grade == "2b"}
    spending = learn_spending(believed, traits, policy.cost)
    costs: dict[VariantId, Cost | Unpriced] = {}
    for name in variants:
        price = prices[name]
        if isinstance(price, Unpriced):
            costs[name] = price
        elif spending is not None:
            costs[name] = pooled_cost(traits[name], spending, policy, own=name in believed)
        else:
            costs[name] = plain[name]
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


def _prices(
    variants: Sequence[VariantId], resolution: Resolution, crosswalk: Crosswalk, policy: CostPolicy
) -> Mapping[VariantId, ListPrice | Unpriced]:
    offers: dict[VariantId, list[Price]] = {}
    for offer in resolution.offers:
        offers.setdefault(offer.variant, []).append(offer.price)
    return {
        name: agreed_price(
            offers.get(name, ()),
            crosswalk.price_of(crosswalk.variants[name].release),
            policy.price_agreement,
        )
        for name in variants
    }


def _trait(variant: Variant, price: ListPrice) -> Trait:
    return Trait(
        variant=variant.id,
        vendor=variant.vendor,
        release=variant.release,
        effort=variant.effort,
        released_on=variant.released_on,
        price=price,
    )


def learn_spending(
    published: Mapping[VariantId, float], traits: Mapping[VariantId, Trait], policy: CostPolicy
) -> Spending | None:
    """Fit the pooled estimate to published dollars per index task; None from few rows or without policy."""
    if policy.pooled is None:
        return None
    priced = [traits[name] for name in sorted(published) if name in traits]
    residuals = {
        trait.variant: residual(published[trait.variant], trait.price, trait.effort, policy)
        for trait in priced
    }
    return learn(priced, residuals, policy.pooled)


def pooled_cost(trait: Trait, spending: Spending, policy: Policy, *, own: bool) -> Cost:
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
