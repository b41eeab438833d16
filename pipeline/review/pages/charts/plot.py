"""Computes a tier's chart in numbers: its points and its window.

Pure arithmetic; drawing is `tier_chart`. Decimal text becomes a float here because a picture rounds
anyway; nothing flows back.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Collection

    from pipeline.domain.pool import Standing
    from pipeline.domain.proposal import Proposal

_REACH: Final = 0.07
"""How far below the floor an excluded variant is still drawn, in quality."""
_FADED: Final = 160


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """Plot area in pixels, without axes."""

    width: int
    height: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartPoint:
    """One variant on the chart."""

    variant: str
    kind: str
    """member, leaver, candidate or excluded."""
    rank: str
    before: bool = False
    """It is in the pool in force."""
    usd: float
    quality: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """Everything one tier's chart shows."""

    dots: tuple[ChartPoint, ...]
    hull: tuple[tuple[float, float], ...]
    """(usd per task, quality), cheapest first."""
    floor: float
    ceiling: float | None
    usd: tuple[float, float]
    """Window of the cost axis."""
    quality: tuple[float, float]
    outside: int
    """Variants with a quality and a cost that lie outside the window."""


def plot_of(name: str, proposal: Proposal, before: Collection[str] = ()) -> Plot | None:
    """Choose what to draw for a tier; None when nothing in it has a quality and a cost.

    Args:
        name: Of the tier.
        proposal: Whose tier.
        before: The tier's members in the pool in force.
    """
    report = proposal.tiers.get(name)
    if report is None:
        return None
    left = {change.variant for change in proposal.changes if change.tier == name and not change.rank_after}
    rank = {member.variant: str(member.rank) for member in proposal.pool.tiers[name].members}
    held = frozenset(before)
    dots = [
        replace(dot, before=dot.variant in held)
        for each in report.standings
        if (dot := _dot(each, left, rank))
    ]
    vivid = [dot for dot in dots if dot.kind != "excluded"]
    floor = float(report.floor_quality)
    ceiling = float(report.ceiling_usd_per_task) if report.ceiling_usd_per_task else None
    if not vivid:
        return None
    usd, quality = _window(vivid, floor, ceiling)
    near = [dot for dot in dots if _inside(dot, usd, quality)]
    faded = sorted(
        (dot for dot in near if dot.kind == "excluded"), key=lambda dot: (-dot.quality, dot.variant)
    )
    shown = (*faded[:_FADED], *sorted((dot for dot in near if dot.kind != "excluded"), key=_paint_order))
    return Plot(
        dots=shown,
        hull=tuple((float(point.usd_per_task), float(point.quality)) for point in report.hull),
        floor=floor,
        ceiling=ceiling,
        usd=usd,
        quality=quality,
        outside=len(dots) - len(shown),
    )


def pixel(usd: float, quality: float, plot: Plot, size: Size) -> tuple[float, float]:
    """Where a cost and a quality lie: x and y in pixels, from the upper left corner of the plot."""
    left, right = (math.log(end) for end in plot.usd)
    bottom, top = plot.quality
    return (
        (math.log(usd) - left) / (right - left) * size.width,
        (top - quality) / (top - bottom) * size.height,
    )


def _dot(standing: Standing, left: set[str], rank: dict[str, str]) -> ChartPoint | None:
    if standing.quality is None or standing.usd_per_task is None or float(standing.usd_per_task) <= 0:
        return None
    quality = float(standing.quality)
    return ChartPoint(
        variant=standing.variant,
        kind="leaver" if standing.variant in left else standing.verdict,
        rank=rank.get(standing.variant, ""),
        usd=float(standing.usd_per_task),
        quality=quality,
        low=float(standing.quality_low or quality),
        high=float(standing.quality_high or quality),
    )


def _window(
    vivid: list[ChartPoint], floor: float, ceiling: float | None
) -> tuple[tuple[float, float], tuple[float, float]]:
    costs = [dot.usd for dot in vivid] + ([ceiling] if ceiling else [])
    bottom = min([floor - _REACH, *(dot.low for dot in vivid if dot.kind != "candidate")])
    top = max(dot.high for dot in vivid)
    margin = (top - bottom) * 0.06
    return (min(costs) / 1.6, max(costs) * 1.6), (max(bottom, 0.0), min(top + margin, 1.0))


def _inside(dot: ChartPoint, usd: tuple[float, float], quality: tuple[float, float]) -> bool:
    return usd[0] <= dot.usd <= usd[1] and quality[0] <= dot.quality <= quality[1]


def _paint_order(dot: ChartPoint) -> tuple[bool, str, str]:
    return dot.kind == "member", dot.kind, dot.variant
