"""Draws a tier's past: what its picks lost, which places changed hands, and who held it when.

Plain SVG; the page's style sheet gives it its colours.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pipeline.domain.escape import escape_name
from pipeline.review.pages.backtest_view import after_last, tenures, ticks
from pipeline.review.pages.charts import svg
from pipeline.review.pages.charts.plot import Size, short_names
from pipeline.review.pages.charts.svg import Edges

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import date

    from pipeline.domain.run import PastWeek
    from pipeline.review.pages.backtest_view import Tenure

_EDGES: Final = Edges(left=44, top=30, right=22, bottom=24)
_TICK_WIDTH: Final = 64
"""Pixels that a day's words take."""
_LINE_HEIGHT: Final = 18
"""Pixels of one model's line."""
_THICK: Final = 12
"""Pixels of a model's bar in its line."""
_NAMES: Final = {True: (195, "small end"), False: (235, "end")}
"""On a narrow picture and on a wide one: pixels kept free for names, and how they are written."""
_NARROW: Final = 500
"""Pixels of plot below which a picture is narrow."""
_LOSS_TICKS: Final = 5
_WEEK: Final = 1.7
"""Pixels of the dot of a judged week; the only mark of one between two that are not."""
_TITLE_RISE: Final = 18


def draw_losses(weeks: Sequence[PastWeek], size: Size, words: tuple[str, str]) -> str:
    """Draw what the first pick and all members lost, week by week, as one `<svg>`; a gap was not judged.

    Args:
        weeks: Of one tier, in order.
        size: Of the plot, without axes.
        words: The picture's title and description.
    """
    place = _place_of(weeks, size.width)
    said = [loss for week in weeks for loss in (week.loss_first, week.loss_bands) if loss is not None]
    most = max(said, default=0.0) or 1.0
    height = _height_of(size, most)
    values = svg.round_values(0, most, most=_LOSS_TICKS)
    every = [
        (place(week.day), None if week.loss_bands is None else height(week.loss_bands)) for week in weeks
    ]
    first = [
        (place(week.day), None if week.loss_first is None else height(week.loss_first)) for week in weeks
    ]
    parts = (
        _days(weeks, size),
        svg.rows([(height(value), f"{value:g}") for value in values], size),
        svg.text("", (-_EDGES.left, -_TITLE_RISE), "answers lost"),
        *_curve("candidate", every),
        *_curve("member", first),
    )
    return svg.svg_document(size, _EDGES, words, parts)


def draw_turnover(weeks: Sequence[PastWeek], size: Size, words: tuple[str, str]) -> str:
    """Draw the share of the places that changed hands, week by week, as one `<svg>`."""
    place, height = _place_of(weeks, size.width), _height_of(size, 1)
    moved = ((place(week.day), week.turnover) for week in weeks if week.turnover)
    strokes = ([(x, size.height), (x, height(share))] for x, share in moved)
    parts = (
        _days(weeks, size),
        svg.rows([(height(share), f"{share:.0%}") for share in (0, 0.5, 1)], size),
        svg.text("", (-_EDGES.left, -_TITLE_RISE), "places moved"),
        svg.lines("moved member", strokes),
    )
    return svg.svg_document(size, _EDGES, words, parts)


def draw_tenures(weeks: Sequence[PastWeek], width: int, words: tuple[str, str]) -> str:
    """Draw who held the tier when, one line a model, and when it was the first pick, as one `<svg>`."""
    held, leading = tenures(weeks), tenures(weeks, 1)
    names = short_names(dict.fromkeys(stay.model for stay in held))
    lines = {model: place * _LINE_HEIGHT for place, model in enumerate(names)}
    size = Size(width=width, height=_LINE_HEIGHT * max(len(lines), 1))
    free, kind = _NAMES[width < _NARROW]
    edges = Edges(left=free, top=4, right=_EDGES.right, bottom=_EDGES.bottom)
    said = (svg.text(kind, (-10, top + _LINE_HEIGHT / 2), names[one]) for one, top in lines.items())
    place = _place_of(weeks, width)
    bars = [_bar("stay candidate", stay, lines, place, _span(stay)) for stay in held]
    bars += [_bar("stay member", stay, lines, place) for stay in leading]
    return svg.svg_document(size, edges, words, (_days(weeks, size), *said, *bars))


def _bar(
    kind: str, stay: Tenure, lines: dict[str, int], place: Callable[[date], float], tip: str = ""
) -> str:
    since = place(stay.since)
    corner = (since, lines[stay.model] + (_LINE_HEIGHT - _THICK) / 2)
    return svg.bar(kind, corner, place(stay.until) - since, _THICK, tip)


def _span(stay: Tenure) -> str:
    return f"{escape_name(stay.model)}: {stay.since} to {stay.until}"


def _curve(kind: str, places: list[tuple[float, float | None]]) -> Iterator[str]:
    """Strokes through weeks that were judged one after the other, and a dot for each of them."""
    strokes: list[list[svg.Point]] = [[]]
    for x, y in places:
        if y is None:
            strokes.append([])
        else:
            strokes[-1].append((x, y))
    yield svg.lines(f"curve {kind}", strokes)
    yield from (svg.circle(f"dot {kind}", point, _WEEK) for stroke in strokes for point in stroke)


def _days(weeks: Sequence[PastWeek], size: Size) -> str:
    most = max(2, size.width // _TICK_WIDTH)
    place = _place_of(weeks, size.width)
    marks = ticks(weeks[0].day, after_last(weeks), most=most)
    return svg.columns([(place(day), said) for day, said in marks], size)


def _place_of(weeks: Sequence[PastWeek], width: int) -> Callable[[date], float]:
    """Where a day lies, in pixels from the left edge of the plot; a single day lies there itself."""
    first, last = weeks[0].day, after_last(weeks)
    days = (last - first).days or 1
    return lambda day: (day - first).days / days * width


def _height_of(size: Size, most: float) -> Callable[[float], float]:
    """Where a value lies, in pixels from the upper edge of the plot; nothing is at the lower one."""
    return lambda value: size.height * (1 - value / most)
