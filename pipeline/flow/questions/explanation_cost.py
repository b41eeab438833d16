"""The cost of a variant, number by number: stated prices, the agreed one, each kind of task, the sum."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.domain.price import BASELINE, JUDGEMENT
from pipeline.domain.score import Cost, ListPrice, NoPrice
from pipeline.flow.questions.explanation import ExplanationLine, ExplanationSection
from pipeline.scoring.cost.task_cost import TOTALS_ONLY, cost_by_kind
from pipeline.scoring.prices.comparison import dollars

if TYPE_CHECKING:
    from pipeline.domain.crosswalk import Crosswalk, JudgedPrice, Resolution
    from pipeline.domain.ids import VariantId
    from pipeline.domain.observation import Price
    from pipeline.domain.policy import Policy, TaskKind


def price_sections(
    variant: VariantId, resolution: Resolution, crosswalk: Crosswalk, cost: Cost | NoPrice
) -> ExplanationSection:
    """List what each source states, a person's word if there is one, and what follows."""
    rows = [one.price for one in resolution.offers if one.variant == variant]
    judged = crosswalk.price_of(crosswalk.variants[variant].release)
    lines = [_stated(row) for row in sorted(rows, key=lambda row: (row.source, row.key))]
    if judged is not None:
        lines.append(_judged(judged))
    lines.append(_agreed(cost.price) if isinstance(cost, Cost) else _unpriced(cost))
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


def _stated(row: Price) -> ExplanationLine:
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


def _judged(price: JudgedPrice) -> ExplanationLine:
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


def _agreed(price: ListPrice) -> ExplanationLine:
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


def _unpriced(cost: NoPrice) -> ExplanationLine:
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
