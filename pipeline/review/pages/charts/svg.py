"""Writes plain SVG: elements, axes, and the words that every picture carries.

An element names its class and no colour: the page's style sheet colours each class for light, dark and print.
"""

from __future__ import annotations

import html
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pipeline.domain.document import decimal_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pipeline.review.pages.charts.plot import Size

Point = tuple[float, float]
"""x and y in pixels of the plot, from its upper left corner."""
Ticks = list[tuple[float, str]]
"""Where on an axis, in pixels, and what is written there."""

_STEPS: Final = (1.0, 2.0, 5.0, 10.0)
_TICK_GAP: Final = 8
"""Pixels between the plot and the words of a tick beside it."""
_TICK_DROP: Final = 14
"""Pixels from the plot down to the middle of the words of a tick below it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edges:
    """Pixels kept free around a plot for the words of its axes."""

    left: int
    top: int
    right: int
    bottom: int


def svg_document(size: Size, edges: Edges, words: tuple[str, str], parts: Iterable[str]) -> str:
    """Return one `<svg>` element: no id, no script, no address; the same parts give the same bytes.

    Args:
        size: Of the plot, whose upper left corner is the origin.
        edges: Around it.
        words: The picture's title and description.
        parts: What is drawn, lowest first.
    """
    width, height = edges.left + size.width + edges.right, edges.top + size.height + edges.bottom
    title, description = (html.escape(text) for text in words)
    box = f"{-edges.left} {-edges.top} {width} {height}"
    opening = f'<svg viewBox="{box}" role="img" aria-label="{title}">'
    return f"{opening}<title>{title}</title><desc>{description}</desc>{''.join(parts)}</svg>"


def circle(kind: str, middle: Point, radius: float, tip: str = "") -> str:
    """Draw a disc; a pointer shows its tip."""
    x, y = map(pixels, middle)
    return f'<circle class="{kind}" cx="{x}" cy="{y}" r="{pixels(radius)}">{_tip(tip)}</circle>'


def bar(kind: str, corner: Point, width: float, height: float, tip: str = "") -> str:
    """Draw an upright rectangle from its upper left corner; a pointer shows its tip."""
    x, y = map(pixels, corner)
    sides = f'width="{pixels(width)}" height="{pixels(height)}"'
    return f'<rect class="{kind}" x="{x}" y="{y}" {sides} rx="2">{_tip(tip)}</rect>'


def lines(kind: str, strokes: Iterable[Sequence[Point]]) -> str:
    """Draw any number of strokes, each through its points, as one path; nothing where there is none."""
    drawn = "".join(
        "M" + "L".join(f"{pixels(x)} {pixels(y)}" for x, y in stroke) for stroke in strokes if stroke
    )
    return f'<path class="{kind}" d="{drawn}"/>' if drawn else ""


def text(kind: str, place: Point, content: str) -> str:
    """Write a text, its middle line at the place's height."""
    x, y = map(pixels, place)
    return f'<text class="{kind}" x="{x}" y="{y}">{html.escape(content)}</text>'


def columns(ticks: Ticks, size: Size) -> str:
    """Draw the grid's upright lines with their words below the plot."""
    grid = lines("grid", ([(x, 0), (x, size.height)] for x, _ in ticks))
    return grid + "".join(text("middle", (x, size.height + _TICK_DROP), said) for x, said in ticks)


def rows(ticks: Ticks, size: Size) -> str:
    """Draw the grid's level lines with their words at the left of the plot."""
    grid = lines("grid", ([(0, y), (size.width, y)] for y, _ in ticks))
    return grid + "".join(text("end", (-_TICK_GAP, y), said) for y, said in ticks)


def round_values(low: float, high: float, *, most: int) -> list[float]:
    """Return the multiples of 1, 2 or 5 times a power of ten between two values, `most` of them at most."""
    step = 10.0 ** math.floor(math.log10((high - low) / most))
    width = next(step * one for one in _STEPS if (high - low) / (step * one) <= most)
    return [number * width for number in range(math.ceil(low / width), math.floor(high / width) + 1)]


def pixels(value: float) -> str:
    """Write a length or a place to a tenth of a pixel."""
    return decimal_text(value, 1).removesuffix(".0")


def _tip(content: str) -> str:
    return f"<title>{html.escape(content)}</title>" if content else ""
