"""Summarizes each tier in one row: who is in it, what for, what a dollar buys and what tasks cost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pipeline.domain.blocks import Column, Paragraph, Span, Table, Tone, cell, line, name, text_span
from pipeline.review.pages.number_format import UNKNOWN, answers, answers_span, percent, usd, usd_span
from pipeline.review.pages.section import Place, Section

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.domain.blocks import Block, Cell, Line
    from pipeline.domain.pool import Headline, Member, Standing, TierReport
    from pipeline.review.pages.proposal_view import LineupView, PlaceView, ProposalView

_TONES: Final = {"in": Tone.GAIN, "up": Tone.GAIN, "out": Tone.LOSS, "down": Tone.LOSS}
_PER_MONTH: Final = "at your volume"


def _blocks(view: ProposalView) -> Iterator[Block]:
    columns = (
        Column(title="tier"),
        Column(title="members, and what each is for"),
        Column(title="answers per $", number=True),
        Column(title="$ per 1,000 tasks", number=True),
    )
    volume = bool(view.record.requests)
    yield Table(
        title="Each tier before and after",
        columns=(*columns, Column(title=_PER_MONTH, number=True)) if volume else columns,
        rows=tuple(_row(one, view, volume=volume) for one in view.lineups),
        stacked=True,
    )
    text = (
        "Answers per $: acceptable ones that a dollar buys if every request goes to the first member; ranges "
        "below. "
    )
    link = Span(text="What each figure means", anchor="legend", page_only=True)
    yield Paragraph(line=line(text, link, Span(text=".", page_only=True)), tone=Tone.SOFT)


def _row(lineup: LineupView, view: ProposalView, *, volume: bool) -> tuple[Cell, ...]:
    report = view.proposal.tiers.get(lineup.tier)
    tier = view.proposal.pool.tiers.get(lineup.tier)
    members = {member.variant: member for member in tier.members} if tier else {}
    who = tuple(_place(place, members.get(place.variant)) for place in lineup.places)
    row = (
        cell(text_span(lineup.tier, Tone.STRONG)),
        who or cell("nobody"),
        _value_cell(report),
        _cost(report),
    )
    return (*row, _monthly(report, view.record.requests.get(lineup.tier))) if volume else row


def _place(place: PlaceView, member: Member | None) -> Line:
    rank = f"{place.rank}. " if place.rank else "- "
    what = Span(text=place.change.place, tone=_TONES[place.change.way]) if place.change else "stays"
    if member is None:
        return line(rank, name(place.variant), " ", what)
    sure = f"; {percent(member.p_close)} sure" if member.p_close is not None else ""
    serves = text_span(f": {', '.join(member.serves) or 'spare'}{sure}", Tone.SOFT)
    return line(rank, name(place.variant), " ", what, serves)


def _value_cell(report: TierReport | None) -> Cell:
    after = report.default_after if report else None
    if report is None or after is None:
        return cell(UNKNOWN)
    now = line(Span(text=answers(after.acceptable_answers_per_usd), tone=Tone.STRONG))
    before = report.default_before
    lines = [now if before is None else line(f"{answers(before.acceptable_answers_per_usd)} → ", *now)]
    standing = _standing(report, after)
    if standing is not None:
        lines.append(line(Span(text=answers_span(standing, report.lambda_usd), tone=Tone.SOFT)))
    return tuple(lines)


def _cost(report: TierReport | None) -> Cell:
    after = report.default_after if report else None
    if report is None or after is None:
        return cell(UNKNOWN)
    now = line(Span(text=usd(after.usd_per_1000_tasks), tone=Tone.STRONG))
    before = report.default_before
    lines = [now if before is None else line(f"{usd(before.usd_per_1000_tasks)} → ", *now)]
    standing = _standing(report, after)
    if standing is not None:
        low, high = standing.usd_per_task_low, standing.usd_per_task_high
        lines.append(line(Span(text=usd_span(low, high, times=1000), tone=Tone.SOFT)))
    return tuple(lines)


def _monthly(report: TierReport | None, requests: int | None) -> Cell:
    """Say what a month costs at the requests that the policy states."""
    after = report.default_after if report else None
    if report is None or after is None or requests is None:
        return cell("not stated")
    before = report.default_before
    now = usd(after.usd_per_1000_tasks, times=requests / 1000)
    was = f"{usd(before.usd_per_1000_tasks, times=requests / 1000)} → " if before else ""
    return (line(was, now), line(Span(text=f"a month, {requests:,} requests", tone=Tone.SOFT)))


def _standing(report: TierReport, headline: Headline) -> Standing | None:
    return next((standing for standing in report.standings if standing.variant == headline.variant), None)


SECTION: Final = Section(name="tiers", place=Place.FIRST, blocks=_blocks)
