"""Scores the readings of a week, whether it is this one or one that is rebuilt."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from pipeline.domain.observation import PriceRole
from pipeline.domain.price import PriceRecord
from pipeline.identity.crosswalk.load import valid_on
from pipeline.identity.names.provisional_matches import name_candidates
from pipeline.identity.resolve.catalogue_lookup import retirement_findings
from pipeline.identity.resolve.resolve import resolve_names
from pipeline.review.proposals.documents import place_of
from pipeline.scoring.prices.comparison import agreement_of
from pipeline.scoring.prices.route_prices import decide_prices
from pipeline.scoring.scoreboard import ScoringOptions, score

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import date

    from pipeline.domain.crosswalk import Crosswalk, ProvisionalMatch, Resolution
    from pipeline.domain.observation import Reading
    from pipeline.domain.score import Scoreboard
    from pipeline.flow.record.config import Config
    from pipeline.review.proposals.proposal_store import Reviews
    from pipeline.scoring.prices.route_prices import RoutePrices


NOTHING_SETTLED: Final = PriceRecord()
"""What is known of prices before the first pool is published."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoredWeek:
    """Resolved names and scoreboards of one week."""

    resolution: Resolution
    scoreboards: Mapping[str, Scoreboard]
    prices: RoutePrices
    """One decision per route."""


def score_readings(
    readings: Sequence[Reading],
    rules: Config,
    *,
    on: date,
    silent: Collection[str] = (),
    record: PriceRecord = NOTHING_SETTLED,
) -> ScoredWeek:
    """Resolve the names and score every evidence in use, with the judgements that hold on a day.

    Args:
        readings: What the sources say.
        rules: Policy and crosswalk.
        on: The day.
        silent: Metrics whose scores are left out; the scale they made stays.
        record: What was settled of prices before.
    """
    resolution = _resolve_names(readings, rules, on=on, record=record, suggesting=True)
    week = score_resolved(resolution, rules, on=on, silent=silent)
    scored = {name for board in week.scoreboards.values() for name in board.scores}
    until = on + timedelta(days=max(tier.retirement_days for tier in rules.policy.tiers.values()))
    variants = [rules.crosswalk.variants[name] for name in sorted(scored)]
    ending = retirement_findings(readings, variants, resolution.profiles, until=until)
    return replace(week, resolution=replace(resolution, findings=(*resolution.findings, *ending)))


def score_again(
    readings: Sequence[Reading], rules: Config, *, on: date, record: PriceRecord = NOTHING_SETTLED
) -> ScoredWeek:
    """Score other or earlier inputs as a run does, without what only its page shows.

    No open name gets suggestions and no end is announced: no score depends on either.
    """
    return score_resolved(
        _resolve_names(readings, rules, on=on, record=record, suggesting=False), rules, on=on
    )


def _resolve_names(
    readings: Sequence[Reading], rules: Config, *, on: date, record: PriceRecord, suggesting: bool
) -> Resolution:
    crosswalk = valid_on(rules.crosswalk, on)
    agreed = _weigh_by_price(readings, crosswalk, rules.policy.cost.price_agreement, on=on)
    thirds = frozenset(
        reading.source for reading in readings if reading.price_role is PriceRole.THIRD_OPINION
    )
    record = replace(record, on=record.on or on, third_opinions=record.third_opinions | thirds)
    return replace(resolve_names(readings, crosswalk, agreed, suggesting=suggesting), record=record)


def score_resolved(
    resolution: Resolution, rules: Config, *, on: date, silent: Collection[str] = ()
) -> ScoredWeek:
    """Score every evidence in use, of names that are resolved already."""
    crosswalk = valid_on(rules.crosswalk, on)
    prices = decide_prices(resolution, crosswalk, rules.policy)
    options = ScoringOptions(silent=silent, prices=prices)
    return ScoredWeek(
        resolution=resolution,
        scoreboards={
            name: score(name, resolution, crosswalk, rules.policy_of(name), options)
            for name in rules.evidence_in_use
        },
        prices=prices,
    )


def _weigh_by_price(
    readings: Sequence[Reading], crosswalk: Crosswalk, agreement: float, *, on: date
) -> tuple[ProvisionalMatch, ...]:
    """Add to each name that spells a variant what its prices speak for or against."""
    found = []
    for candidate in name_candidates(readings, crosswalk, on=on):
        judged = crosswalk.price_of(candidate.release)
        agrees, differs = agreement_of(candidate.own, candidate.others, judged, agreement)
        evidence = (*candidate.agreed.evidence, *([agrees] if agrees else []))
        doubts = (*candidate.agreed.doubts, *([differs] if differs else []))
        found.append(replace(candidate.agreed, evidence=evidence, doubts=doubts))
    return tuple(found)


def with_remembered_merges(rules: Config, reviews: Reviews, week: str) -> Config:
    """Return the rules with the state of the last proposal of an earlier week (method section 7.9).

    A heartbeat changes nothing that a person could see, so the last proposal is what was last said.

    Raises:
        RefusedError: That proposal is broken or edited.
    """
    return replace(rules, merged_before=_merged_before(reviews, week))


def _merged_before(reviews: Reviews, week: str) -> Mapping[str, bool]:
    for folder in reversed(reviews.attempts):
        if place_of(folder)[0] < week and not reviews.is_heartbeat(folder):
            fits = reviews.proposal(folder).proposal.fits
            merged = {fit.evidence for fit in fits if fit.merged}
            return {fit.evidence: fit.evidence in merged for fit in fits}
    return {}
