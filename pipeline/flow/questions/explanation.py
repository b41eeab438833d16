"""Explains a variant number by number: its prices, the cost that follows, and what a tier makes of both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.domain.price import BASELINE, JUDGEMENT
from pipeline.domain.score import Cost, ListPrice, NoPrice, Scoreboard
from pipeline.pools.worth.value import value_at
from pipeline.scoring.cost.task_cost import TOTALS_ONLY, cost_by_kind
from pipeline.scoring.prices.comparison import dollars

if TYPE_CHECKING:
    from pipeline.domain.crosswalk import Crosswalk, JudgedPrice, Resolution
    from pipeline.domain.ids import TierName, VariantId
    from pipeline.domain.observation import Price
    from pipeline.domain.policy import Policy, TaskKind, TierPolicy
    from pipeline.domain.pool import Standing, TierReport


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplanationLine:
    """One line of an explanation."""

    what: str
    value: str
    """With its unit."""
    source: str = ""
    """Who says it, under which name; empty for what is computed."""
    capture: str = ""
    """Digest of the bytes it was read from."""
    on: str = ""
    """The day it is of."""
    formula: str = ""
    """How it is computed, with the numbers that go in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplanationSection:
    """One step of the calculation."""

    title: str
    lines: tuple[ExplanationLine, ...]


def price_sections(
    variant: VariantId, resolution: Resolution, crosswalk: Crosswalk, cost: Cost | NoPrice
) -> ExplanationSection:
    """List what each source states, a person's word if there is one, and what follows."""
    rows = [offer.price for offer in resolution.offers if offer.variant == variant]
    judged = crosswalk.price_of(crosswalk.variants[variant].release)
    lines = [_stated_line(row) for row in sorted(rows, key=lambda row: (row.source, row.key))]
    if judged is not None:
        lines.append(_judged_line(judged))
    lines.append(_agreed_line(cost.price) if isinstance(cost, Cost) else _unpriced_line(cost))
    return ExplanationSection(title="price", lines=tuple(lines))


def task_cost(cost: Cost, policy: Policy) -> ExplanationSection:
    """Write out the sum over the operator's mix of tasks."""
    lines = [
        ExplanationLine(
            what="verbosity",
            value=f"{cost.verbosity:.2f} (grade {cost.grade}, SD of log cost {cost.log_sd:.2f})",
            formula="a dollar total of index runs over their list cost: multiplies the whole bill"
            if cost.grade in TOTALS_ONLY
            else "output plus reasoning tokens relative to a non-reasoning answer",
        )
    ]
    lines += [
        ExplanationLine(
            what=f"{part.kind.name}", value=f"${part.usd:.6f}", formula=_kind(part.kind, cost.price)
        )
        for part in cost_by_kind(cost, policy)
    ]
    fee = policy.cost.fee_usd_per_task
    if fee:
        lines.append(
            ExplanationLine(what="fee", value=f"${fee:.6f}", source="policy", formula="cost.fee_usd_per_task")
        )
    total = ExplanationLine(
        what="C per task", value=f"${cost.usd_per_task:.6f}", formula="the sum of the above"
    )
    low, high = cost.interval()
    interval = ExplanationLine(
        what="80 % interval",
        value=f"${low:.6f} to ${high:.6f}",
        formula=f"C times exp(-+ 1.28 * {cost.log_sd:.2f}), the SD of log cost",
    )
    return ExplanationSection(title="cost of one task", lines=(*lines, total, interval))


def _stated_line(row: Price) -> ExplanationLine:
    cached = row.cache_read_microusd_per_mtok
    return ExplanationLine(
        what="stated price per Mtok",
        value=f"input {dollars(row.input_microusd_per_mtok)}, output {dollars(row.output_microusd_per_mtok)}"
        + (f", cached input {dollars(cached)}" if cached is not None else ""),
        source=f"{row.source}: {row.name}",
        capture=row.capture,
        on=row.observed_on.isoformat(),
        formula=row.note,
    )


def _judged_line(price: JudgedPrice) -> ExplanationLine:
    cached = price.cache_read_microusd_per_mtok
    return ExplanationLine(
        what="judged price per Mtok",
        value=f"input {dollars(price.input_microusd_per_mtok)}, "
        f"output {dollars(price.output_microusd_per_mtok)}"
        + ("" if cached is None else f", cached input {dollars(cached)}"),
        source=f"data/crosswalk/prices.csv, {price.decided_by}: {price.source_url}",
        on=price.valid_from.isoformat(),
        formula=price.reason,
    )


def _agreed_line(price: ListPrice) -> ExplanationLine:
    cached = price.cache_read_microusd_per_mtok
    reading = "as input" if cached is None else dollars(cached)
    return ExplanationLine(
        what="agreed price per Mtok",
        value=f"input {dollars(price.input_microusd_per_mtok)}, "
        f"output {dollars(price.output_microusd_per_mtok)}, cached input {reading}",
        source=" and ".join(price.sources),
        formula=price.note or _reason(price),
    )


def _reason(price: ListPrice) -> str:
    """Say in general why a price counts."""
    if price.sources == (BASELINE,):
        return "kept from the published pool: nothing newer is stated, or what is stated is not believed"
    if price.sources == (JUDGEMENT,):
        return "a person judged it"
    return "two sources agree" if len(price.sources) > 1 else "this source alone states it"


def _unpriced_line(cost: NoPrice) -> ExplanationLine:
    return ExplanationLine(what="agreed price per Mtok", value=f"none: {cost.reason}", formula=cost.detail)


def _kind(kind: TaskKind, price: ListPrice) -> str:
    cached = price.cache_read_microusd_per_mtok
    if cached is None:
        rate = f"the price of input, {dollars(price.input_microusd_per_mtok)}"
    else:
        rate = dollars(cached)
    return (
        f"{kind.share:.0%} of tasks: {kind.tokens_in:g} in, {kind.cached_share:.0%} of them cached at "
        f"{rate}, {kind.tokens_out:g} out times verbosity"
    )


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
            formula=f"E = C + (1 - q) * lambda = {standing.usd_per_task} + (1 - {standing.quality}) * "
            f"{tier.lambda_usd:g}",
        ),
        ExplanationLine(
            what="value",
            value=f"{value:.6f} answers per request",
            formula=f"V = q - C / lambda, lambda {tier.lambda_usd:g}; at b times lambda for a band",
        ),
        ExplanationLine(
            what="quality per dollar",
            value=f"{standing.acceptable_answers_per_usd} acceptable answers per dollar",
            formula="1 / E, a miss counted at lambda",
        ),
    ]


def _floor(tier: TierPolicy, standing: Standing) -> tuple[ExplanationLine, ...]:
    if standing.floor_probability is None:
        return ()
    return (
        ExplanationLine(
            what="P(above the floor)",
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
