"""Computes the cost of one task of the operator's mix in dollars, by the best grade of evidence there is.

List price is not cost: measured spending on the same work orders 15 to 19 % of pairs the other
way round, since variants write very different amounts of text.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from pipeline.domain.ids import AA_USD_PER_TASK, ARTIFICIAL_ANALYSIS, VariantId
from pipeline.domain.score import Cost, ListPrice, NoPrice
from pipeline.errors import UsageError
from pipeline.scoring.cost.partial_pooling import (
    PricingFeatures,
    SpendingModel,
    effect_of,
    fit_spending,
    kin_of,
)
from pipeline.scoring.prices.comparison import amounts_of
from pipeline.scoring.prices.route_prices import RoutePrices, decide_prices
from pipeline.scoring.quality.boards import by_scale, largest_scale

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pipeline.domain.crosswalk import Crosswalk, Measure, Resolution, Variant
    from pipeline.domain.policy import CostPolicy, Policy, TaskKind
    from pipeline.scoring.cost.partial_pooling import RelatedEvidence


MICROUSD_TOKENS_PER_MTOK_USD: Final = 1e12
"""Tokens times micro-dollars per million tokens, in one dollar."""

BELIEVABLE_FACTOR: Final = 10.0
"""How far a published cost may be from the ladder's; seen: 0.7 to 4.2 times. Beyond, it is a slip."""

TOTALS_ONLY: Final = frozenset({"2b"})
"""Grades whose verbosity multiplies the whole list cost, not the output tokens."""

_POLICY_HINT = "Add it to data/policy/tiers.toml and run the command again."


@dataclass(frozen=True, slots=True, kw_only=True)
class KindCost:
    """One kind's part of the cost per task."""

    kind: TaskKind
    usd: float
    """Dollars per task of the mix, already weighed by the kind's share; without the fee."""


def mix_usd(price: ListPrice, mix: Sequence[TaskKind], verbosity: float) -> float:
    """Price one task of the mix, in dollars, without the fee.

    `sum_k w_k [ n_in,k ((1-h_k) p_in + h_k p_cache) + n_out,k * (1 + r_k (nu - 1)) * p_out ]` (method
    section 4); r, the kind's `reasoning_share`, is 1 but for agentic kinds. Prices are those of the kind's
    size of prompt. Where nobody states a cache price, cached input is billed as input.

    Args:
        price: Agreed list price, in micro-dollars per million tokens.
        mix: Kinds of task; their shares add up to 1.
        verbosity: nu, output plus reasoning tokens relative to a non-reasoning answer.
    """
    parts = []
    for kind in mix:
        p_in, p_out, p_cached = price.at(kind.tokens_in)
        read = kind.tokens_in * ((1 - kind.cached_share) * p_in + kind.cached_share * p_cached)
        parts.append(kind.share * (read + kind.billed_out(verbosity) * p_out))
    return math.fsum(parts) / MICROUSD_TOKENS_PER_MTOK_USD


def published_multiplier(usd_per_index_task: float, price: ListPrice, policy: CostPolicy) -> float:
    """Read a published dollar total as a multiple of list cost (grade 2b).

    `m = published / (n_in * p_in + n_out * p_out)` with the token counts of one index task. It is
    not a token ratio: it contains the input bill, and whatever else list price does not say.
    """
    tokens_in, tokens_out = policy.index_task_tokens_in, policy.index_task_tokens_out
    listed = tokens_in * price.input_microusd_per_mtok + tokens_out * price.output_microusd_per_mtok
    return usd_per_index_task * MICROUSD_TOKENS_PER_MTOK_USD / listed


def measured_cost(
    price: ListPrice, usd_per_index_task: float, policy: CostPolicy, mix: Sequence[TaskKind]
) -> Cost:
    """Cost from what somebody paid on other work, `C = m * list cost of our mix + fee` (grade 2b)."""
    multiplier = published_multiplier(usd_per_index_task, price, policy)
    return Cost(
        usd_per_task=multiplier * mix_usd(price, mix, 1.0) + policy.fee_usd_per_task,
        log_sd=_constant(policy.log_sd, "2b", "cost.log_sd"),
        grade="2b",
        verbosity=multiplier,
        price=price,
        basis=f"its own published dollars: {multiplier:.2f} times list price",
    )


