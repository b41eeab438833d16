"""Arranges one tier for reading: its members, who comes next, and who was left out."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from pipeline.review.pages.number_format import (
    UNKNOWN,
    answers,
    cached_price,
    grade_words,
    percent,
    ranks,
    span,
    usd,
    usd_span,
)
from pipeline.review.proposals.summary_lines import paid_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pipeline.domain.pool import HullPoint, Member, Standing, TierPool, TierReport
    from pipeline.domain.proposal import Proposal

_NEXT: Final = 8
_LEFT_OUT: Final = 10
_NOWHERE: Final = Decimal(-1)


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberRow:
    """A variant's numbers, rounded for reading."""

    rank: str
    variant: str
    vendor: str
    quality: str
    interval: str
    usd_per_task: str
    usd_interval: str
    """80 % interval of the dollars per task."""
    grade: str
    answers_per_usd: str
    close: str
    """How sure it is that it belongs, as a share of the draws."""
    floor: str
    """Share of the draws in which it is above the tier's floor."""
    ranks: str
    serves: str = ""
    """What a member is in the pool for; empty for everybody else."""
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CostWords:
    """How well a variant's cost is known."""

    interval: str
    grade: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExclusionView:
    """All variants one rule excluded, best quality first."""

    rule: str
    meaning: str
    standings: tuple[Standing, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TierView:
    """Everything a page shows about one tier."""

    name: str
    tier: TierPool
    terms: tuple[str, ...]
    paid: str
    """What the tier pays for an answer, and who would be chosen at other prices."""
    members: tuple[MemberRow, ...]
    challengers: tuple[MemberRow, ...]
    left_out: tuple[ExclusionView, ...]
    best_left_out: tuple[Standing, ...]
    bands: tuple[tuple[str, tuple[str, ...]], ...]
    hull: tuple[HullPoint, ...]
    costs: Mapping[str, CostWords]
    """By variant, of everyone who stands in the tier."""
    cached_prices: tuple[tuple[str, str], ...]
    """Members and what their cached input is billed at."""

    def cost_of(self, variant: str) -> CostWords:
        """Say how well a variant's cost is known, whoever it is."""
        return self.costs.get(variant, CostWords(interval=UNKNOWN, grade=UNKNOWN))


def tier_view(name: str, proposal: Proposal, meanings: Mapping[str, str] = MappingProxyType({})) -> TierView:
    """Arrange one tier of the proposed pool; its report may be missing, and so may words for an exclusion."""
    tier, report = proposal.pool.tiers[name], proposal.tiers.get(name)
    standings = report.standings if report else ()
    excluded = _best_first(each for each in standings if each.verdict == "excluded")
    candidates = sorted((each for each in standings if each.verdict == "candidate"), key=_by_value)
    costs = {each.variant: _cost_words(each) for each in standings}
    return TierView(
        name=name,
        tier=tier,
        terms=_terms(tier, report),
        paid=paid_line(report) if report else "",
        members=tuple(_member_row(member, costs) for member in tier.members),
        challengers=tuple(_standing_row(each) for each in candidates[:_NEXT]),
        left_out=_by_rule(excluded, meanings),
        best_left_out=excluded[:_LEFT_OUT],
        bands=_bands(tier),
        hull=report.hull if report else (),
        costs=costs,
        cached_prices=tuple((each.variant, cached_price(each.price)) for each in tier.members),
    )


def _terms(tier: TierPool, report: TierReport | None) -> tuple[str, ...]:
    terms = [f"judged by the evidence {tier.evidence}", f"{tier.k} places"]
    if report:
        cap = report.ceiling_usd_per_task
        terms += [
            f"floor {percent(report.floor_quality)} quality",
            f"ceiling {usd(cap)} per task" if cap else "no ceiling",
        ]
    return tuple(terms)


def _cost_words(standing: Standing) -> CostWords:
    return CostWords(
        interval=usd_span(standing.usd_per_task_low, standing.usd_per_task_high),
        grade=grade_words(standing.cost_grade),
    )


def _member_row(member: Member, costs: Mapping[str, CostWords]) -> MemberRow:
    remarks = [f"retires {member.retires_on}"] if member.retires_on else []
    if member.stale:
        remarks.append("carried: this week's data does not hold it")
    return MemberRow(
        rank=str(member.rank),
        variant=member.variant,
        vendor=member.vendor,
        quality=percent(member.quality),
        interval=span(member.quality_low, member.quality_high),
        usd_per_task=usd(member.usd_per_task),
        usd_interval=costs[member.variant].interval if member.variant in costs else UNKNOWN,
        grade=grade_words(member.cost_grade),
        answers_per_usd=answers(member.acceptable_answers_per_usd),
        close=percent(member.p_close),
        floor=percent(member.floor_probability),
        ranks=ranks(member.rank_low, member.rank_high),
        serves=", ".join(member.serves),
        remarks=tuple(remarks),
    )


def _standing_row(standing: Standing) -> MemberRow:
    return MemberRow(
        rank="",
        variant=standing.variant,
        vendor="",
        quality=percent(standing.quality),
        interval=span(standing.quality_low, standing.quality_high),
        usd_per_task=usd(standing.usd_per_task),
        usd_interval=usd_span(standing.usd_per_task_low, standing.usd_per_task_high),
        grade=grade_words(standing.cost_grade),
        answers_per_usd=answers(standing.acceptable_answers_per_usd),
        close=percent(standing.p_close),
        floor=percent(standing.floor_probability),
        ranks=ranks(standing.rank_low, standing.rank_high),
        remarks=(standing.detail,) if standing.detail else (),
    )


def _by_value(standing: Standing) -> tuple[Decimal, Decimal, str]:
    """Sort key: most acceptable answers per dollar first, then the cheaper, then the id."""
    value, usd_per_task = standing.acceptable_answers_per_usd, standing.usd_per_task
    return (-Decimal(value or _NOWHERE), Decimal(usd_per_task or 0), standing.variant)


def _best_first(standings: Iterable[Standing]) -> tuple[Standing, ...]:
    return tuple(sorted(standings, key=lambda each: (-Decimal(each.quality or _NOWHERE), each.variant)))


def _by_rule(excluded: tuple[Standing, ...], meanings: Mapping[str, str]) -> tuple[ExclusionView, ...]:
    groups: dict[str, list[Standing]] = {}
    for standing in excluded:
        groups.setdefault(standing.rule or "unnamed", []).append(standing)
    ordered = sorted(groups.items(), key=lambda group: (-len(group[1]), group[0]))
    return tuple(
        ExclusionView(rule=rule, meaning=meanings.get(rule, rule.replace("_", " ")), standings=tuple(group))
        for rule, group in ordered
    )


def _bands(tier: TierPool) -> tuple[tuple[str, tuple[str, ...]], ...]:
    known = ("simple", "medium", "complex")
    names = [*(name for name in known if name in tier.bands), *sorted(set(tier.bands) - set(known))]
    return tuple((name, tier.bands[name]) for name in names)
