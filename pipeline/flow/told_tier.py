"""What one tier makes of a variant: value, floor, verdict, and how easily the verdict would change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.flow.told import Chapter, Told
from pipeline.pools.value import utility_usd

if TYPE_CHECKING:
    from pipeline.domain.names import TierName, VariantId
    from pipeline.domain.policy import TierPolicy
    from pipeline.domain.pool import Standing, TierReport
    from pipeline.domain.score import Scoreboard
    from pipeline.pools.doubt import Doubt


def tier_chapter(
    name: TierName, tier: TierPolicy, report: TierReport, variant: VariantId, board: Scoreboard | None
) -> Chapter:
    """Say E, U, QPD, P(floor), the draws and the verdict with its rule."""
    standing = next((one for one in report.standings if one.variant == variant), None)
    if standing is None:
        return Chapter(
            title=f"tier {name}",
            lines=(Told(what="verdict", value="excluded", formula="no board of this tier names it"),),
        )
    score = board.scores.get(variant) if board else None
    lines: list[Told] = []
    if standing.expected_usd is not None and standing.usd_per_task is not None and score is not None:
        lines = _value(
            tier, standing, utility_usd(float(standing.usd_per_task), score.quality, tier.lambda_usd)
        )
    return Chapter(
        title=f"tier {name}", lines=(*lines, *_floor(tier, standing), *_draws(standing), _verdict(standing))
    )


def doubts_chapter(name: TierName, doubts: tuple[Doubt, ...]) -> Chapter:
    """Say which doubts a member survives."""
    fails = [doubt for doubt in doubts if not doubt.stays]
    word = Told(
        what="robust" if not fails else "fragile",
        value="stays under every doubt"
        if not fails
        else f"leaves {len(fails)} of {len(doubts)} times: {', '.join(doubt.name for doubt in fails)}",
        formula="the tier chosen again under one doubt at a time",
    )
    lines = tuple(
        Told(what=doubt.name, value="stays" if doubt.stays else "leaves", formula=doubt.words)
        for doubt in doubts
    )
    return Chapter(title=f"tier {name}, robust or fragile", lines=(word, *lines))


def _value(tier: TierPolicy, standing: Standing, utility: float) -> list[Told]:
    worth = f"lambda {tier.lambda_usd:g}"
    return [
        Told(
            what="E",
            value=f"${standing.expected_usd}",
            formula=f"C + (1 - q) * lambda = {standing.usd_per_task} + (1 - {standing.quality}) * "
            f"{tier.lambda_usd:g}",
        ),
        Told(what="U", value=f"${utility:.6f}", formula=f"lambda * q - C, {worth}"),
        Told(what="QPD", value=f"{standing.acceptable_answers_per_usd} answers per dollar", formula="1 / E"),
    ]


def _floor(tier: TierPolicy, standing: Standing) -> tuple[Told, ...]:
    if standing.floor_probability is None:
        return ()
    return (
        Told(
            what="P(above the floor)",
            value=standing.floor_probability,
            formula=f"floor: reference - {tier.floor_elo_below_reference:g} Elo; the tier asks for "
            f"{tier.floor_probability:g}",
        ),
    )


def _draws(standing: Standing) -> tuple[Told, ...]:
    if standing.inclusion_probability is None:
        return ()
    return (
        Told(
            what="P(top k)",
            value=f"{standing.inclusion_probability}, ranks {standing.rank_low} to {standing.rank_high}",
            formula="share of the seeded draws in which it is among the able best k by U; decides nothing",
        ),
    )


def _verdict(standing: Standing) -> Told:
    rule = f" ({standing.rule})" if standing.rule else ""
    return Told(what="verdict", value=f"{standing.verdict}{rule}", formula=standing.detail)