def best_cost(
    price: ListPrice,
    usd_per_index_task: float | None,
    effort: str,
    policy: CostPolicy,
    mix: Sequence[TaskKind],
) -> Cost:
    """Take what somebody paid where it is published and believable, else the ladder.

    Args:
        price: Agreed list price.
        usd_per_index_task: Published dollars per task of the index; None where nobody says.
        effort: Reasoning effort of the variant.
        policy: Constants of the cost.
        mix: Kinds of task; their shares add up to 1.
    """
    ladder = ladder_cost(price, effort, policy, mix)
    if usd_per_index_task is None:
        return ladder
    measured = measured_cost(price, usd_per_index_task, policy, mix)
    factor = measured.usd_per_task / ladder.usd_per_task
    return measured if 1 / BELIEVABLE_FACTOR <= factor <= BELIEVABLE_FACTOR else ladder


def ladder_cost(price: ListPrice, effort: str, policy: CostPolicy, mix: Sequence[TaskKind]) -> Cost:
    """Cost from the class ladder of reasoning efforts, nu by effort alone (grade 3b).

    Raises:
        UsageError: The policy has no rung for this effort.
    """
    verbosity = ladder_verbosity(effort, policy)
    return Cost(
        usd_per_task=mix_usd(price, mix, verbosity) + policy.fee_usd_per_task,
        log_sd=_constant(policy.log_sd, "3b", "cost.log_sd"),
        grade="3b",
        verbosity=verbosity,
        price=price,
        basis=f"the class ladder's rung {effort}: {verbosity:g} times a plain answer",
    )


def ladder_verbosity(effort: str, policy: CostPolicy) -> float:
    """Give the ladder's nu of an effort.

    Raises:
        UsageError: The policy has no rung for this effort.
    """
    return _constant(policy.effort_ladder, effort, "cost.effort_ladder")


def measured_verbosity(variant: str, mix: Sequence[TaskKind]) -> float | None:
    """Read a variant's nu from the operator's own usage; None unless every kind of the mix measures it.

    It is the nu at which the mix bills as many output tokens as were measured:
    `sum_k w_k n_out,k (1 + r_k (nu - 1)) = sum_k w_k m_k`.
    """
    if any(variant not in kind.measured for kind in mix):
        return None
    further = math.fsum(kind.share * (kind.measured[variant].tokens_out - kind.tokens_out) for kind in mix)
    drawn = math.fsum(kind.share * kind.tokens_out * kind.reasoning_share for kind in mix)
    verbosity = 1 + further / drawn if drawn > 0 else 0.0
    return verbosity if verbosity > 0 else None


def own_usage_cost(
    price: ListPrice, variant: str, policy: CostPolicy, mix: Sequence[TaskKind]
) -> Cost | None:
    """Cost from the operator's own usage on the same mix (grade 1); None where that does not measure it."""
    verbosity = measured_verbosity(variant, mix)
    if verbosity is None:
        return None
    tasks = sum(kind.measured[variant].tasks for kind in mix)
    return Cost(
        usd_per_task=mix_usd(price, mix, verbosity) + policy.fee_usd_per_task,
        log_sd=_constant(policy.log_sd, "1", "cost.log_sd"),
        grade="1",
        verbosity=verbosity,
        price=price,
        basis=f"{tasks} tasks of your own traffic: {verbosity:.2f} times a plain answer",
    )


def residual(usd_per_index_task: float, price: ListPrice, effort: str, policy: CostPolicy) -> float:
    """Log of published dollars over the ladder's, `z` of the pooled estimate.

    `z = log(published / (n_in * p_in + n_out * nu_effort * p_out))` with the tokens of one index task.
    """
    tokens_out = policy.index_task_tokens_out * ladder_verbosity(effort, policy)
    listed = (
        policy.index_task_tokens_in * price.input_microusd_per_mtok
        + tokens_out * price.output_microusd_per_mtok
    )
    return math.log(usd_per_index_task * MICROUSD_TOKENS_PER_MTOK_USD / listed)


