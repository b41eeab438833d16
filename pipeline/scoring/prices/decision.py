"""Decides the price of one route in one week, by the decision table of the method's section 4a.

Statements stand side by side, each with its day. Rises are believed, since a price that is too high only
leaves a variant out; falls beyond a quarter are confirmed, since a price that is too low wins a place.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from typing import TYPE_CHECKING, Final

from pipeline.domain.price import JUDGEMENT, PriceAmounts, PriceCase, PriceDecision
from pipeline.scoring.prices.comparison import (
    all_figures,
    dearest_amounts,
    evidence_of,
    factor,
    falls_beyond,
    is_cheaper,
    is_same_price,
    precedence,
    same_amounts,
)
from pipeline.scoring.prices.outcome import asks_again, decide_no_price, finish, keep, use

if TYPE_CHECKING:
    from pipeline.domain.crosswalk import JudgedPrice
    from pipeline.domain.policy import CostPolicy
    from pipeline.domain.price import PriceStatement, SettledPrice
    from pipeline.scoring.prices.comparison import PriceEvidence, PriceQuestion

_FREE: Final = "free: zero prices are kept out of paid tiers"


def decide_price(question: PriceQuestion, policy: CostPolicy) -> PriceDecision:
    """Decide which price of a route counts; the order of the statements does not matter.

    Where nothing fresh is stated, statements that are newer than the price in use count. Where nothing was
    settled yet and fresh statements make no price, older ones count beside them; a fresh one that is far
    below what they agree on is asked about at once.

    Args:
        question: Statements, judgement and baseline.
        policy: Limits of the table.
    """
    evidence = evidence_of(question, policy)
    decided = _decide_by_table(evidence)
    if decided.case is PriceCase.NOTHING_FRESH and question.before is not None:
        return _by_newer(question, question.before, policy)
    late = [statement for statement in question.statements if not statement.fresh]
    if decided.used is not None or question.before is not None or not late:
        return decided
    everything = tuple(replace(statement, fresh=True) for statement in question.statements)
    first = _decide_by_table(evidence_of(replace(question, statements=everything), policy))
    if first.used is None or first.other is not None:
        return first
    used = first.used
    below = [
        statement.amounts
        for statement in evidence.first_hand
        if falls_beyond(statement.amounts, used, policy)
    ]
    return replace(first, other=below[0], asked=True) if below else first


def _by_newer(question: PriceQuestion, before: SettledPrice, policy: CostPolicy) -> PriceDecision:
    """Decide by what was stated after the price in use, however old; without any, keep that price."""
    newer = tuple(
        replace(statement, fresh=statement.fresh or (not statement.held and statement.day > before.seen_on))
        for statement in question.statements
    )
    evidence = evidence_of(replace(question, statements=newer), policy)
    decided = replace(_decide_by_table(evidence), statements=question.statements)
    if decided.used is None or decided.other is not None or decided.seen_on is None:
        return decided
    return replace(decided, asked=asks_again(evidence, decided.seen_on))


def _decide_by_table(evidence: PriceEvidence) -> PriceDecision:
    """Take the first line of the table that applies."""
    question = evidence.question
    if question.judged is not None:
        return _judged_decision(evidence, question.judged)
    if not evidence.first_hand:
        return _nothing_fresh(evidence)
    if took := [statement for statement in evidence.first_hand if statement.accepted]:
        return use(evidence, PriceCase.ACCEPTED, took[0])
    if evidence.catalogue is not None:
        return _by_catalogue(evidence, evidence.catalogue)
    if question.route.catalogue and question.before is not None:
        return _nothing_fresh(evidence)
    return _by_sources(evidence)


def _judged_decision(evidence: PriceEvidence, judged: JudgedPrice) -> PriceDecision:
    if not (judged.input_microusd_per_mtok and judged.output_microusd_per_mtok):
        return decide_no_price(evidence, "price_zero", f"{_FREE} (judged for {judged.release})")
    used = PriceAmounts(
        input=judged.input_microusd_per_mtok,
        output=judged.output_microusd_per_mtok,
        cached=judged.cache_read_microusd_per_mtok or None,
    )
    against = [
        statement
        for statement in evidence.fresh
        if not same_amounts(statement.amounts, used, evidence.policy)
    ]
    agreed = (
        one.amounts for one, two in combinations(against, 2) if is_same_price(one, two, evidence.policy)
    )
    return finish(
        evidence,
        PriceDecision(
            route=evidence.question.route,
            case=PriceCase.JUDGED,
            used=used,
            sources=(JUDGEMENT,),
            other=next(agreed, None),
        ),
    )


def _by_catalogue(evidence: PriceEvidence, catalogue: PriceStatement) -> PriceDecision:
    others = [statement for statement in evidence.fresh if statement is not catalogue]
    agreeing = [one for one in others if is_same_price(catalogue, one, evidence.policy)]
    before, baseline = evidence.question.before, evidence.baseline
    if before is None or baseline is None:
        return _unit_slip(evidence) or use(evidence, PriceCase.CATALOGUE, catalogue, *agreeing)
    if agreeing or same_amounts(catalogue.amounts, baseline, evidence.policy):
        return use(evidence, PriceCase.CATALOGUE, catalogue, *agreeing)
    if falls_beyond(catalogue.amounts, baseline, evidence.policy):
        return _take_fallen(evidence, catalogue, before)
    if is_cheaper(catalogue.amounts, baseline):
        return use(evidence, PriceCase.SMALL_FALL, catalogue)
    if _is_believed(evidence, catalogue, baseline):
        return use(evidence, PriceCase.RISE, catalogue)
    return keep(evidence, PriceCase.RISE_ASKED, before, catalogue.amounts)


def _is_believed(evidence: PriceEvidence, stated: PriceStatement, baseline: PriceAmounts) -> bool:
    """Return whether a rise is small enough, or another source rose as steeply."""
    most = evidence.policy.price_believed_rise
    steep = [statement for statement in evidence.fresh if factor(statement.amounts, baseline) > most]
    return stated not in steep or len(steep) > 1


def _take_fallen(evidence: PriceEvidence, cheaper: PriceStatement, before: SettledPrice) -> PriceDecision:
    """Take the dearest of it and of the others that are not above the baseline, where one is below it.

    Within a believed fall of that it counts itself; where it is far below even that, approving declines it,
    so that the next week does not ask.
    """
    others = [statement for statement in evidence.fresh if statement is not cheaper]
    below = [one for one in others if is_cheaper(one.amounts, before.baseline)]
    if not below:
        return keep(evidence, PriceCase.FALL_ASKED, before, cheaper.amounts)
    level = [one for one in others if same_amounts(one.amounts, before.baseline, evidence.policy)]
    stated = dearest_amounts([cheaper, *(one for one in (*below, *level) if one in evidence.first_hand)])
    far = falls_beyond(cheaper.amounts, stated.amounts, evidence.policy)
    decided = use(evidence, PriceCase.FALL_CONFIRMED, stated if far else cheaper)
    return replace(decided, other=cheaper.amounts) if far and decided.other is None else decided


def _by_sources(evidence: PriceEvidence) -> PriceDecision:
    """Decide where no catalogue bills: a pair that agrees, else the dearest statement."""
    pairs = [
        one
        for one, two in combinations(evidence.fresh, 2)
        if one in evidence.first_hand and is_same_price(one, two, evidence.policy)
    ]
    if pairs:
        best = max(pairs, key=lambda one: (one.amounts.blended, -precedence(one)[0]))
        agreeing = [
            statement
            for statement in evidence.fresh
            if statement is not best and is_same_price(best, statement, evidence.policy)
        ]
        return use(evidence, PriceCase.TWO_SOURCES, best, *agreeing)
    stated, before = dearest_amounts(evidence.first_hand), evidence.question.before
    if before is None:
        return _newcomer(evidence, stated)
    if same_amounts(stated.amounts, before.baseline, evidence.policy):
        return use(evidence, PriceCase.UNCHANGED, stated)
    if falls_beyond(stated.amounts, before.baseline, evidence.policy):
        return _take_fallen(evidence, stated, before)
    if _is_believed(evidence, stated, before.baseline):
        return use(evidence, PriceCase.DEAREST, stated)
    return keep(evidence, PriceCase.RISE_ASKED, before, stated.amounts)


def _newcomer(evidence: PriceEvidence, stated: PriceStatement) -> PriceDecision:
    if len(evidence.first_hand) == 1:
        said = all_figures(evidence.fresh)
        return decide_no_price(evidence, "price_unknown", f"only {stated.source} states a price ({said})")
    return _unit_slip(evidence) or use(evidence, PriceCase.DEAREST, stated)


def _unit_slip(evidence: PriceEvidence) -> PriceDecision | None:
    """Refuse a newcomer whose first-hand figures are a unit apart: nothing says which is right."""
    costs = [statement.amounts for statement in evidence.first_hand]
    if all(factor(one, two) < evidence.policy.price_unit_slip for one in costs for two in costs):
        return None
    said = all_figures(evidence.first_hand)
    return decide_no_price(evidence, "price_conflict", f"no reading explains what is stated: {said}")


def _nothing_fresh(evidence: PriceEvidence) -> PriceDecision:
    """Use what was used before; a route nobody has a price for has none."""
    question = evidence.question
    if question.before is not None:
        case = PriceCase.UNEXPLAINED if evidence.unexplained else PriceCase.NOTHING_FRESH
        return keep(evidence, case, question.before)
    if evidence.unexplained:
        said = all_figures(evidence.unexplained)
        return decide_no_price(evidence, "price_conflict", f"no reading explains what is stated: {said}")
    if len(question.zeros) > 1 and not question.statements:
        return decide_no_price(evidence, "price_zero", f"{_FREE} ({' and '.join(question.zeros)})")
    if evidence.fresh:
        said = all_figures(evidence.fresh)
        return decide_no_price(evidence, "price_unknown", f"only third opinions state a price ({said})")
    if question.statements:
        said = all_figures(question.statements)
        return decide_no_price(evidence, "price_unknown", f"no fresh source states a price ({said})")
    return decide_no_price(evidence, "price_unknown", "no source states a price above zero")
