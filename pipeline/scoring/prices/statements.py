"""Lists what sources state about the billed routes, one statement per source and route."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from pipeline.domain.ids import GENAI_PRICES, OPENROUTER
from pipeline.domain.price import AnnouncedPrice, BilledRoute, PriceAmounts, PriceStatement
from pipeline.scoring.prices.comparison import amounts_of, same

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from pipeline.domain.crosswalk import CatalogueOffer, Variant
    from pipeline.domain.ids import SourceName, VariantId
    from pipeline.domain.observation import Price
    from pipeline.domain.policy import CostPolicy
    from pipeline.domain.price import PriceRecord

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
    return {route: _speaking(route, found, policy) for route, found in stated.items()}


def states_zero(price: Price) -> bool:
    """Say whether a source states that input and output cost nothing."""
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


def _speaking(
    route: BilledRoute, found: Mapping[SourceName, PriceStatement], policy: CostPolicy
) -> tuple[PriceStatement, ...]:
    table, reseller = found.get(GENAI_PRICES), found.get(OPENROUTER)
    sorted_found = tuple(found[source] for source in sorted(found))
    if route.catalogue or not route.model or table is None or reseller is None:
        return sorted_found
    if not table.fresh or same(table, reseller, policy):
        return sorted_found
    return tuple(one for one in sorted_found if one is not reseller)
