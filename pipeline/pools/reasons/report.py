"""Reports where every variant of a tier stands, member or not, and what the next answer costs."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final, Literal

from pipeline.domain.document import decimal_text
from pipeline.domain.ids import VariantId
from pipeline.domain.policy import ConcentrationPolicy
from pipeline.domain.pool import Headline, HullPoint, OtherPrice, Standing, TierReport
from pipeline.domain.run import PriorState
from pipeline.domain.score import Cost, Score
from pipeline.pools.changes.membership import Swap, best_swap
from pipeline.pools.reasons.number_format import per_100
from pipeline.pools.tier_selection import TierSelection, select_tier
from pipeline.pools.worth.concentration import violated_limit
from pipeline.pools.worth.floor import floor_probability
from pipeline.pools.worth.value import (
    answers_per_usd,
    expected_usd,
    to_elo,
    to_logits,
    upper_hull,
    win_probability,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipeline.pools.selection_input import SelectionInput
    from pipeline.pools.worth.candidate import Candidate
    from pipeline.pools.worth.monte_carlo import DrawStats
    from pipeline.pools.worth.tier_candidates import TierCandidates

Verdict = Literal["member", "candidate", "excluded"]

_OTHER_PRICES: Final = (1 / 3, 3.0)
"""Multiples of the tier's price of an answer at which a reviewer sees the pool too."""


def report_of(
    inputs: SelectionInput, choice: TierSelection, stats: Mapping[VariantId, DrawStats]
) -> TierReport:
    """Describe one tier: members by rank, candidates by value, the excluded by id."""
    field = choice.field
    tier = field.tier
    ceiling = tier.ceiling_usd_per_task
    standings = standings_of(choice, stats)
    if inputs.published is not None:
        standings = tuple(_with_board(choice, standing) for standing in standings)
    return TierReport(
        evidence=tier.evidence,
        floor_quality=decimal_text(win_probability(-to_logits(tier.floor_elo_below_reference)), 4),
        ceiling_usd_per_task=None if ceiling is None else decimal_text(ceiling, 6),
        lambda_usd=decimal_text(tier.lambda_usd, 6),
        standings=standings,
        hull=_hull(field),
        large=choice.large,
        default_before=_headline(choice, next(iter(field.incumbents), None)),
        default_after=_headline(choice, next(iter(choice.places), None)),
        other_prices=other_prices(inputs, choice),
    )


def _with_board(choice: TierSelection, standing: Standing) -> Standing:
    """Say of a member which board alone lists it; what the other would say of it is only expected."""
    score = choice.field.scoreboard.scores.get(VariantId(standing.variant))
    if standing.verdict != "member" or score is None or score.expected is None:
        return standing
    return standing.model_copy(update={"only_board": next(iter(score.speaking), None)})


def standings_of(choice: TierSelection, stats: Mapping[VariantId, DrawStats]) -> tuple[Standing, ...]:
    """Say where everybody stands: members by rank, candidates by value, the excluded by id."""
    field = choice.field
    candidates = [candidate.id for candidate in field.eligible if candidate.id not in choice.places]
    seen = {*choice.places, *candidates}
    excluded = sorted(variant for variant in field.left_out if variant not in seen)
    return (
        *(_standing(choice, stats, variant, "member") for variant in choice.places),
        *(_standing(choice, stats, variant, "candidate") for variant in candidates),
        *(_standing(choice, stats, variant, "excluded") for variant in excluded),
    )


def other_prices(inputs: SelectionInput, choice: TierSelection) -> tuple[OtherPrice, ...]:
    """Select a first pool at a third and at three times what the tier pays for an answer (method 5).

    Without members in force or a cooldown, so that the price alone makes the difference.
    """
    policy, field = inputs.policy, choice.field
    found = []
    for factor in _OTHER_PRICES:
        tier = field.tier.model_copy(update={"lambda_usd": field.tier.lambda_usd * factor})
        supposed = policy.model_copy(
            update={"tiers": {field.name: tier}, "concentration": ConcentrationPolicy()}
        )
        first = replace(inputs, policy=supposed, published=None, published_sha256=None, memory=PriorState())
        places = select_tier(first, field.name).places
        found.append(OtherPrice(lambda_usd=decimal_text(tier.lambda_usd, 6), variants=places))
    return tuple(found)


def _headline(choice: TierSelection, variant: VariantId | None) -> Headline | None:
    """Say what a default gives and costs: this week's figures, or its published ones where it is carried."""
    if variant is None:
        return None
    values = _money(choice.field, choice.field.scoreboard.scores.get(variant))
    line = choice.field.incumbents[variant].line if not values else None
    usd = values["usd_per_task"] if line is None else line.usd_per_task
    return Headline(
        variant=variant,
        acceptable_answers_per_usd=values["acceptable_answers_per_usd"]
        if line is None
        else line.acceptable_answers_per_usd,
        usd_per_1000_tasks=decimal_text(1000 * float(usd), 3),
    )


