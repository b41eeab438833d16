"""Whose prices a reviewer is asked about: members, and those whom another price would bring near a seat."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.domain.names import VariantId

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipeline.domain.pool import Standing, TierReport
    from pipeline.domain.price import BilledRoute, PriceDecision
    from pipeline.flow.assess import Assessment
    from pipeline.pools.brief import Selection
    from pipeline.scoring.route_prices import RoutePrices

Concerns = dict["BilledRoute", tuple[int, str]]
"""By route, 0 for a member's and 1 for a contender's, with the tiers in words."""


def concerned(selection: Selection, assessment: Assessment) -> Concerns:
    """Name the routes of members and contenders.

    A contender is a candidate whose expected dollars per request, at the cheaper of the price that is used
    and the one that is not, are at most those of the tier's dearest member; or one that its price alone
    leaves out: too dear for the tier's ceiling at the price used, or without a price that can be explained.
    """
    told: dict[BilledRoute, dict[int, list[str]]] = {}
    for tier in sorted(selection.tiers):
        report = selection.tiers[tier]
        for standing in report.standings:
            place = _place(standing, report, assessment.prices)
            if place is None:
                continue
            for route in _routes(standing, place, assessment.prices):
                told.setdefault(route, {}).setdefault(place, []).append(tier)
    return {route: _words(places) for route, places in told.items()}


def _place(standing: Standing, report: TierReport, prices: RoutePrices) -> int | None:
    if standing.verdict == "member":
        return 0
    decision = prices.decision_of(VariantId(standing.variant))
    if standing.rule == "price_conflict":
        return 1
    if decision.other is None and decision.announced is None:
        return None
    return 1 if _is_near(standing, report, decision) else None


def _is_near(standing: Standing, report: TierReport, decision: PriceDecision) -> bool:
    """Say whether a variant would be worth a seat at the cheaper of the two prices."""
    if standing.quality is None or standing.usd_per_task is None or standing.rule not in {None, "ceiling"}:
        return False
    miss = (1 - float(standing.quality)) * float(report.lambda_usd)
    least = float(standing.usd_per_task) * _discount(decision)
    seats = [
        float(one.expected_usd)
        for one in report.standings
        if one.verdict == "member" and one.expected_usd is not None
    ]
    return miss + least <= max(seats, default=0.0)


def _discount(decision: PriceDecision) -> float:
    """Give the cheaper price as a share of the one that tasks are costed at."""
    counted, other = decision.counted, decision.other
    if counted is None or other is None:
        return 1.0
    return min(1.0, other.blended / counted.blended)


def _routes(standing: Standing, place: int, prices: RoutePrices) -> tuple[BilledRoute, ...]:
    """Return all routes of a member, which the pool states, and the route a contender is costed by."""
    variant = VariantId(standing.variant)
    if place == 0:
        return tuple(dict.fromkeys(prices.routes[variant].values()))
    return (prices.decision_of(variant).route,)


def _words(places: Mapping[int, list[str]]) -> tuple[int, str]:
    first = min(places)
    word = "member" if first == 0 else "contender"
    return first, f"{word} of {', '.join(dict.fromkeys(places[first]))}"
