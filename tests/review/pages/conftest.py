"""A crowded week: three tiers of about sixty variants and six changes, grown from the small one."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pytest

from pipeline.domain.observation import Finding, Severity
from pipeline.domain.pool import Cause, Change, HullPoint, Member, Standing, TierPool, TierReport

if TYPE_CHECKING:
    from collections.abc import Callable

    from pipeline.domain.crosswalk import OpenName
    from pipeline.review.proposals.compose import Draft

RELEASES = (
    *("gpt-5.6-sol", "claude-opus-5", "gemini-3.5-pro", "qwen3.8-max", "kimi-k3", "glm-5.2"),
    *("deepseek-v4", "grok-5", "mistral-large-4", "llama-5-405b", "minimax-m3", "nova-pro-2"),
)
EFFORTS = ("none", "low", "medium", "high", "xhigh")
ENTERS = (
    "Enters because its output price fell 42 % ($15.00 to $8.70 per Mtok): $0.0012 per task "
    "at 1,412 Elo is not dominated. Above $0.0019 per task it would not enter."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """An invented variant with a cost and a quality."""

    name: str
    usd: float
    quality: float

    def numbers(self) -> dict[str, str]:
        """The decimal fields that members and standings share."""
        return {
            "variant": self.name,
            "usd_per_task": f"{self.usd:.6f}",
            "quality": f"{self.quality:.4f}",
            "quality_low": f"{self.quality - 0.04:.4f}",
            "quality_high": f"{self.quality + 0.04:.4f}",
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """One tier's terms."""

    name: str
    ceiling: float | None
    floor: float
    worth: str

    def admits(self, variant: Variant) -> bool:
        """Tell whether a variant is eligible."""
        return variant.quality >= self.floor and (self.ceiling is None or variant.usd <= self.ceiling)


TIERS = (
    Limits(name="frugal", ceiling=0.002, floor=0.25, worth="0.0040"),
    Limits(name="balanced", ceiling=0.015, floor=0.36, worth="0.0500"),
    Limits(name="premium", ceiling=None, floor=0.43, worth="0.5000"),
)


def people() -> list[Variant]:
    """Sixty variants; dearer ones are better on the whole."""
    dice = random.Random(7)  # noqa: S311 - invented numbers for a picture, not a secret
    found = []
    for number in range(60):
        usd = 10 ** dice.uniform(-4.2, -0.8)
        quality = min(0.62, max(0.06, 0.36 + 0.075 * (math.log10(usd) + 2.5) + dice.gauss(0, 0.06)))
        name = f"{RELEASES[number % len(RELEASES)]}@{EFFORTS[number // len(RELEASES)]}"
        found.append(Variant(name=name, usd=usd, quality=quality))
    return found


def tier_report(limits: Limits, able: list[Variant], others: list[Variant], draft: Draft) -> TierReport:
    """A report whose members are the three best, with everybody else behind them."""
    like = {each.verdict: each for each in draft.tiers["frugal"].standings}
    rows = [like["member"].model_copy(update=each.numbers()) for each in able[:3]]
    rows += [like["candidate"].model_copy(update=each.numbers()) for each in able[3:]]
    for each in others:
        rule = "floor" if each.quality < limits.floor else "ceiling"
        update = {**each.numbers(), "rule": rule, "detail": f"The {rule} leaves it out."}
        rows.append(like["excluded"].model_copy(update=update))
    return TierReport(
        evidence="general",
        floor_quality=f"{limits.floor:.4f}",
        ceiling_usd_per_task=None if limits.ceiling is None else f"{limits.ceiling:.4f}",
        lambda_usd=limits.worth,
        standings=tuple(Standing.model_validate(row.model_dump()) for row in rows),
        hull=hull_of(able),
        large=False,
    )


def hull_of(able: list[Variant]) -> tuple[HullPoint, ...]:
    """Each variant that is better than all cheaper ones."""
    points: list[HullPoint] = []
    best = 0.0
    for each in sorted(able, key=lambda one: one.usd):
        if each.quality > best:
            best, price = each.quality, "0.0210" if points else None
            point = HullPoint(
                variant=each.name,
                usd_per_task=f"{each.usd:.6f}",
                quality=f"{each.quality:.4f}",
                next_answer_usd=price,
            )
            points.append(point)
    return tuple(points)


def tier_pool(able: list[Variant], draft: Draft) -> TierPool:
    """The three best as members."""
    like = draft.pool.tiers["frugal"].members[0]
    members = tuple(
        Member.model_validate(like.model_copy(update={**each.numbers(), "rank": rank}).model_dump())
        for rank, each in enumerate(able[:3], start=1)
    )
    ids = tuple(each.variant for each in members)
    bands = {"simple": ids[::-1], "medium": ids, "complex": ids}
    return TierPool(evidence="general", k=3, members=members, bands=bands)


def swap(tier: str, able: list[Variant]) -> tuple[Change, Change]:
    """One enters at the second place, the fifth best leaves it."""
    enters, leaves = able[1].name, able[4].name
    reason = f"Leaves for {enters}: 3.8 answers per 100 more at the same price of an answer."
    common = {"tier": tier, "usd_per_task_before": "0.0021"}
    came = {
        "variant": enters,
        "rank_before": None,
        "rank_after": 2,
        "usd_per_task_after": "0.0012",
        "replaces": leaves,
    }
    went = {"variant": leaves, "rank_before": 2, "rank_after": None, "usd_per_task_after": None}
    return (
        Change.model_validate({**common, **came, "cause": Cause.PRICE, "reason": ENTERS}),
        Change.model_validate({**common, **went, "cause": Cause.VALUE, "reason": reason}),
    )


@pytest.fixture(scope="session")
def crowd(draft: Draft, make_open_name: Callable[[str, float | None, str], OpenName]) -> Draft:
    """The crowded draft."""
    everybody = sorted(people(), key=lambda each: -each.quality)
    able = {limits.name: [each for each in everybody if limits.admits(each)] for limits in TIERS}
    names = tuple(
        make_open_name(f"mystery-{number}", 1450.0 - number, "lmarena-text") for number in range(31)
    )
    moved = Finding(
        kind="scale-change",
        severity=Severity.WARN,
        subject="lmarena-text",
        message="Median of 228 common models moved +23.1; the anchors were taken again.",
    )
    pools = {limits.name: tier_pool(able[limits.name], draft) for limits in TIERS}
    return replace(
        draft,
        pool=draft.pool.model_copy(update={"tiers": pools}),
        changes=tuple(change for limits in TIERS for change in swap(limits.name, able[limits.name])),
        tiers={
            limits.name: tier_report(
                limits, able[limits.name], [each for each in everybody if not limits.admits(each)], draft
            )
            for limits in TIERS
        },
        resolution=replace(draft.resolution, open_names=names),
        findings=(*draft.findings, moved),
    )
