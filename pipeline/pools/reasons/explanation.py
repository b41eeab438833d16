"""Explains what a tier makes of a variant's cost and quality, number by number."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.domain.explanation import ExplanationLine, ExplanationSection
from pipeline.pools.worth.value import value_at

if TYPE_CHECKING:
    from pipeline.domain.ids import TierName, VariantId
    from pipeline.domain.policy import TierPolicy
    from pipeline.domain.pool import Standing, TierReport
    from pipeline.domain.score import Scoreboard


def tier_section(
    name: TierName, tier: TierPolicy, report: TierReport, variant: VariantId, board: Scoreboard | None
) -> ExplanationSection:
    """Say expected cost, value, answers per dollar, P(floor), the draws and the verdict with its rule."""
    standing = next((one for one in report.standings if one.variant == variant), None)
    if standing is None:
        return ExplanationSection(
            title=f"tier {name}",
            lines=(
                ExplanationLine(what="verdict", value="excluded", formula="no board of this tier names it"),
            ),
        )
    score = board.scores.get(variant) if board else None
    lines: list[ExplanationLine] = []
    if standing.expected_usd is not None and standing.usd_per_task is not None and score is not None:
        lines = _value(tier, standing, value_at(float(standing.usd_per_task), score.quality, tier.lambda_usd))
    return ExplanationSection(
        title=f"tier {name}", lines=(*lines, *_floor(tier, standing), *_draws(standing), _verdict(standing))
    )


def _value(tier: TierPolicy, standing: Standing, value: float) -> list[ExplanationLine]:
    return [
        ExplanationLine(
            what="expected cost",
            value=f"${standing.expected_usd} per task",
            formula="cost + (1 - quality) * lambda_usd = "
            f"{standing.usd_per_task} + (1 - {standing.quality}) * {tier.lambda_usd:g}",
        ),
        ExplanationLine(
            what="value",
            value=f"{value:.6f} answers per request",
            formula=f"quality - cost / lambda_usd, here {tier.lambda_usd:g}; for a band, times its factor",
        ),
        ExplanationLine(
            what="quality per dollar",
            value=f"{standing.acceptable_answers_per_usd} acceptable answers per dollar",
            formula="1 / expected cost, a miss counted at lambda_usd",
        ),
    ]


def _floor(tier: TierPolicy, standing: Standing) -> tuple[ExplanationLine, ...]:
    if standing.floor_probability is None:
        return ()
    return (
        ExplanationLine(
            what="probability above the floor",
            value=standing.floor_probability,
            formula=f"floor: reference - {tier.floor_elo_below_reference:g} Elo; the tier asks for "
            f"{tier.floor_probability:g}",
        ),
    )


def _draws(standing: Standing) -> tuple[ExplanationLine, ...]:
    if standing.p_close is None:
        return ()
    return (
        ExplanationLine(
            what="how sure it belongs",
            value=f"{standing.p_close}, ranks {standing.rank_low} to {standing.rank_high}",
            formula="share of the seeded draws in which its expected cost is within 5 % of the k-th best; "
            "decides nothing",
        ),
    )


def _verdict(standing: Standing) -> ExplanationLine:
    rule = f" ({standing.rule})" if standing.rule else ""
    return ExplanationLine(what="verdict", value=f"{standing.verdict}{rule}", formula=standing.detail)
