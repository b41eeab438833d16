"""Who may be in a tier at all: the first rule a variant fails, with the numbers.

The order is fixed, and cheap certain facts come before estimates: no_score, not_routed, not_expressible,
price_unknown / price_zero / price_conflict, unconfirmed, vendor, licence / licence_unknown, region /
region_unknown, context, tools, vision, retiring, ceiling, floor. What is unknown fails; it never gets a
default.
"""

from __future__ import annotations

from typing import Final

from pipeline.domain.score import Unpriced, Unscored
from pipeline.pools.able import (
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
from pipeline.pools.applicant import Applicant, LeftOut, Rule, Terms
from pipeline.pools.floor import floor_fails
from pipeline.pools.words import usd


def first_failing(terms: Terms, applicant: Applicant, rules: tuple[Rule, ...]) -> LeftOut | None:
    """Return the first of the rules that leaves the applicant out; None when it meets them all."""
    for rule in rules:
        if failed := rule(terms, applicant):
            return failed
    return None


def _no_score(_terms: Terms, applicant: Applicant) -> LeftOut | None:
    if applicant.score is None:
        return LeftOut(rule="no_score", detail="This week's data does not name it.")
    if isinstance(applicant.score, Unscored):
        return LeftOut(rule="no_score", detail=f"{applicant.score.reason}: {applicant.score.detail}")
    return None


def _price(_terms: Terms, applicant: Applicant) -> LeftOut | None:
    if applicant.score is None or isinstance(applicant.score, Unscored):
        return None
    cost = applicant.score.cost
    if isinstance(cost, Unpriced):
        return LeftOut(rule=cost.reason, detail=cost.detail)
    listed = cost.price.input_microusd_per_mtok + cost.price.output_microusd_per_mtok
    if cost.usd_per_task <= 0 or listed <= 0:
        return LeftOut(rule="price_zero", detail="Its price is zero, which is unknown rather than cheap.")
    return None


def _unconfirmed(_terms: Terms, applicant: Applicant) -> LeftOut | None:
    score = applicant.score
    if score is None or isinstance(score, Unscored) or score.confirmed:
        return None
    votes = max((board.votes or 0 for board in score.boards), default=0)
    return LeftOut(rule="unconfirmed", detail=f"No confirmed score yet; {votes} votes at most.")


def _list_ceiling(terms: Terms, applicant: Applicant) -> LeftOut | None:
    cap, found = terms.tier.ceiling_list_usd_per_mtok, applicant.list_usd_per_mtok
    if cap is None or found is None or found <= cap:
        return None
    return LeftOut(
        rule="ceiling",
        detail=f"Its list price is {usd(found)} per Mtok (3 input : 1 output), above {usd(cap)}.",
    )


def _task_ceiling(terms: Terms, applicant: Applicant) -> LeftOut | None:
    cap, found = terms.tier.ceiling_usd_per_task, applicant.usd_per_task
    if cap is None or found is None or found <= cap:
        return None
    return LeftOut(rule="ceiling", detail=f"It costs {usd(found)} per task, above {usd(cap)}.")


def _floor(terms: Terms, applicant: Applicant) -> LeftOut | None:
    if applicant.score is None or isinstance(applicant.score, Unscored):
        return None
    detail = floor_fails(terms.floor, applicant.score)
    return LeftOut(rule="floor", detail=detail) if detail else None


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
