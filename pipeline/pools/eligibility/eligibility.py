"""Finds the first rule of eligibility that a variant fails, with the numbers.

The order is fixed, and cheap certain facts come before estimates: no_score, not_routed, not_expressible,
price_unknown / price_zero / price_conflict, unconfirmed, vendor, licence / licence_unknown, region /
region_unknown, context, tools, vision, retiring, ceiling, floor. What is unknown fails; it never gets a
default.
"""

from __future__ import annotations

from typing import Final

from pipeline.domain.score import NoPrice, NoScore
from pipeline.pools.eligibility.candidate_facts import CandidateFacts, Exclusion, Rule, TierRequirements
from pipeline.pools.eligibility.constraints import (
    context,
    licence,
    not_expressible,
    not_routed,
    region,
    retiring,
    tools,
    vendor,
    vision,
)
from pipeline.pools.reasons.number_format import usd
from pipeline.pools.worth.floor import failed_floors


def first_failing(
    terms: TierRequirements, applicant: CandidateFacts, rules: tuple[Rule, ...]
) -> Exclusion | None:
    """Return the first of the rules that leaves the applicant out; None when it meets them all."""
    for rule in rules:
        if failed := rule(terms, applicant):
            return failed
    return None


def _no_score(_terms: TierRequirements, applicant: CandidateFacts) -> Exclusion | None:
    if applicant.score is None:
        return Exclusion(rule="no_score", detail="This week's data does not name it.")
    if isinstance(applicant.score, NoScore):
        return Exclusion(rule="no_score", detail=f"{applicant.score.reason}: {applicant.score.detail}")
    return None


def _price(_terms: TierRequirements, applicant: CandidateFacts) -> Exclusion | None:
    if applicant.score is None or isinstance(applicant.score, NoScore):
        return None
    cost = applicant.score.cost
    if isinstance(cost, NoPrice):
        return Exclusion(rule=cost.reason, detail=cost.detail)
    listed = cost.price.input_microusd_per_mtok + cost.price.output_microusd_per_mtok
    if cost.usd_per_task <= 0 or listed <= 0:
        return Exclusion(rule="price_zero", detail="Its price is zero, which is unknown rather than cheap.")
    return None


def _unconfirmed(_terms: TierRequirements, applicant: CandidateFacts) -> Exclusion | None:
    score = applicant.score
    if score is None or isinstance(score, NoScore) or score.confirmed:
        return None
    votes = max((board.votes or 0 for board in score.boards), default=0)
    return Exclusion(rule="unconfirmed", detail=f"No confirmed score yet; {votes} votes at most.")


def _list_ceiling(terms: TierRequirements, applicant: CandidateFacts) -> Exclusion | None:
    cap, found = terms.tier.ceiling_list_usd_per_mtok, applicant.list_usd_per_mtok
    if cap is None or found is None or found <= cap:
        return None
    return Exclusion(
        rule="ceiling",
        detail=f"Its list price is {usd(found)} per Mtok (3 input : 1 output), above {usd(cap)}.",
    )


def _task_ceiling(terms: TierRequirements, applicant: CandidateFacts) -> Exclusion | None:
    cap, found = terms.tier.ceiling_usd_per_task, applicant.usd_per_task
    if cap is None or found is None or found <= cap:
        return None
    return Exclusion(rule="ceiling", detail=f"It costs {usd(found)} per task, above {usd(cap)}.")


def _floor(terms: TierRequirements, applicant: CandidateFacts) -> Exclusion | None:
    if applicant.score is None or isinstance(applicant.score, NoScore):
        return None
    detail = failed_floors(terms.floor, applicant.score)
    return Exclusion(rule="floor", detail=detail) if detail else None


RIGHTS: Final[tuple[Rule, ...]] = (vendor, licence, region, context, tools, vision, retiring)
DATA: Final[tuple[Rule, ...]] = (_no_score, _price, _unconfirmed)
"""What an incumbent fails when this week's data does not hold it: it is carried, not dropped."""
HARD: Final[tuple[Rule, ...]] = (not_routed, not_expressible, *RIGHTS, _list_ceiling, _task_ceiling)
"""What an incumbent fails at once; the floor has its own tolerance (`pools.floor`)."""
STATIC: Final[tuple[Rule, ...]] = (
    _no_score,
    not_routed,
    not_expressible,
    _price,
    _unconfirmed,
    *RIGHTS,
    _list_ceiling,
)
"""What no draw of quality and cost can change."""
ESTIMATES: Final[tuple[Rule, ...]] = (_task_ceiling, _floor)
"""What a draw can change; judged after `STATIC`."""
