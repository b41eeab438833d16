"""Computes a tier's chart in numbers: its points, its window, and labels that cover nothing."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from pipeline.domain.escape import escape_name

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from pipeline.domain.pool import Standing
    from pipeline.domain.proposal import Proposal
    from pipeline.review.pages.charts.svg import Point


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
    near = [dot for dot in dots if _is_inside(dot, usd, quality)]
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


def _is_inside(dot: ChartPoint, usd: tuple[float, float], quality: tuple[float, float]) -> bool:
    return usd[0] <= dot.usd <= usd[1] and quality[0] <= dot.quality <= quality[1]


def _paint_order(dot: ChartPoint) -> tuple[bool, str, str]:
    return dot.kind == "member", dot.kind, dot.variant


_LABEL_LENGTH: Final = 30
_END: Final = 11
"""Characters of a shortened name's end, which holds the effort."""
_CHARACTER_WIDTH: Final = 7.8
"""Pixels of an average character at the label's size."""
_LINE_HEIGHT: Final = 16.0
_LIMIT_WIDTH: Final = 100.0
_HULL_STEP: Final = 8.0
_ON_LABEL: Final = 1000.0
_ON_DOT: Final = 100.0
_ON_BAR: Final = 1.0
_ON_CANDIDATE: Final = 0.5
_ON_HULL: Final = 0.25
_A_LINE_AWAY: Final = 1.0
_PLACES: Final = tuple(
    (sign * dx, dy, sign)
    for dx, dy in (
        (14, 0),
        (12, -15),
        (12, 15),
        (16, -30),
        (16, 30),
        (20, -46),
        (20, 46),
        (24, -62),
        (24, 62),
        (28, -79),
        (28, 79),
    )
    for sign in (1, -1)
)
"""Where a label may stand, nearest first: pixels from its point and the side it grows to."""

Box = tuple[float, float, float, float]
"""Left, top, right, bottom in pixels."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """A name, where it is written from, and the dot it belongs to."""

    text: str
    place: Point
    rightwards: bool
    """It grows to the right of its place, else to the left."""
    dot: Point
    leaves: bool


def labels_of(plot: Plot, size: Size) -> tuple[Label, ...]:
    """Give every member and leaver a label, best rank first, where it covers least.

    Covering another label counts most, then a named point or the words of a limit, then a candidate, a
    line and the distance; of equal places the first is taken.
    """
    named = sorted((dot for dot in plot.dots if dot.rank or dot.kind == "leaver"), key=_label_order)
    taken = _covered_boxes(named, plot, size)
    labels = []
    texts = short_names(dot.variant for dot in named)
    for dot in named:
        x, y = pixel(dot.usd, dot.quality, plot, size)
        text = texts[dot.variant]
        spots = [(x + dx, y + dy, side) for dx, dy, side in _PLACES]
        harms = [
            (_harm(_box(each, text), taken, size) + abs(each[1] - y) / _LINE_HEIGHT * _A_LINE_AWAY, order)
            for order, each in enumerate(spots)
        ]
        spot = spots[min(harms)[1]]
        taken.append((_box(spot, text), _ON_LABEL))
        leaves, rightwards = dot.kind == "leaver", spot[2] > 0
        labels.append(Label(text=text, place=spot[:2], rightwards=rightwards, dot=(x, y), leaves=leaves))
    return tuple(labels)


def short_names(variants: Iterable[str], length: int = _LABEL_LENGTH) -> dict[str, str]:
    """Shorten names; those that would then look alike stay whole."""
    short = {variant: short_name(variant, length) for variant in variants}
    times = Counter(short.values())
    return {variant: text if times[text] == 1 else escape_name(variant) for variant, text in short.items()}


def short_name(variant: str, length: int = _LABEL_LENGTH) -> str:
    """Shorten a name in its middle, so that release and effort both stay readable."""
    text = escape_name(variant)
    if len(text) <= length:
        return text
    return f"{text[: length - _END - 1]}…{text[-_END:]}"


def _label_order(dot: ChartPoint) -> tuple[bool, int, str]:
    return not dot.rank, int(dot.rank or 0), dot.variant


def _covered_boxes(named: list[ChartPoint], plot: Plot, size: Size) -> list[tuple[Box, float]]:
    """Everything that a label should not cover, and how much it weighs."""
    candidates = [dot for dot in plot.dots if dot.kind == "candidate"]
    taken = [(_box_around(*pixel(dot.usd, dot.quality, plot, size), 10), _ON_DOT) for dot in named]
    taken += [(_box_around(*pixel(dot.usd, dot.quality, plot, size), 4), _ON_CANDIDATE) for dot in candidates]
    taken += [(_bar(dot, plot, size), _ON_BAR) for dot in named]
    taken += [(box, _ON_HULL) for box in _hull_boxes(plot, size)]
    return taken + [(box, _ON_DOT) for box in _limit_boxes(plot, size)]


def _box(spot: tuple[float, float, int], text: str) -> Box:
    x, y, side = spot
    length = len(text) * _CHARACTER_WIDTH
    left = x if side > 0 else x - length
    return left, y - _LINE_HEIGHT / 2, left + length, y + _LINE_HEIGHT / 2


def _hull_boxes(plot: Plot, size: Size) -> list[Box]:
    """Cover the hull with small boxes, so that no label is struck through by it."""
    corners = [pixel(usd, quality, plot, size) for usd, quality in plot.hull]
    boxes = []
    for (left, top), (right, bottom) in pairwise(corners):
        steps = max(1, math.ceil(math.hypot(right - left, bottom - top) / _HULL_STEP))
        for step in range(steps + 1):
            x, y = left + (right - left) * step / steps, top + (bottom - top) * step / steps
            boxes.append((x - 2, y - 2, x + 2, y + 2))
    return boxes


def _limit_boxes(plot: Plot, size: Size) -> list[Box]:
    """Cover the words of the floor, at the left edge, and of the ceiling, at the top."""
    floor = pixel(plot.usd[0], plot.floor, plot, size)[1]
    boxes = [(0.0, floor, _LIMIT_WIDTH, floor + _LINE_HEIGHT)]
    if plot.ceiling is not None:
        right = pixel(plot.ceiling, plot.floor, plot, size)[0]
        boxes.append((right - _LIMIT_WIDTH, 0.0, right, _LINE_HEIGHT))
    return boxes


def _bar(dot: ChartPoint, plot: Plot, size: Size) -> Box:
    x, top = pixel(dot.usd, dot.high, plot, size)
    return x - 1, top, x + 1, pixel(dot.usd, dot.low, plot, size)[1]


def _box_around(x: float, y: float, radius: float) -> Box:
    return x - radius, y - radius, x + radius, y + radius


def _harm(box: Box, taken: list[tuple[Box, float]], size: Size) -> float:
    left, top, right, bottom = box
    outside = max(0.0, -left, -top, right - size.width, bottom - size.height)
    covered = sum(
        weight for (a, b, c, d), weight in taken if not (right < a or left > c or bottom < b or top > d)
    )
    return covered + outside * _ON_LABEL
