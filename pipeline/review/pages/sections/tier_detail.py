"""Shows each tier whole: its terms, its charts, its members and who comes next, and who was left out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pipeline.domain.blocks import (
    BulletList,
    Chart,
    Column,
    Fold,
    Paragraph,
    Span,
    Table,
    Title,
    Tone,
    cell,
    line,
    name,
    names,
    text_span,
)
from pipeline.review.pages.charts.history import member_histories
from pipeline.review.pages.number_format import percent, usd
from pipeline.review.pages.section import Place, Section
from pipeline.review.pages.tier_charts import history_chart, quality_chart, slope_chart

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.domain.blocks import Block, Cell
    from pipeline.domain.pool import HullPoint, Standing
    from pipeline.review.pages.charts.history import MemberHistory
    from pipeline.review.pages.proposal_view import ProposalView
    from pipeline.review.pages.tier_view import MemberRow, TierView

_COSTS: Final = (
    Column(title="$ per task", number=True),
    Column(title="four times in five", number=True),
    Column(title="cost known from"),
)
_MEMBERS: Final = (
    Column(title="rank", leads=True),
    Column(title="variant"),
    Column(title="serves"),
    Column(title="quality", number=True),
    Column(title="95 of 100", number=True),
    *_COSTS,
    Column(title="answers per $", number=True),
    Column(title="how sure", number=True),
    Column(title="above the floor", number=True),
    Column(title="rank range", number=True),
    Column(title="remark"),
)
_HISTORY: Final = (
    Column(title="variant"),
    Column(title="version"),
    Column(title="quality", number=True),
    Column(title="$ per task", number=True),
    Column(title="rank", number=True),
)
_STEPS: Final = (
    Column(title="step up to"),
    Column(title="quality", number=True),
    *_COSTS,
    Column(title="one more acceptable answer costs", number=True),
)
_EXCLUDED: Final = (
    Column(title="variant"),
    Column(title="quality", number=True),
    *_COSTS,
    Column(title="rule"),
    Column(title="why"),
)


def _blocks(view: ProposalView) -> Iterator[Block]:
    for tier in view.tiers:
        yield Title(level=2, line=line("Tier ", text_span(tier.name)))
        yield Paragraph(line=line(text_span("; ".join(tier.terms)), "."), tone=Tone.SOFT)
        if tier.paid:
            yield Paragraph(line=line(text_span(tier.paid)))
        charts = (quality_chart(tier.name, view), slope_chart(tier.name, view))
        yield from (Chart(drawings=one.drawings, keys=one.keys, half=True) for one in charts if one)
        yield _members(tier)
        if found := member_histories(tier.name, view):
            yield _history(tier.name, found)
        if tier.hull:
            table = Table(
                title=f"What the next dollar buys, tier {tier.name}",
                columns=_STEPS,
                rows=tuple(_step(point, tier) for point in tier.hull),
            )
            yield Fold(summary=line("What the next dollar buys"), blocks=(table,))
        if tier.left_out:
            yield _left_out(tier)


def _members(tier: TierView) -> Fold:
    rows = (*tier.members, *tier.challengers)
    table = Table(
        title=f"Members and who comes next, tier {tier.name}", columns=_MEMBERS, rows=tuple(map(_row, rows))
    )
    cached = tuple(line(name(variant), " ", text_span(text)) for variant, text in tier.cached_prices)
    bands = tuple(line(text_span(band), ": ", *names(order)) for band, order in tier.bands)
    blocks: list[Block] = [table]
    if bands:
        blocks += [Paragraph(line=line("Order by kind of request:")), BulletList(items=bands)]
    if cached:
        blocks += [Paragraph(line=line("Cached input, per million tokens:")), BulletList(items=cached)]
    members = f"{len(tier.members)} {'member' if len(tier.members) == 1 else 'members'}"
    return Fold(summary=line(f"{members} and {len(tier.challengers)} who come next"), blocks=tuple(blocks))


def _history(tier: str, found: tuple[MemberHistory, ...]) -> Fold:
    rows = tuple(
        (
            cell(name(one.variant)),
            cell(f"{point.version} of {point.week}"),
            cell(percent(point.quality)),
            cell(usd(point.usd_per_task)),
            cell(str(point.rank)),
        )
        for one in found
        for point in one.points
    )
    table = Table(title=f"The members version by version, tier {tier}", columns=_HISTORY, rows=rows)
    chart = history_chart(tier, found)
    return Fold(
        summary=line("The last 26 weeks of each member"), blocks=(Chart(drawings=chart.drawings), table)
    )


def _row(row: MemberRow) -> tuple[Cell, ...]:
    figures = (row.answers_per_usd, row.close, row.floor, row.ranks)
    return (
        cell(row.rank or "next"),
        cell(name(row.variant)),
        cell(text_span(row.serves)),
        cell(row.quality),
        cell(Span(text=row.interval, tone=Tone.SOFT)),
        cell(row.usd_per_task),
        cell(Span(text=row.usd_interval, tone=Tone.SOFT)),
        cell(text_span(row.grade)),
        *(cell(each) for each in figures),
        cell(text_span("; ".join(row.remarks))),
    )


def _cost(tier: TierView, variant: str, usd_per_task: str | None) -> tuple[Cell, Cell, Cell]:
    known = tier.cost_of(variant)
    interval = Span(text=known.interval, tone=Tone.SOFT)
    return cell(usd(usd_per_task)), cell(interval), cell(text_span(known.grade))


def _step(point: HullPoint, tier: TierView) -> tuple[Cell, ...]:
    step = usd(point.next_answer_usd) if point.next_answer_usd else "the cheapest step"
    cost = _cost(tier, point.variant, point.usd_per_task)
    return (cell(name(point.variant)), cell(percent(point.quality)), *cost, cell(step))


def _left_out(tier: TierView) -> Fold:
    rules = tuple(
        (cell(name(one.rule)), cell(text_span(one.meaning)), cell(str(len(one.standings))))
        for one in tier.left_out
    )
    columns = (Column(title="rule"), Column(title="meaning"), Column(title="variants", number=True))
    count = sum(len(one.standings) for one in tier.left_out)
    best = tuple(_excluded_row(one, tier) for one in tier.best_left_out)
    return Fold(
        summary=line(f"{count} left out, by rule"),
        blocks=(
            Table(title=f"Left out by rule, tier {tier.name}", columns=columns, rows=rules),
            Paragraph(line=line("The best of them; `modelpool why-not` answers for each:")),
            Table(title=f"The best that were left out, tier {tier.name}", columns=_EXCLUDED, rows=best),
        ),
    )


def _excluded_row(one: Standing, tier: TierView) -> tuple[Cell, ...]:
    cost = _cost(tier, one.variant, one.usd_per_task)
    why = (cell(name(one.rule or "unnamed")), cell(text_span(one.detail)))
    return (cell(name(one.variant)), cell(percent(one.quality)), *cost, *why)


SECTION: Final = Section(name="detail", place=Place.BODY, blocks=_blocks, brief=False)
