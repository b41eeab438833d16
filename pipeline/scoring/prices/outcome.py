"""Concludes a line of the decision table: the price used, the next baseline, and the question."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pipeline.domain.ids import ARTIFICIAL_ANALYSIS
from pipeline.domain.price import BASELINE, SETTLES, PriceAmounts, PriceCase, PriceDecision
from pipeline.scoring.prices.comparison import (
    dearest_announced,
    factor,
    falls_beyond,
    is_same_price,
    same_amounts,
    within_agreement,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from pipeline.domain.observation import PriceStep
    from pipeline.domain.price import PriceStatement, SettledPrice
    from pipeline.scoring.prices.comparison import PriceEvidence

_JUDGE_IT = "judge it in data/crosswalk/prices.csv"


def use(
    evidence: PriceEvidence, case: PriceCase, stated: PriceStatement, *agreeing: PriceStatement
) -> PriceDecision:
    """Use input and output of one source, and a price of cached input by itself.

    Args:
        evidence: The question with the statements that count.
        case: The line of the table.
        stated: The statement that is used.
        agreeing: Others that state the same, which settles it.
    """
    cached, declined = _choose_cached_price(evidence, stated)
    sources = dict.fromkeys((stated.source, *(statement.source for statement in agreeing)))
    decided = PriceDecision(
        route=evidence.question.route,
        case=case,
        used=replace(stated.amounts, cached=cached, steps=_steps(evidence, stated, agreeing)),
        sources=tuple(sources),
        seen_on=stated.day,
        other=None if declined is None else replace(stated.amounts, cached=declined),
    )
    return finish(evidence, decided, settled=bool(agreeing))


def keep(
    evidence: PriceEvidence, case: PriceCase, before: SettledPrice, other: PriceAmounts | None = None
) -> PriceDecision:
    """Keep a price from before: the baseline where another is stated, else what was used.

    Where nothing was stated for a while, a person is asked without another price.
    """
    question = evidence.question
    return finish(
        evidence,
        PriceDecision(
            route=question.route,
            case=case,
            used=before.used if other is None else _keep_baseline(evidence, before.baseline, other),
            sources=(BASELINE,),
            seen_on=before.seen_on,
            other=other,
            asked=other is None and asks_again(evidence, before.seen_on),
        ),
    )


def asks_again(evidence: PriceEvidence, seen_on: date) -> bool:
    """Return whether a price is so old that a person is asked, who was not asked of it lately."""
    question, before = evidence.question, evidence.question.before
    late = (question.on - seen_on).days > evidence.policy.price_ask_unseen_days
    answered = before is not None and _is_recent(evidence, before)
    return late and not answered


def _keep_baseline(evidence: PriceEvidence, baseline: PriceAmounts, other: PriceAmounts) -> PriceAmounts:
    """Keep the baseline against another price; where that is dearer on one axis, believe that axis.

    A price that is not believed because one axis fell must not hide that the other one rose.
    """
    if not falls_beyond(other, baseline, evidence.policy):
        return baseline
    if factor(other, baseline) > evidence.policy.price_believed_rise:
        return baseline
    most = (max(baseline.input, other.input), max(baseline.output, other.output))
    dearer = replace(baseline, input=most[0], output=most[1])
    if dearer.input == baseline.input or baseline.cached is None:
        return dearer
    return replace(dearer, cached=max(baseline.cached, other.cached or other.input))


def _steps(
    evidence: PriceEvidence, stated: PriceStatement, agreeing: Sequence[PriceStatement]
) -> tuple[PriceStep, ...]:
    """Give the steps by size of the prompt; the index states none, so that its silence removes none."""
    if stated.source != ARTIFICIAL_ANALYSIS or stated.amounts.steps:
        return stated.amounts.steps
    known = next(
        (statement.amounts.steps for statement in agreeing if statement.source != ARTIFICIAL_ANALYSIS), None
    )
    if known is not None:
        return known
    before = evidence.baseline
    near = before is not None and same_amounts(stated.amounts, before, evidence.policy)
    return before.steps if before is not None and near else ()


def decide_no_price(evidence: PriceEvidence, reason: str, detail: str) -> PriceDecision:
    """Say that a route has no price, and why."""
    return PriceDecision(
        route=evidence.question.route,
        case=PriceCase.UNPRICED,
        used=None,
        statements=evidence.question.statements,
        reason=reason,
        detail=detail if reason == "price_zero" else f"{detail}; {_JUDGE_IT}",
    )


def finish(evidence: PriceEvidence, decided: PriceDecision, *, settled: bool = False) -> PriceDecision:
    """Add what later weeks measure from, what is announced, and whether a person is asked."""
    question, used = evidence.question, decided.used
    if used is None:
        return decided
    asks = decided.other is not None and not _was_answered(evidence, decided.other)
    return replace(
        decided,
        before=question.before,
        baseline=_next_baseline(evidence, decided.case, used, settled=settled),
        seen_on=decided.seen_on or question.on,
        statements=question.statements,
        unexplained=tuple(one.source for one in evidence.unexplained),
        asked=decided.asked or asks,
        announced=dearest_announced(evidence.fresh, used, question.until, evidence.policy),
    )


def _next_baseline(
    evidence: PriceEvidence, case: PriceCase, used: PriceAmounts, *, settled: bool
) -> PriceAmounts:
    """Say what later weeks measure from: what was settled, or axis by axis the dearest since.

    Small falls never lower it, so that no chain of them walks a price down unasked.
    """
    before = evidence.baseline
    if before is None:
        return used
    cached = used.cached if case is PriceCase.JUDGED else _next_cached(evidence, used)
    if settled or case in SETTLES:
        return replace(used, cached=cached)
    if case in {PriceCase.CATALOGUE, PriceCase.RISE}:
        dearer = (max(used.input, before.input), max(used.output, before.output))
        if dearer[0] > used.input and cached == _usual_cached(evidence, used):
            cached = before.cached  # it was scaled to an input that the baseline does not take over
        return PriceAmounts(input=dearer[0], output=dearer[1], cached=cached, steps=used.steps)
    return before


def _choose_cached_price(evidence: PriceEvidence, stated: PriceStatement) -> tuple[int | None, int | None]:
    """Choose the price of cached input, and name the source's own that is much lower and unconfirmed.

    Without a baseline any source may state it; after that one whose other prices differ only confirms it.
    """
    usual = _usual_cached(evidence, stated.amounts)
    others = [statement for statement in evidence.first_hand if statement is not stated]
    near = [
        one
        for one in others
        if usual is None or one.amounts.cached == usual or is_same_price(one, stated, evidence.policy)
    ]
    said = [one.amounts.cached for one in (stated, *near) if one.amounts.cached is not None]
    if not said:
        return (usual if stated.source == ARTIFICIAL_ANALYSIS else None), None
    least = 1 - evidence.policy.price_believed_fall
    if usual is None or stated.accepted or said[0] >= least * usual:
        return said[0], None
    below = [amount for amount in said if amount < usual]
    return (max(below), None) if len(below) > 1 else (usual, stated.amounts.cached)


def _usual_cached(evidence: PriceEvidence, used: PriceAmounts) -> int | None:
    """Give the baseline's price of cached input; where input got cheaper, the same share of it."""
    before = evidence.baseline
    if before is None or before.cached is None:
        return None
    if within_agreement(used.input, before.input, evidence.policy.price_agreement):
        return min(before.cached, used.input)
    return min(before.cached, before.cached * used.input // before.input, used.input)


def _next_cached(evidence: PriceEvidence, used: PriceAmounts) -> int | None:
    """Lower what later falls of cached input are measured from only where two sources state it."""
    usual = _usual_cached(evidence, used)
    if usual is None or used.cached is None or used.cached >= usual:
        return used.cached
    said = [
        statement.amounts.cached for statement in evidence.first_hand if statement.amounts.cached is not None
    ]
    near = [
        amount for amount in said if within_agreement(amount, used.cached, evidence.policy.price_agreement)
    ]
    return used.cached if len(near) > 1 else usual


def _was_answered(evidence: PriceEvidence, other: PriceAmounts) -> bool:
    """Return whether a person approved a pool without this other price a short while ago."""
    before = evidence.question.before
    if before is None or before.declined is None or not _is_recent(evidence, before):
        return False
    return same_amounts(before.declined, other, evidence.policy, cached=True)


def _is_recent(evidence: PriceEvidence, before: SettledPrice) -> bool:
    """Return whether a person was asked so lately that the approval still answers."""
    asked_on = before.declined_on
    days = None if asked_on is None else (evidence.question.on - asked_on).days
    return days is not None and days <= evidence.policy.price_ask_again_days
