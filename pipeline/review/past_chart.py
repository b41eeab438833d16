"""Draw a tier's past: what its picks lost, which places changed hands, and who held it when.

Loads Altair and vl-convert, and keeps the colours of `chart` and its words for a picture.
Days are numbers on the axis, so that no clock or time zone of a machine moves a mark.
"""

from __future__ import annotations

import functools
import json
from typing import TYPE_CHECKING, Final

import altair as alt
import vl_convert

from pipeline.domain.visible import shown_name
from pipeline.review.chart import CANDIDATE, MEMBER
from pipeline.review.labels import short_names
from pipeline.review.past import after_last, stays, ticks
from pipeline.review.picture import MUTED, dress, styled

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.review.past import PastWeek, Stay
    from pipeline.review.plot import Size

Row = dict[str, float | str | None]

_TICK_WIDTH: Final = 64
"""Pixels that a day's words take."""
_LINE_HEIGHT: Final = 18
"""Pixels of one model's line."""
_NAMES: Final = {True: (165, 10), False: (225, 12)}
"""On a narrow picture and on a wide one: pixels kept free for names, and the size of their letters."""
_NARROW: Final = 500
"""Pixels of plot below which a picture is narrow."""


def draw_losses(weeks: Sequence[PastWeek], size: Size, words: tuple[str, str]) -> str:
    """Draw what the first pick and the bands lost, week by week, as one `<svg>`; a gap was not judged.

    Args:
        weeks: Of one tier, in order.
        size: Of the plot, without axes.
        words: The picture's title and description.
    """
    spec = _filled(_losses(), weeks, size)
    rows: dict[str, list[Row]] = {
        "first": [{"day": one.day.toordinal(), "value": one.loss_first} for one in weeks],
        "bands": [{"day": one.day.toordinal(), "value": one.loss_bands} for one in weeks],
    }
    return dress(vl_convert.vegalite_to_svg(spec | {"datasets": rows}), *words)


def draw_turnover(weeks: Sequence[PastWeek], size: Size, words: tuple[str, str]) -> str:
    """Draw the share of the places that changed hands, week by week, as one `<svg>`."""
    spec = _filled(_turnover(), weeks, size)
    rows: list[Row] = [{"day": one.day.toordinal(), "value": one.turnover} for one in weeks if one.turnover]
    return dress(vl_convert.vegalite_to_svg(spec | {"datasets": {"moved": rows}}), *words)


def draw_stays(weeks: Sequence[PastWeek], width: int, words: tuple[str, str]) -> str:
    """Draw who held the tier when, one line a model, and when it was the first pick, as one `<svg>`."""
    held, leading = stays(weeks), stays(weeks, 1)
    models = list(dict.fromkeys(stay.model for stay in held))
    names = short_names(models)
    spec = json.loads(_pools())
    _set_days(spec, weeks, width)
    height = _LINE_HEIGHT * max(len(models), 1)
    axis = spec["layer"][0]["encoding"]["y"]
    axis["scale"]["domain"] = [names[model] for model in models]
    free, letters = _NAMES[width < _NARROW]
    axis["axis"] |= {"minExtent": free, "maxExtent": free, "labelLimit": 0, "labelFontSize": letters}
    spec |= {"width": width, "height": height}
    rows = {
        "held": [_bar(stay, names[stay.model]) for stay in held],
        "first": [_bar(stay, names[stay.model]) for stay in leading],
    }
    return dress(vl_convert.vegalite_to_svg(spec | {"datasets": rows}), *words)


def _bar(stay: Stay, name: str) -> Row:
    return {
        "day": stay.since.toordinal(),
        "until": stay.until.toordinal(),
        "name": name,
        "tip": f"{shown_name(stay.model)}: {stay.since} to {stay.until}",
    }


def _days() -> alt.X:
    """The axis of days; window, ticks and their words are filled in."""
    axis = alt.Axis(values=[1], labelExpr="", grid=True)
    days: alt.X = alt.X(
        "day:Q", title=None, scale=alt.Scale(domain=[1, 2], nice=False, zero=False), axis=axis
    )
    return days


def _layer(rows: str) -> alt.Chart:
    return alt.Chart(alt.NamedData(name=rows))


def _dot(colour: str) -> alt.OverlayMarkDef:
    """Show a judged week between two that are not."""
    return alt.OverlayMarkDef(size=9, color=colour, opacity=1)


@functools.cache
def _losses() -> str:
    value = alt.Y("value:Q", title="answers lost").scale(zero=True).axis(tickCount=5)
    bands = (
        _layer("bands")
        .encode(x=_days(), y=value)
        .mark_line(color=CANDIDATE, strokeWidth=1.6, aria=False, point=_dot(CANDIDATE))
    )
    first = (
        _layer("first")
        .encode(x=_days(), y=value)
        .mark_line(color=MEMBER, strokeWidth=2, aria=False, point=_dot(MEMBER))
    )
    text: str = styled(alt.layer(bands, first)).to_json()
    return text


@functools.cache
def _turnover() -> str:
    value = alt.Y("value:Q", title="places moved").scale(domain=[0, 1]).axis(format=".0%", tickCount=3)
    moved = _layer("moved").encode(x=_days(), y=value, y2=alt.datum(0))
    text: str = styled(alt.layer(moved.mark_rule(color=MEMBER, strokeWidth=3, aria=False))).to_json()
    return text


@functools.cache
def _pools() -> str:
    axis = alt.Axis(grid=False, domain=False, labelColor=MUTED)
    lines = alt.Y("name:N", title=None, sort=None, scale=alt.Scale(domain=[""], padding=0.25), axis=axis)
    held = _layer("held").encode(x=_days(), x2="until:Q", y=lines, description="tip:N")
    first = _layer("first").encode(x=_days(), x2="until:Q", y=lines)
    both = alt.layer(
        held.mark_bar(color=CANDIDATE, opacity=0.55, cornerRadius=2),
        first.mark_bar(color=MEMBER, cornerRadius=2, aria=False),
    )
    text: str = styled(both).to_json()
    return text


def _filled(specification: str, weeks: Sequence[PastWeek], size: Size) -> dict[str, object]:
    spec: dict[str, object] = json.loads(specification)
    _set_days(spec, weeks, size.width)
    return spec | {"width": size.width, "height": size.height}


def _set_days(spec: dict[str, object], weeks: Sequence[PastWeek], width: int) -> None:
    """Put the window and its ticks into every layer; the scale is shared, the axis is the first one's."""
    layers = spec["layer"]
    if not isinstance(layers, list):
        raise TypeError("the chart has layers")
    marks = ticks(weeks[0].day, after_last(weeks), most=max(2, width // _TICK_WIDTH))
    named = " : ".join(f"datum.value === {day.toordinal()} ? '{word}'" for day, word in marks)
    for layer in layers:
        days = layer["encoding"]["x"]
        days["scale"]["domain"] = [weeks[0].day.toordinal(), after_last(weeks).toordinal()]
        days["axis"]["values"] = [day.toordinal() for day, _ in marks]
        days["axis"]["labelExpr"] = f"{named} : ''"
