"""Where every variant of a tier stands, member or not, and what the next answer costs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pipeline.domain.canonical import decimal_text
from pipeline.domain.pool import HullPoint, Standing, TierReport
from pipeline.domain.score import Cost, Score
from pipeline.pools.floor import floor_probability
from pipeline.pools.outside import outside
from pipeline.pools.runner import by_utility
from pipeline.pools.scale import to_elo, to_logits, win_probability
from pipeline.pools.value import answers_per_usd, expected_usd, upper_hull

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipeline.domain.names import VariantId
    from pipeline.pools.choose import Choice
    from pipeline.pools.draw import Odds
    from pipeline.pools.field import Field

Verdict = Literal["member", "candidate", "excluded"]


def report_of(choice: Choice, odds: Mapping[VariantId, Odds]) -> TierReport:
    """Describe one tier: members by rank, candidates by U, the excluded by id."""
    field = choice.field
    candidates = [
        runner.id for runner in sorted(field.eligible, key=by_utility) if runner.id not in choice.places
    ]
    seen = {*choice.places, *candidates}
    excluded = sorted(variant for variant in field.left_out if variant not in seen)
    tier = field.tier
    ceiling = tier.ceiling_usd_per_task
    return TierReport(
        evidence=tier.evidence,
        floor_quality=decimal_text(win_probability(-to_logits(tier.floor_elo_below_reference)), 4),
        ceiling_usd_per_task=None if ceiling is None else decimal_text(ceiling, 6),
        lambda_usd=decimal_text(tier.lambda_usd, 6),
        standings=(
            *(_standing(choice, odds, variant, "member") for variant in choice.places),
            *(_standing(choice, odds, variant, "candidate") for variant in candidates),
            *(_standing(choice, odds, variant, "excluded") for variant in excluded),
        ),
        hull=_hull(field),
        large=choice.large,
    )


def _standing(
    choice: Choice, odds: Mapping[VariantId, Odds], variant: VariantId, verdict: Verdict
) -> Standing:
    rule, detail = _told(choice, variant, verdict)
    score = choice.field.scoreboard.scores.get(variant)
    drawn = odds.get(variant)
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
        inclusion_probability=decimal_text(drawn.inclusion, 3) if drawn else None,
        floor_probability=values.get("floor_probability"),
        rank_low=drawn.rank_low if drawn else None,
        rank_high=drawn.rank_high if drawn else None,
        usd_per_task_low=values.get("usd_per_task_low"),
        usd_per_task_high=values.get("usd_per_task_high"),
    )


def _told(choice: Choice, variant: VariantId, verdict: Verdict) -> tuple[str | None, str]:
    if verdict == "excluded":
        left_out = choice.field.left_out[variant]
        return left_out.rule, left_out.detail
    if verdict == "candidate":
        return outside(choice, choice.field.runners[variant])
    incumbent = choice.field.incumbents.get(variant)
    return None, incumbent.detail if incumbent else "New in this tier."


def _quality(field: Field, score: Score | None) -> dict[str, str]:
    if score is None:
        return {}
    return {
        "theta_elo": decimal_text(to_elo(score.theta), 1),
        "quality": decimal_text(score.quality, 4),
        "quality_low": decimal_text(score.quality_low, 4),
        "quality_high": decimal_text(score.quality_high, 4),
        "floor_probability": decimal_text(floor_probability(field.terms.floor, score), 3),
    }


def _money(field: Field, score: Score | None) -> dict[str, str]:
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


def _hull(field: Field) -> tuple[HullPoint, ...]:
    return tuple(
        HullPoint(
            variant=vertex.point.variant,
            usd_per_task=decimal_text(vertex.point.usd_per_task, 6),
            quality=decimal_text(vertex.point.quality, 4),
            next_answer_usd=None
            if vertex.next_answer_usd is None
            else decimal_text(vertex.next_answer_usd, 6),
        )
        for vertex in upper_hull(runner.point for runner in field.eligible)
    )