def _standing(
    choice: TierSelection, stats: Mapping[VariantId, DrawStats], variant: VariantId, verdict: Verdict
) -> Standing:
    rule, detail = _rule_and_detail(choice, variant, verdict)
    score = choice.field.scoreboard.scores.get(variant)
    drawn = stats.get(variant)
    values = {**_quality(choice.field, score), **_money(choice.field, score)}
    return Standing(
        variant=variant,
        verdict=verdict,
        rule=rule,
        detail=detail,
        theta_elo=values.get("theta_elo"),
        quality=values.get("quality"),
        quality_low=values.get("quality_low"),
        quality_high=values.get("quality_high"),
        usd_per_task=values.get("usd_per_task"),
        cost_grade=values.get("cost_grade"),
        expected_usd=values.get("expected_usd"),
        acceptable_answers_per_usd=values.get("acceptable_answers_per_usd"),
        p_close=decimal_text(drawn.p_close, 3) if drawn else None,
        floor_probability=values.get("floor_probability"),
        rank_low=drawn.rank_low if drawn else None,
        rank_high=drawn.rank_high if drawn else None,
        usd_per_task_low=values.get("usd_per_task_low"),
        usd_per_task_high=values.get("usd_per_task_high"),
    )


def _rule_and_detail(choice: TierSelection, variant: VariantId, verdict: Verdict) -> tuple[str | None, str]:
    if verdict == "excluded":
        left_out = choice.field.left_out[variant]
        return left_out.rule, left_out.detail
    if verdict == "candidate":
        return _exclusion(choice, choice.field.candidates[variant])
    incumbent = choice.field.incumbents.get(variant)
    return None, incumbent.detail if incumbent else "New in this tier."


def _exclusion(selection: TierSelection, candidate: Candidate) -> tuple[str | None, str]:
    """Return the rule that keeps an eligible variant out, and its numbers.

    The rule is None when nothing bars it: it is just not worth enough more than a member.
    """
    field = selection.field
    incumbent = field.incumbents.get(candidate.id)
    if incumbent is not None and incumbent.cause is not None:
        return None, f"It leaves in this run: {incumbent.detail}"
    swap = best_swap(field, selection.places, candidate)
    if swap is None:
        limit = violated_limit(selection.slots, candidate.slot, field.tier.k, field.elsewhere)
        if limit is None:
            return None, "No member is in this week's data to be compared with."
        return limit, _limit_words(selection, candidate, limit)
    return (_held_back(selection, candidate) if swap.passes else None) or (None, _not_enough(swap))


def _held_back(selection: TierSelection, candidate: Candidate) -> tuple[str, str] | None:
    """Return what keeps a variant out whose swap would pass; None where it is only not the best of them."""
    field = selection.field
    if (answer := field.answered.of(candidate.id)) is not None:
        return "answered", answer.words
    if any(one.swap for one in selection.carried):
        return "carried", "The tier's swap is left to a later week."
    if candidate.id in field.cooling:
        return "cooldown", f"It left this pool within the last {field.change.cooldown_weeks} weeks."
    return None


def _limit_words(selection: TierSelection, candidate: Candidate, limit: str) -> str:
    attribute = "family" if limit == "family" else "vendor"
    mine = getattr(candidate.slot, attribute)
    here = [slot.variant for slot in selection.slots if getattr(slot, attribute) == mine]
    if limit == "vendor_total":
        total = selection.field.elsewhere.places.get(mine, 0) + len(here)
        return f"The vendor {mine} holds {total} places over all tiers; the policy allows no more."
    holders = ", ".join(here)
    return f"The {attribute} {mine} already holds the places it may have: {holders}."


def _not_enough(swap: Swap) -> str:
    if swap.gain <= 0:
        return f"In place of {swap.leaver.id} the pool would be worth {per_100(-swap.gain)} less."
    said = f"In place of {swap.leaver.id} it would add {per_100(swap.gain)}"
    if swap.gain <= swap.half_width:
        return f"{said}; a swap must add more than its measurement interval, {per_100(swap.half_width)}."
    if swap.gain <= swap.least:
        return f"{said}; the policy asks for more than {per_100(swap.least)} of any swap."
    if swap.default_stays:
        return (
            f"{said}, but it is not told apart from {swap.leaver.id}, the default, at the tier's own price."
        )
    return f"{said}, more than the interval of {per_100(swap.half_width)}; one swap is made in a run."


def _quality(field: TierCandidates, score: Score | None) -> dict[str, str]:
    if score is None:
        return {}
    return {
        "theta_elo": decimal_text(to_elo(score.theta), 1),
        "quality": decimal_text(score.quality, 4),
        "quality_low": decimal_text(score.quality_low, 4),
        "quality_high": decimal_text(score.quality_high, 4),
        "floor_probability": decimal_text(floor_probability(field.terms.floor, score), 3),
    }


def _money(field: TierCandidates, score: Score | None) -> dict[str, str]:
    if score is None or not isinstance(score.cost, Cost) or score.cost.usd_per_task <= 0:
        return {}
    usd, value = score.cost.usd_per_task, field.tier.lambda_usd
    low, high = score.cost.interval()
    return {
        "usd_per_task": decimal_text(usd, 6),
        "usd_per_task_low": decimal_text(low, 6),
        "usd_per_task_high": decimal_text(high, 6),
        "cost_grade": score.cost.grade,
        "expected_usd": decimal_text(expected_usd(usd, score.quality, value), 6),
        "acceptable_answers_per_usd": decimal_text(answers_per_usd(usd, score.quality, value), 2),
    }


def _hull(field: TierCandidates) -> tuple[HullPoint, ...]:
    return tuple(
        HullPoint(
            variant=vertex.point.variant,
            usd_per_task=decimal_text(vertex.point.usd_per_task, 6),
            quality=decimal_text(vertex.point.quality, 4),
            next_answer_usd=None
            if vertex.next_answer_usd is None
            else decimal_text(vertex.next_answer_usd, 6),
        )
        for vertex in upper_hull(candidate.point for candidate in field.eligible)
    )
