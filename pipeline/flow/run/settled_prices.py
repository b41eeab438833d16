"""Collects the prices settled before a run: by the published pool, and by people who accepted a row."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from pipeline.checks.row_quarantine import subject_of
from pipeline.domain.calendar import read_moment
from pipeline.domain.ids import SourceName, VariantId
from pipeline.domain.observation import HELD, PriceStep
from pipeline.domain.price import BilledRoute, PriceAmounts, PriceCase, PriceRecord, SettledPrice
from pipeline.domain.proposal import AmountsLine, Proposal, RoutePriceLine
from pipeline.scoring.prices.route_prices import billed_routes
from pipeline.sources.registry import SOURCES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pipeline.domain.ids import SourceKey
    from pipeline.domain.pool import Standing, TierReport
    from pipeline.domain.price import PriceDecision
    from pipeline.domain.proposal import Heartbeat
    from pipeline.flow.record.capture_index import CaptureIndex
    from pipeline.flow.record.config import Config
    from pipeline.flow.record.record_files import RecordFiles
    from pipeline.flow.run.score import ScoredWeek
    from pipeline.pools.selection_input import Selection
    from pipeline.review.decisions.acceptances import Acceptance
    from pipeline.scoring.prices.route_prices import RoutePrices


_SETTLED: Final = frozenset({PriceCase.CATALOGUE, PriceCase.TWO_SOURCES, PriceCase.UNCHANGED})
"""Cases in which nothing is left to ask, so that an earlier answer is over."""

AcceptedPrices = dict[tuple[SourceName, "SourceKey"], tuple[int | None, int | None]]


def record_before(
    record: RecordFiles, base_sha256: str | None, capture_index: CaptureIndex, rules: Config, *, on: date
) -> PriceRecord:
    """Read what a run on a day knows of prices besides what sources state.

    Args:
        record: The proposals and acceptances on record.
        base_sha256: Digest of the pool that is in force for the run; None: there is none.
        capture_index: The captures, for rows that were taken by name.
        rules: How long a pool is valid.
        on: The day of the run.

    Raises:
        RefusedError: A document of record is damaged.
    """
    base = _proposal_of_pool(record, base_sha256)
    return PriceRecord(
        on=on,
        until=on + timedelta(days=rules.policy.pool_valid_days),
        settled={} if base is None else settled_by(base),
        accepted=_accepted_prices(record.acceptances, capture_index),
    )


def record_of(
    run: Proposal | Heartbeat, record: RecordFiles, capture_index: CaptureIndex, rules: Config
) -> PriceRecord:
    """Read what a run on record knew of prices besides what sources stated.

    Raises:
        RefusedError: A document of record is damaged.
    """
    if isinstance(run, Proposal):
        base = run.pool.base.sha256 if run.pool.base else None
    else:
        chain = record.versions if run.base_version else ()
        base = next((link.sha256 for link in chain if link.version == run.base_version), None)
    on = read_moment(run.as_of).date()
    held = frozenset(SourceName(line.subject) for line in run.findings if line.kind == HELD)
    return replace(record_before(record, base, capture_index, rules, on=on), held=held)


def settled_by(proposal: Proposal) -> Mapping[BilledRoute, SettledPrice]:
    """Read what a published proposal settled, by route; one from before settled its members' prices."""
    if not proposal.prices:
        return _of_members(proposal)
    return {
        BilledRoute(catalogue=line.catalogue, model=line.model, release=line.release): _settled_price(line)
        for line in proposal.prices
    }


def _of_members(proposal: Proposal) -> Mapping[BilledRoute, SettledPrice]:
    seen_on = read_moment(proposal.as_of).date()
    settled: dict[BilledRoute, SettledPrice] = {}
    for member in (one for tier in proposal.pool.tiers.values() for one in tier.members):
        price = member.price
        used = PriceAmounts(
            input=price.input_microusd_per_mtok,
            output=price.output_microusd_per_mtok,
            cached=price.cache_read_microusd_per_mtok,
        )
        for route in billed_routes(member.models, member.release).values():
            settled[route] = SettledPrice(used=used, baseline=used, seen_on=seen_on)
    return settled


def price_lines(decisions: Iterable[PriceDecision], *, on: date) -> tuple[RoutePriceLine, ...]:
    """Write down what was decided, route by route, for later weeks to measure from."""
    return tuple(_line(decision, on) for decision in decisions if decision.used is not None)


