"""Builds the candidate pool as the document a router loads: decimals as text, no floats."""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import TYPE_CHECKING, Final

from pipeline.domain.document import decimal_text
from pipeline.domain.pool import Base, Member, Pool, PriceLine, Purpose, RouteLine, TierPool
from pipeline.domain.score import Cost, ListPrice, Score
from pipeline.pools.eligibility.candidate_facts import allowed_routes, route_facts
from pipeline.pools.worth.floor import floor_probability
from pipeline.pools.worth.value import answers_per_usd

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from pipeline.domain.crosswalk import Variant
    from pipeline.domain.ids import TierName, VariantId
    from pipeline.pools.eligibility.candidate_facts import RouteFacts, TierRequirements
    from pipeline.pools.selection_input import SelectionInput
    from pipeline.pools.tier_selection import TierSelection
    from pipeline.pools.worth.monte_carlo import DrawStats

_FORMAT_1_ONLY: Final = dict.fromkeys(
    ("utility_low", "utility_high", "inclusion_probability", "fragile", "reasoning_effort")
)
"""What a line of format 1 states and a line of format 2 does not."""


def pool_of(
    inputs: SelectionInput,
    choices: Mapping[TierName, TierSelection],
    stats: Mapping[TierName, Mapping[VariantId, DrawStats]],
) -> Pool:
    """Write the candidate pool, the successor of the published one.

    A tier that nobody can be judged for is left out unless it is published: routers refuse an empty tier.
    """
    published, digest = inputs.published, inputs.published_sha256
    known = published.tiers if published else {}
    base = Base(version=published.version, sha256=digest) if published and digest else None
    as_of = inputs.as_of.astimezone(UTC)
    return Pool(
        format=2,
        version=base.version + 1 if base else 1,
        week=inputs.week,
        as_of=as_of.strftime("%Y-%m-%dT%H:%M:%SZ"),
        expires_on=(as_of.date() + timedelta(days=inputs.policy.pool_valid_days)).isoformat(),
        base=base,
        policy_sha256=inputs.policy_sha256,
        audit_head=inputs.audit_head,
        tiers={
            name: _tier(inputs, choice, stats.get(name, {}))
            for name, choice in choices.items()
            if choice.field.scoreboard.scores or name in known
        },
        attribution=inputs.attribution,
    )


def _tier(inputs: SelectionInput, choice: TierSelection, stats: Mapping[VariantId, DrawStats]) -> TierPool:
    tier, serves = choice.field.tier, choice.serves
    members = tuple(
        _member(inputs, choice, variant).model_copy(
            update={"rank": rank, "serves": serves[variant], **_draw_fields(stats.get(variant))}
        )
        for rank, variant in enumerate(choice.places, start=1)
    )
    return TierPool(evidence=tier.evidence, k=tier.k, members=members, bands=dict(choice.bands))


def _draw_fields(stats: DrawStats | None) -> dict[str, object]:
    """Write what the draws say; nothing where there were none."""
    if stats is None:
        return {}
    close = decimal_text(stats.p_close, 3)
    return {"p_close": close, "rank_low": stats.rank_low, "rank_high": stats.rank_high}


def _member(inputs: SelectionInput, choice: TierSelection, variant: VariantId) -> Member:
    """Write a member's line; its rank, what it serves and the draws are the tier's to say."""
    if variant not in choice.field.candidates:
        return _carry_member(inputs, choice, variant)
    known, field = inputs.variants[variant], choice.field
    score = field.scoreboard.scores[variant]
    cost = _cost(score)
    facts = _member_facts(inputs, choice, variant)
    price = _price_line(cost.price)
    routes = _routes(field.terms, known, _route_prices(cost), price)
    low, high = cost.interval()
    answers = answers_per_usd(cost.usd_per_task, score.quality, field.tier.lambda_usd)
    return Member(
        rank=1,
        variant=variant,
        vendor=known.vendor,
        family=known.family,
        release=known.release,
        effort=known.effort,
        routes=routes,
        key_env=_key_env(known, routes),
        price=price,
        usd_per_task=decimal_text(cost.usd_per_task, 6),
        cost_grade=cost.grade,
        quality=decimal_text(score.quality, 4),
        quality_low=decimal_text(score.quality_low, 4),
        quality_high=decimal_text(score.quality_high, 4),
        acceptable_answers_per_usd=decimal_text(answers, 2),
        usd_per_task_low=decimal_text(low, 6),
        usd_per_task_high=decimal_text(high, 6),
        serves=(Purpose.SPARE,),
        floor_probability=decimal_text(floor_probability(field.terms.floor, score), 3),
        rank_low=0,
        rank_high=0,
        context_tokens=facts.context_tokens,
        tools=facts.tools,
        vision=facts.vision,
        retires_on=facts.retires_on.isoformat() if facts.retires_on else None,
        stale=False,
    )


def _cost(score: Score) -> Cost:
    if not isinstance(score.cost, Cost):
        raise TypeError(f"{score.variant}: a member has a cost")
    return score.cost


def _member_facts(inputs: SelectionInput, choice: TierSelection, variant: VariantId) -> RouteFacts:
    incumbent = choice.field.incumbents.get(variant)
    line = incumbent.line if incumbent else None
    return route_facts(inputs.variants[variant], inputs.profiles.get(variant), line)


def _carry_member(inputs: SelectionInput, choice: TierSelection, variant: VariantId) -> Member:
    """Keep a published line; only the routes the tier can use are of this week."""
    known = inputs.variants[variant]
    line = choice.field.incumbents[variant].line
    own = {route: stated.price for route, stated in line.lines.items()}
    routes = _routes(choice.field.terms, known, own, line.price)
    changed = {"stale": True, "routes": routes, "key_env": _key_env(known, routes), **_FORMAT_1_ONLY}
    return line.model_copy(update=changed)


def _routes(
    terms: TierRequirements, variant: Variant, prices: Mapping[str, PriceLine], price: PriceLine
) -> dict[str, RouteLine]:
    """Write how each usable route buys the variant, at its own price; where none is stated at `price`."""
    return {
        route: RouteLine(model=model, send=dict(variant.send(route) or {}), price=prices.get(route, price))
        for route, model in allowed_routes(terms, variant).items()
    }


def _key_env(variant: Variant, routes: Collection[str]) -> str | None:
    """Name the variable the LiteLLM route reads its key from, where that route is used."""
    return variant.key_env if "litellm" in routes else None


def _route_prices(cost: Cost) -> dict[str, PriceLine]:
    return {route: _price_line(stated) for route, stated in cost.route_prices.items()}


def _price_line(price: ListPrice) -> PriceLine:
    return PriceLine(
        input_microusd_per_mtok=price.input_microusd_per_mtok,
        output_microusd_per_mtok=price.output_microusd_per_mtok,
        cache_read_microusd_per_mtok=price.cache_read_microusd_per_mtok,
        sources=tuple(sorted(price.sources)),
        note=price.note,
    )
