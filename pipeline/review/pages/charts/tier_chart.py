"""Draws quality against cost for one tier as plain SVG; the page's style sheet gives it its colours."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from pipeline.domain.escape import escape_name
from pipeline.review.pages.charts import svg
from pipeline.review.pages.charts.plot import labels_of, pixel
from pipeline.review.pages.charts.svg import Edges

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.review.pages.charts.plot import ChartPoint, Label, Plot, Size

_EDGES: Final = Edges(left=44, top=30, right=22, bottom=46)
_RADII: Final = {"excluded": 3.0, "candidate": 4.0, "leaver": 6.0, "member": 10.0}
"""Pixels of a dot, in the order of painting."""
_RING: Final = 3.0
"""Pixels from the edge of a dot to the ring around a member of the pool in force."""
_DECADE: Final = (1, 2, 5)
_TICK_WIDTH: Final = 75
"""Pixels that the words of a tick take."""
_QUALITY_TICKS: Final = 6
_TITLE_RISE: Final = 18
"""Pixels from the plot up to the middle of its title."""
_TITLE_DROP: Final = 36
"""Pixels from the plot down to the middle of the title of its cost axis."""
_FAR: Final = 20
"""Pixels between a dot and its label beyond which a line leads from one to the other."""


def draw(plot: Plot, size: Size, title: str, description: str) -> str:
    """Return one `<svg>` element with a title and a description; the same plot gives the same bytes."""
    labels = labels_of(plot, size)
    dots = (part for kind in _RADII for part in _dots(kind, plot, size))
    hull = svg.lines("hull", [[pixel(usd, quality, plot, size) for usd, quality in plot.hull]])
    parts = (*_axes(plot, size), *_limits(plot, size), hull, _leaders(labels), *dots, *map(_name, labels))
    return svg.svg_document(size, _EDGES, (title, description), parts)


def _axes(plot: Plot, size: Size) -> Iterator[str]:
    (cheapest, dearest), (lowest, highest) = plot.usd, plot.quality
    costs = _costs(cheapest, dearest, most=size.width // _TICK_WIDTH)
    qualities = svg.round_values(lowest, highest, most=_QUALITY_TICKS)
    yield svg.columns([(pixel(usd, lowest, plot, size)[0], _usd(usd)) for usd in costs], size)
    yield svg.rows(
        [(pixel(cheapest, quality, plot, size)[1], f"{quality:.0%}") for quality in qualities], size
    )
    yield svg.text("", (-_EDGES.left, -_TITLE_RISE), "quality: preferred to the reference")
    end = (size.width, size.height + _TITLE_DROP)
    yield svg.text("end", end, "cost of one task, log scale")


def _limits(plot: Plot, size: Size) -> Iterator[str]:
    """The floor and the ceiling, each named where it meets the edge."""
    floor = pixel(plot.usd[0], plot.floor, plot, size)[1]
    yield svg.lines("limit", [[(0, floor), (size.width, floor)]])
    yield svg.text("limit", (4, floor + 10), f"floor {plot.floor:.0%}")
    if plot.ceiling is not None:
        ceiling = pixel(plot.ceiling, plot.floor, plot, size)[0]
        yield svg.lines("limit", [[(ceiling, 0), (ceiling, size.height)]])
        yield svg.text("limit end", (ceiling - 6, 8), f"ceiling {_usd(plot.ceiling)}")


def _dots(kind: str, plot: Plot, size: Size) -> Iterator[str]:
    """One kind's intervals of quality, then its dots; a member's dot carries its rank."""
    dots = [dot for dot in plot.dots if dot.kind == kind]
    if kind != "excluded":
        yield svg.lines(f"interval {kind}", (_interval(dot, plot, size) for dot in dots))
    for dot in dots:
        middle = pixel(dot.usd, dot.quality, plot, size)
        if dot.before:
            yield svg.circle("before", middle, _RADII[kind] + _RING)
        tip = f"{escape_name(dot.variant)}: quality {dot.quality:.0%}, ${dot.usd:.3g} per task"
        yield svg.circle(f"dot {kind}", middle, _RADII[kind], tip)
        if dot.rank:
            yield svg.text("place middle", middle, dot.rank)


def _interval(dot: ChartPoint, plot: Plot, size: Size) -> list[svg.Point]:
    ends = max(dot.low, plot.quality[0]), min(dot.high, plot.quality[1])
    return [pixel(dot.usd, end, plot, size) for end in ends]


def _leaders(labels: tuple[Label, ...]) -> str:
    """Lines to the labels that found no room beside their dots."""
    far = (label for label in labels if abs(label.place[1] - label.dot[1]) > _FAR)
    return svg.lines("leader", ([label.dot, label.place] for label in far))


def _name(label: Label) -> str:
    kind = "name leaver" if label.leaves else "name"
    return svg.text(kind if label.rightwards else f"{kind} end", label.place, label.text)


def _usd(amount: float) -> str:
    """Write dollars without an exponent and without zeros that say nothing."""
    return f"${amount:.8f}".rstrip("0").removesuffix(".")


def _costs(low: float, high: float, *, most: int) -> list[float]:
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    for steps in (_DECADE, (1, 3), (1,)):
        ticks = [float(f"{step}e{decade}") for decade in decades for step in steps]
        inside = [tick for tick in ticks if low <= tick <= high]
        if len(inside) <= most:
            break
    return inside
