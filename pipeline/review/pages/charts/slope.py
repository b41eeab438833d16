"""Draws a tier's places before and after as a slope chart, the value of each member beside its name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pipeline.domain.escape import escape_name
from pipeline.review.pages.charts import svg
from pipeline.review.pages.charts.plot import Size, short_names
from pipeline.review.pages.charts.svg import Edges

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_EDGES: Final = Edges(left=8, top=40, right=8, bottom=10)
_STEP: Final = 56
"""Pixels from one place down to the next."""
_TITLE_RISE: Final = 24
_NAME_RISE: Final = 9
"""Pixels from the height of a place up to the name there, and down to its value."""
_DOT: Final = 5
_CHARACTER_WIDTH: Final = 7.6
"""Pixels of an average bold character at the size of a name."""
_SHARES: Final = {True: 0.46, False: 0.41}
"""On a narrow chart and on a wide one: share of the width between an edge and the end of a line there."""
_NARROW: Final = 400
"""Pixels below which a chart is narrow."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SlopePoint:
    """A member at its place, with what a dollar buys there at this week's figures, in words."""

    variant: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Slope:
    """The members of a tier before and after, in rank order."""

    before: tuple[SlopePoint, ...]
    after: tuple[SlopePoint, ...]


def slope_of(before: Sequence[SlopePoint], after: Sequence[SlopePoint]) -> Slope | None:
    """Compare two line-ups; None where there was none before."""
    return Slope(before=tuple(before), after=tuple(after)) if before else None


def draw_slope(slope: Slope, width: int, title: str) -> str:
    """Return one `<svg>`: the old places at the left, the new ones at the right, a line for who stays."""
    size = Size(
        width=width, height=_STEP * (max(len(slope.before), len(slope.after), 1) - 1) + 2 * _NAME_RISE
    )
    stays = {one.variant for one in slope.before} & {one.variant for one in slope.after}
    share = _SHARES[width < _NARROW]
    left, right = size.width * share, size.width * (1 - share)
    heights = {one.variant: _height(place) for place, one in enumerate(slope.after)}
    strokes = [
        [(left, _height(place)), (right, heights[one.variant])]
        for place, one in enumerate(slope.before)
        if one.variant in stays
    ]
    parts = (
        svg.text("end", (left, -_TITLE_RISE), "in force, this week"),
        svg.text("", (right, -_TITLE_RISE), "proposed"),
        svg.lines("slope", strokes),
        *_side(slope.before, width, stays, "leaver"),
        *_side(slope.after, width, stays, "member"),
    )
    return svg.svg_document(size, _EDGES, (title, _description(slope)), parts)


def _side(placed: Sequence[SlopePoint], width: int, stays: set[str], moved: str) -> Iterator[str]:
    """Draw one column: a dot, a name and a value per place; who leaves stands at the left."""
    share = _SHARES[width < _NARROW]
    texts = short_names((one.variant for one in placed), int((width * share - 2 * _DOT) / _CHARACTER_WIDTH))
    leftwards = moved == "leaver"
    x = width * (share if leftwards else 1 - share)
    for place, one in enumerate(placed):
        y = _height(place)
        kind = "candidate" if one.variant in stays else moved
        tip = f"{escape_name(one.variant)}: place {place + 1}, {one.value}"
        edge = x - 2 * _DOT if leftwards else x + 2 * _DOT
        side = " end" if leftwards else ""
        gone = " leaver" if kind == "leaver" else ""
        yield svg.circle(f"dot {kind}", (x, y), _DOT, tip)
        yield svg.text(f"name small{gone}{side}", (edge, y - _NAME_RISE), texts[one.variant])
        yield svg.text(f"small{side}", (edge, y + _NAME_RISE), one.value)


def _height(place: int) -> float:
    return _NAME_RISE + place * _STEP


def _description(slope: Slope) -> str:
    return f"In force: {_list_points(slope.before)}. Proposed: {_list_points(slope.after)}."


def _list_points(placed: Sequence[SlopePoint]) -> str:
    return ", ".join(f"{escape_name(one.variant)}, {one.value}" for one in placed) or "nobody"
