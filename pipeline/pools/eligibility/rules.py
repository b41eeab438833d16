"""Holds the rules of eligibility: each check, its stage, what relaxes it, and why a member leaves."""

from __future__ import annotations

from typing import Final

from pipeline.domain.document import decimal_text
from pipeline.domain.pool import Cause, Member
from pipeline.domain.score import NoPrice, NoScore
from pipeline.pools.eligibility import constraints
from pipeline.pools.eligibility.candidate_facts import CandidateFacts, Exclusion, TierRequirements
from pipeline.pools.eligibility.rule import Rule, Stage
from pipeline.pools.eligibility.rule_relaxations import (
    relax_ceiling,
    relax_context,
    relax_floor,
    relax_licence,
    relax_licence_unknown,
    relax_not_routed,
    relax_region,
    relax_region_unknown,
    relax_retiring,
    relax_unconfirmed,
    relax_vendor,
)
from pipeline.pools.reasons.number_format import usd
from pipeline.pools.worth.floor import failed_floors


def _no_score(_terms: TierRequirements, candidate: CandidateFacts) -> Exclusion | None:
    if candidate.score is None:
        return Exclusion(rule="no_score", detail="This week's data does not name it.")
    if isinstance(candidate.score, NoScore):
        return Exclusion(rule="no_score", detail=f"{candidate.score.reason}: {candidate.score.detail}")
    return None


def _price(_terms: TierRequirements, candidate: CandidateFacts) -> Exclusion | None:
    if candidate.score is None or isinstance(candidate.score, NoScore):
        return None
    cost = candidate.score.cost
    if isinstance(cost, NoPrice):
        return Exclusion(rule=cost.reason, detail=cost.detail)
    listed = cost.price.input_microusd_per_mtok + cost.price.output_microusd_per_mtok
    if cost.usd_per_task <= 0 or listed <= 0:
        return Exclusion(rule="price_zero", detail="Its price is zero, which is unknown rather than cheap.")
    return None


def _check_confirmed(_terms: TierRequirements, candidate: CandidateFacts) -> Exclusion | None:
    score = candidate.score
    if score is None or isinstance(score, NoScore) or score.confirmed:
        return None
    votes = max((board.votes or 0 for board in score.boards), default=0)
    return Exclusion(rule="unconfirmed", detail=f"No confirmed score yet; {votes} votes at most.")


def _list_ceiling(terms: TierRequirements, candidate: CandidateFacts) -> Exclusion | None:
    cap, found = terms.tier.ceiling_list_usd_per_mtok, candidate.list_usd_per_mtok
    if cap is None or found is None or found <= cap:
        return None
    return Exclusion(
        rule="ceiling",
        detail=f"Its list price is {usd(found)} per Mtok (3 input : 1 output), above {usd(cap)}.",
    )


def _task_ceiling(terms: TierRequirements, candidate: CandidateFacts) -> Exclusion | None:
    cap, found = terms.tier.ceiling_usd_per_task, candidate.usd_per_task
    if cap is None or found is None or found <= cap:
        return None
    return Exclusion(rule="ceiling", detail=f"It costs {usd(found)} per task, above {usd(cap)}.")


def _floor(terms: TierRequirements, candidate: CandidateFacts) -> Exclusion | None:
    if candidate.score is None or isinstance(candidate.score, NoScore):
        return None
    detail = failed_floors(terms.floor, candidate.score)
    return Exclusion(rule="floor", detail=detail) if detail else None


def _end(_line: Member, candidate: CandidateFacts, terms: TierRequirements) -> Cause:
    end = candidate.facts.retires_on
    return Cause.RETIRING if end is not None and end > terms.today else Cause.RETIRED


def _cost_cause(line: Member, candidate: CandidateFacts, _terms: TierRequirements) -> Cause:
    """Tell a member that became dearer from a ceiling that was lowered."""
    cost = candidate.usd_per_task
    return (
        Cause.PRICE if cost is not None and decimal_text(cost, 6) != line.usd_per_task else Cause.CONSTRAINT
    )