def _proposal_of_pool(record: RecordFiles, sha256: str | None) -> Proposal | None:
    """Find the approved proposal of a pool, the newest first."""
    if sha256 is None:
        return None
    for one in reversed(record.chain.decided):
        if one.is_approved and one.decision.pool_sha256 == sha256:
            return record.reviews.proposal(one.folder).proposal
    return None


def _accepted_prices(acceptances: Sequence[Acceptance], capture_index: CaptureIndex) -> AcceptedPrices:
    """Return the prices that people accepted by name, the newest acceptance last."""
    found: AcceptedPrices = {}
    for acceptance in reversed(acceptances):
        if not acceptance.rows or acceptance.source not in SOURCES:
            continue
        source = SourceName(acceptance.source)
        captures = capture_index.captures(source, acceptance.captures)
        for price in SOURCES[source].parse(captures).prices if captures else ():
            if subject_of(price) in acceptance.rows:
                found[source, price.key] = (price.input_microusd_per_mtok, price.output_microusd_per_mtok)
    return found


def _settled_price(line: RoutePriceLine) -> SettledPrice:
    used = _amounts(line.used)
    return SettledPrice(
        used=used,
        baseline=used if line.baseline is None else _amounts(line.baseline),
        seen_on=date.fromisoformat(line.seen_on),
        declined=None if line.other is None else _amounts(line.other),
        declined_on=None if line.asked_on is None else date.fromisoformat(line.asked_on),
    )


def _amounts(line: AmountsLine) -> PriceAmounts:
    return PriceAmounts(
        input=line.input,
        output=line.output,
        cached=line.cached,
        steps=tuple(
            PriceStep(from_tokens=size, input=per_in, output=per_out, cached=cached)
            for size, per_in, per_out, cached in line.steps
        ),
    )


def _line(decision: PriceDecision, on: date) -> RoutePriceLine:
    used, baseline, coming = decision.used, decision.baseline, decision.announced
    if used is None or decision.seen_on is None:
        raise ValueError(f"{decision.route.name} has no price")
    asked_on = on if decision.asked else None
    open_still = decision.other is not None or decision.case not in _SETTLED
    if not decision.asked and decision.before is not None and open_still:
        asked_on = decision.before.declined_on
    return RoutePriceLine(
        catalogue=decision.route.catalogue,
        model=decision.route.model,
        release=decision.route.release,
        case=decision.case.value,
        used=_amounts_line(used),
        baseline=None if baseline in {None, used} else _amounts_line(baseline),
        seen_on=decision.seen_on.isoformat(),
        other=None if decision.other is None else _amounts_line(decision.other),
        asked_on=None if asked_on is None else asked_on.isoformat(),
        announced_on=None if coming is None else coming.on.isoformat(),
        announced=None if coming is None else _amounts_line(coming.amounts),
    )


def _amounts_line(amounts: PriceAmounts) -> AmountsLine:
    return AmountsLine(
        input=amounts.input,
        output=amounts.output,
        cached=amounts.cached,
        steps=tuple((step.from_tokens, step.input, step.output, step.cached) for step in amounts.steps),
    )


Concerns = dict["BilledRoute", tuple[int, str]]
"""By route, 0 for a member's and 1 for a contender's, with the tiers in words."""


def price_contenders(selection: Selection, assessment: ScoredWeek) -> Concerns:
    """Name the routes of members and contenders.

    A contender is a candidate whose expected dollars per request, at the cheaper of the price that is used
    and the one that is not, are at most those of the tier's dearest member; or one that its price alone
    leaves out: too dear for the tier's ceiling at the price used, or without a price that can be explained.
    """
    by_route: dict[BilledRoute, dict[int, list[str]]] = {}
    for tier in sorted(selection.tiers):
        report = selection.tiers[tier]
        for standing in report.standings:
            place = _place(standing, report, assessment.prices)
            if place is None:
                continue
            for route in _routes(standing, place, assessment.prices):
                by_route.setdefault(route, {}).setdefault(place, []).append(tier)
    return {route: _words(places) for route, places in by_route.items()}


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
    """Return whether a variant would be worth a seat at the cheaper of the two prices."""
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
