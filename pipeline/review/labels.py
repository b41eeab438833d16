"""Where each label of a chart finds room: beside its point, on no other label, inside the plot."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from pipeline.domain.visible import shown_name

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pipeline.review.plot import Dot, Plot, Size

_LABEL_LENGTH: Final = 30
_CHARACTER_WIDTH: Final = 7.8
"""Pixels of an average character at the label's size."""
_LINE_HEIGHT: Final = 16.0
_LIMIT_WIDTH: Final = 100.0
_HULL_STEP: Final = 8.0
_ON_LABEL: Final = 1000.0
_ON_DOT: Final = 100.0
_ON_BAR: Final = 1.0
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
    )
    for sign in (1, -1)
)
"""Where a label may stand, nearest first: pixels from its point and the side it grows to."""

Box = tuple[float, float, float, float]
"""Left, top, right, bottom in pixels."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """A name and the corner it is written from, in data units."""

    text: str
    usd: float
    quality: float
    align: str
    """left: grows to the right of its point; right: to the left."""
    leaves: bool


def labels_of(plot: Plot, size: Size) -> tuple[Label, ...]:
    """Give every member and leaver a label, best rank first, where it covers least.

    Covering another label counts most, then a named point or the words of a limit, then a line and
    the distance; of equal places the first is taken.
    """
    named = sorted((dot for dot in plot.dots if dot.rank or dot.kind == "leaver"), key=_label_order)
    taken = [(_around(*_pixel(dot.usd, dot.quality, plot, size)), _ON_DOT) for dot in named]
    taken += [(_bar(dot, plot, size), _ON_BAR) for dot in named]
    taken += [(box, _ON_HULL) for box in _hull_boxes(plot, size)]
    taken += [(box, _ON_DOT) for box in _limit_boxes(plot, size)]
    labels = []
    texts = short_names(dot.variant for dot in named)
    for dot in named:
        x, y = _pixel(dot.usd, dot.quality, plot, size)
        text = texts[dot.variant]
        spots = [(x + dx, y + dy, side) for dx, dy, side in _PLACES]
        harms = [
            (_harm(_box(each, text), taken, size) + abs(each[1] - y) / _LINE_HEIGHT * _A_LINE_AWAY, order)
            for order, each in enumerate(spots)
        ]
        spot = spots[min(harms)[1]]
        taken.append((_box(spot, text), _ON_LABEL))
        usd, quality = _data(spot[0], spot[1], plot, size)
        align = "left" if spot[2] > 0 else "right"
        leaves = dot.kind == "leaver"
        labels.append(Label(text=text, usd=usd, quality=quality, align=align, leaves=leaves))
    return tuple(labels)


def short_names(variants: Iterable[str]) -> dict[str, str]:
    """Shorten names; those that would then look alike stay whole."""
    short = {variant: short_name(variant) for variant in variants}
    times = Counter(short.values())
    return {variant: text if times[text] == 1 else shown_name(variant) for variant, text in short.items()}


def short_name(variant: str) -> str:
    """Shorten a name in its middle, so that release and effort both stay readable."""
    text = shown_name(variant)
    if len(text) <= _LABEL_LENGTH:
        return text
    return f"{text[: _LABEL_LENGTH - 12]}…{text[-11:]}"


def _label_order(dot: Dot) -> tuple[bool, int, str]:
    return not dot.rank, int(dot.rank or 0), dot.variant


def _pixel(usd: float, quality: float, plot: Plot, size: Size) -> tuple[float, float]:
    left, right = (math.log(end) for end in plot.usd)
    bottom, top = plot.quality
    return (
        (math.log(usd) - left) / (right - left) * size.width,
        (top - quality) / (top - bottom) * size.height,
    )


def _data(x: float, y: float, plot: Plot, size: Size) -> tuple[float, float]:
    left, right = (math.log(end) for end in plot.usd)
    bottom, top = plot.quality
    return math.exp(left + x / size.width * (right - left)), top - y / size.height * (top - bottom)


def _box(spot: tuple[float, float, int], text: str) -> Box:
    x, y, side = spot
    length = len(text) * _CHARACTER_WIDTH
    left = x if side > 0 else x - length
    return left, y - _LINE_HEIGHT / 2, left + length, y + _LINE_HEIGHT / 2


def _hull_boxes(plot: Plot, size: Size) -> list[Box]:
    """Cover the hull with small boxes, so that no label is struck through by it."""
    corners = [_pixel(usd, quality, plot, size) for usd, quality in plot.hull]
    boxes = []
    for (left, top), (right, bottom) in pairwise(corners):
        steps = max(1, math.ceil(math.hypot(right - left, bottom - top) / _HULL_STEP))
        for step in range(steps + 1):
            x, y = left + (right - left) * step / steps, top + (bottom - top) * step / steps
            boxes.append((x - 2, y - 2, x + 2, y + 2))
    return boxes


def _limit_boxes(plot: Plot, size: Size) -> list[Box]:
    """Cover the words of the floor, at the left edge, and of the ceiling, at the top."""
    floor = _pixel(plot.usd[0], plot.floor, plot, size)[1]
    boxes = [(0.0, floor, _LIMIT_WIDTH, floor + _LINE_HEIGHT)]
    if plot.ceiling is not None:
        right = _pixel(plot.ceiling, plot.floor, plot, size)[0]
        boxes.append((right - _LIMIT_WIDTH, 0.0, right, _LINE_HEIGHT))
    return boxes


def _bar(dot: Dot, plot: Plot, size: Size) -> Box:
    x, top = _pixel(dot.usd, dot.high, plot, size)
    return x - 1, top, x + 1, _pixel(dot.usd, dot.low, plot, size)[1]


def _around(x: float, y: float) -> Box:
    return x - 10, y - 10, x + 10, y + 10


def _harm(box: Box, taken: list[tuple[Box, float]], size: Size) -> float:
    left, top, right, bottom = box
    outside = max(0.0, -left, -top, right - size.width, bottom - size.height)
    covered = sum(
        weight for (a, b, c, d), weight in taken if not (right < a or left > c or bottom < b or top > d)
    )
    return covered + outside * _ON_LABEL