SCORE: Final = Rule(
    name="no_score",
    stage=Stage.DATA,
    check=_no_score,
    meanings={
        "no_score": "no score on the tier's boards this week",
        "not_equated": "only one board scores it, and the boards could not be put on one scale",
    },
)
NOT_ROUTED: Final = Rule(
    name="not_routed",
    stage=Stage.HARD,
    check=constraints.check_reach,
    meanings={"not_routed": "no route the operator can use"},
    relaxations={"not_routed": relax_not_routed},
)
NOT_EXPRESSIBLE: Final = Rule(
    name="not_expressible",
    stage=Stage.HARD,
    check=constraints.check_effort,
    meanings={"not_expressible": "no route that can be asked for its effort"},
)
PRICE: Final = Rule(
    name="price",
    stage=Stage.DATA,
    check=_price,
    meanings={
        "price_unknown": "no price of a catalogue, of two sources or of a person's judgement",
        "price_zero": "listed at zero, which is unknown or a promotion, never cheap",
        "price_conflict": "no reading explains the prices that are stated",
    },
)
UNCONFIRMED: Final = Rule(
    name="unconfirmed",
    stage=Stage.DATA,
    check=_check_confirmed,
    meanings={"unconfirmed": "no confirmed score: too few votes, estimated or preliminary"},
    relaxations={"unconfirmed": relax_unconfirmed},
)
VENDOR: Final = Rule(
    name="vendor",
    stage=Stage.HARD,
    check=constraints.check_vendor,
    meanings={"vendor": "the tier's vendor rules leave it out"},
    relaxations={"vendor": relax_vendor},
)
LICENCE: Final = Rule(
    name="licence",
    stage=Stage.HARD,
    check=constraints.check_licence,
    meanings={
        "licence": "the tier does not take its licence",
        "licence_unknown": "the tier asks for a licence, and nobody says which it has",
    },
    relaxations={
        "licence": relax_licence,
        "licence_unknown": relax_licence_unknown,
    },
)
REGION: Final = Rule(
    name="region",
    stage=Stage.HARD,
    check=constraints.check_region,
    meanings={
        "region": "every route runs where the tier does not allow",
        "region_unknown": "the tier asks for a region, and nobody says where a route runs",
    },
    relaxations={
        "region": relax_region,
        "region_unknown": relax_region_unknown,
    },
)
CONTEXT: Final = Rule(
    name="context",
    stage=Stage.HARD,
    check=constraints.check_context,
    meanings={"context": "context window too small or unknown"},
    relaxations={"context": relax_context},
)
TOOLS: Final = Rule(
    name="tools",
    stage=Stage.HARD,
    check=constraints.check_tools,
    meanings={"tools": "no tool use, or nobody says so"},
    relaxations={"tools": lambda case: case.setting("needs_tools", value=False)},
)
VISION: Final = Rule(
    name="vision",
    stage=Stage.HARD,
    check=constraints.check_vision,
    meanings={"vision": "no image input, or nobody says so"},
    relaxations={"vision": lambda case: case.setting("needs_vision", value=False)},
)
RETIRING: Final = Rule(
    name="retiring",
    stage=Stage.HARD,
    check=constraints.check_retirement,
    meanings={"retiring": "retired, or about to be"},
    relaxations={"retiring": relax_retiring},
    cause=_end,
)
LIST_CEILING: Final = Rule(
    name="list_ceiling",
    stage=Stage.HARD,
    check=_list_ceiling,
    meanings={"ceiling": "dearer than the tier allows"},
    relaxations={"ceiling": relax_ceiling},
    cause=_cost_cause,
)
TASK_CEILING: Final = Rule(
    name="task_ceiling", stage=Stage.HARD, check=_task_ceiling, drawn=True, cause=_cost_cause
)
FLOOR: Final = Rule(
    name="floor",
    stage=Stage.QUALITY,
    check=_floor,
    meanings={"floor": "quality below the tier's floor, or not surely above it"},
    drawn=True,
    relaxations={"floor": relax_floor},
)