def adjusted_cost(
    ladder: Cost, effect: float, kin: RelatedEvidence, policy: CostPolicy, *, own: bool
) -> Cost:
    """Adjust a ladder cost by what published dollars say: grade 2b with its own, 3a without.

    `C = exp(carry * g) * (C_ladder - fee) + fee`. The whole bill is adjusted, not the output tokens:
    a dollar total does not tell them apart.

    Args:
        ladder: Grade 3b of the same variant.
        effect: `g`, the pooled estimate of its log deviation.
        kin: Whose published dollars speak for it.
        policy: Constants of the cost; without a pooled part the ladder's cost is returned.
        own: Whether the variant's own dollars are among the published.
    """
    if policy.pooled is None:
        return ladder
    factor = math.exp(policy.pooled.carry * effect)
    grade = "2b" if own else "3a"
    log_sd = policy.pooled.own_log_sd if own else _constant(policy.log_sd, grade, "cost.log_sd")
    if not own and (kin.newcomer or not kin.vendor):
        log_sd = max(log_sd, policy.pooled.newcomer_log_sd)
    return replace(
        ladder,
        usd_per_task=factor * (ladder.usd_per_task - policy.fee_usd_per_task) + policy.fee_usd_per_task,
        log_sd=log_sd,
        grade=grade,
        factor=factor,
        basis=f"{ladder.basis}; {_witnesses(kin, own=own)}: {factor:.2f} times that bill",
    )


def cost_by_kind(cost: Cost, policy: Policy) -> tuple[KindCost, ...]:
    """Divide a cost among the kinds in proportion to what each costs; the parts and the fee add up."""
    verbosity = 1.0 if cost.grade in TOTALS_ONLY else cost.verbosity
    whole = mix_usd(cost.price, policy.task_mix, verbosity)
    paid = cost.usd_per_task - policy.cost.fee_usd_per_task
    return tuple(
        KindCost(kind=kind, usd=paid * mix_usd(cost.price, (kind,), verbosity) / whole)
        for kind in policy.task_mix
    )


def _witnesses(kin: RelatedEvidence, *, own: bool) -> str:
    """List whose published dollars were read."""
    whose = ["its own"] if own else []
    whose += [f"{kin.release} of its release"] if kin.release else []
    others = kin.vendor - kin.release
    whose += [f"{others} of its vendor's other releases"] if others else []
    if not whose:
        return "dollars published for other vendors, by effort, date and price alone"
    newcomer = ", all older" if kin.newcomer and not own else ""
    return f"dollars published for {', '.join(whose)}{newcomer}"


def _constant(table: Mapping[str, float], key: str, name: str) -> float:
    if key not in table:
        raise UsageError(
            f"the policy has no {name}.{key}, only {', '.join(sorted(table))}", hint=_POLICY_HINT
        )
    return table[key]


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
) -> SpendingModel | None:
    """Fit the pooled estimate to published dollars per index task; None from few rows or without policy."""
    if policy.pooled is None:
        return None
    priced = [traits[name] for name in sorted(published) if name in traits]
    residuals = {
        trait.variant: residual(published[trait.variant], trait.price, trait.effort, policy)
        for trait in priced
    }
    return fit_spending(priced, residuals, policy.pooled)


def _graded_cost(trait: PricingFeatures, plain: Cost, spending: SpendingModel | None, policy: Policy) -> Cost:
    own = own_usage_cost(trait.price, trait.variant, policy.cost, policy.task_mix)
    if own is not None:
        return own
    return pooled_cost(trait, spending, policy, own=plain.grade == "2b") if spending else plain


def pooled_cost(trait: PricingFeatures, spending: SpendingModel, policy: Policy, *, own: bool) -> Cost:
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
