"""From readings to scoreboards; the same for this week and for a week that is rebuilt."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from pipeline.domain.price import PriceRecord
from pipeline.identity.dated import valid_on
from pipeline.identity.provisional import candidates
from pipeline.identity.resolve import resolve
from pipeline.identity.retiring import retiring
from pipeline.scoring.contradiction import agreement_of
from pipeline.scoring.route_prices import decide_prices
from pipeline.scoring.scoreboard import score

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import date

    from pipeline.domain.crosswalk import Agreed, Crosswalk, Resolution
    from pipeline.domain.observation import Reading
    from pipeline.domain.score import Scoreboard
    from pipeline.flow.rules import Rules
    from pipeline.scoring.route_prices import RoutePrices

NOTHING_SETTLED: Final = PriceRecord()
"""What is known of prices before the first pool is published."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """Who is meant, and what they are worth."""

    resolution: Resolution
    scoreboards: Mapping[str, Scoreboard]
    prices: RoutePrices
    """One decision per route."""


def assess(
    readings: Sequence[Reading],
    rules: Rules,
    *,
    on: date,
    silent: Collection[str] = (),
    record: PriceRecord = NOTHING_SETTLED,
) -> Assessment:
    """Resolve the names and score every evidence a tier believes, as people's word stands on a day.

    Args:
        readings: What the sources say.
        rules: Policy and crosswalk.
        on: The day.
        silent: Metrics whose scores are left out; the scale they made stays.
        record: What was settled of prices before.
    """
    crosswalk = valid_on(rules.crosswalk, on)
    policy = rules.policy
    agreed = _agreed(readings, crosswalk, policy.cost.price_agreement, on=on)
    resolution = replace(resolve(readings, crosswalk, agreed), record=replace(record, on=record.on or on))
    boards = boards_of(resolution, rules, on=on, silent=silent, evidences=rules.evidence_in_use)
    scored = {name for board in boards.values() for name in board.scores}
    until = on + timedelta(days=max(tier.retirement_days for tier in policy.tiers.values()))
    variants = [crosswalk.variants[name] for name in sorted(scored)]
    findings = (
        *resolution.findings,
        *retiring(readings, variants, resolution.profiles, until=until),
    )
    return Assessment(
        resolution=replace(resolution, findings=findings),
        scoreboards=boards,
        prices=decide_prices(resolution, crosswalk, policy),
    )


def boards_of(
    resolution: Resolution, rules: Rules, *, on: date, evidences: Iterable[str], silent: Collection[str] = ()
) -> dict[str, Scoreboard]:
    """Score some evidences of names that are resolved already."""
    crosswalk = valid_on(rules.crosswalk, on)
    return {name: score(name, resolution, crosswalk, rules.policy_of(name), silent) for name in evidences}


def _agreed(
    readings: Sequence[Reading], crosswalk: Crosswalk, agreement: float, *, on: date
) -> tuple[Agreed, ...]:
    """Let `scoring` say what the prices of a name that spells a variant speak for or against."""
    found = []
    for one in candidates(readings, crosswalk, on=on):
        judged = crosswalk.price_of(one.release)
        agrees, differs = agreement_of(one.own, one.others, judged, agreement)
        evidence = (*one.agreed.evidence, *([agrees] if agrees else []))
        doubts = (*one.agreed.doubts, *([differs] if differs else []))
        found.append(replace(one.agreed, evidence=evidence, doubts=doubts))
    return tuple(found)
