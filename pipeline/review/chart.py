"""Draw quality against cost for one tier: Altair to SVG through vl-convert, offline.

Only this module and `past_chart` load Altair and vl-convert. Its colours are stand-ins: the page's style
sheet replaces each for light, dark and print.
"""

from __future__ import annotations

import functools
import json
import math
from typing import TYPE_CHECKING, Final, Literal

import altair as alt
import vl_convert

from pipeline.domain.visible import shown_name
from pipeline.review.labels import labels_of
from pipeline.review.picture import MUTED, dress, styled

if TYPE_CHECKING:
    from pipeline.review.labels import Label
    from pipeline.review.plot import Dot, Plot, Size

INK: Final = "#14181d"
MEMBER: Final = "#0b6b5d"
LEAVER: Final = "#b3471d"
CANDIDATE: Final = "#5a78ad"
EXCLUDED: Final = "#b3bac3"
LIMIT: Final = "#96731a"
PAPER: Final = "#fefefe"

_COLOURS: Final = {"member": MEMBER, "leaver": LEAVER, "candidate": CANDIDATE, "excluded": EXCLUDED}
_AREAS: Final = {"member": 330, "leaver": 110, "candidate": 46, "excluded": 26}
"""Square pixels of a dot."""
Row = dict[str, float | str]
_DECADE: Final = (1, 2, 5)
_TICK_WIDTH: Final = 75
"""Pixels that the words of a tick take."""


def draw(plot: Plot, size: Size, title: str, description: str) -> str:
    """Return one `<svg>` element with a title and a description; no id, no script, no address."""
    spec = json.loads(_specification())
    frame = spec["layer"][0]["encoding"]
    frame["x"]["scale"]["domain"], frame["y"]["scale"]["domain"] = list(plot.usd), list(plot.quality)
    frame["x"]["axis"]["values"] = _ticks(*plot.usd, most=size.width // _TICK_WIDTH)
    spec |= {"width": size.width, "height": size.height, "datasets": _rows(plot, labels_of(plot, size))}
    return dress(vl_convert.vegalite_to_svg(spec), title, description)


@functools.cache
def _specification() -> str:
    """Build the chart once, checked by Altair; a tier's rows, window and size are filled in by name.

    Building it for every tier costs ten times as much: Altair copies and checks each layer's rows.
    """
    dots = (layer for kind in ("excluded", "candidate", "leaver", "member") for layer in _dots(kind))
    chart = alt.layer(_frame(), *_limits(), *dots, _names("left"), _names("right"))
    text: str = styled(chart).to_json()
    return text


def _frame() -> alt.Chart:
    """The axes and, as the lowest line, the upper hull: straight where cost is linear, a chord here."""
    cost = alt.X("usd:Q", title="cost of one task, log scale")
    quality = alt.Y("quality:Q", title="quality: preferred to the reference")
    hull = _layer("hull").encode(
        x=cost.scale(type="log", nice=False, domain=[1, 10]).axis(format="$~r", values=[1]),
        y=quality.scale(zero=False, nice=False, domain=[0, 1]).axis(format=".0%", tickCount=6),
    )
    frame: alt.Chart = hull.mark_line(color=MUTED, strokeWidth=1.4, opacity=0.7, aria=False)
    return frame


def _rows(plot: Plot, labels: tuple[Label, ...]) -> dict[str, list[Row]]:
    """All rows by the name of their layer's data."""
    ceiling = [] if plot.ceiling is None else [plot.ceiling]
    return {
        "floor": [{"usd": plot.usd[0], "quality": plot.floor, "text": f"floor {plot.floor:.0%}"}],
        "ceiling": [{"usd": usd, "quality": plot.quality[1], "text": f"ceiling ${usd:g}"} for usd in ceiling],
        "hull": [{"usd": usd, "quality": quality} for usd, quality in plot.hull],
        **{kind: [_dot_row(dot, plot) for dot in plot.dots if dot.kind == kind] for kind in _COLOURS},
        **{
            align: [_label_row(each) for each in labels if each.align == align] for align in ("left", "right")
        },
    }


def _dot_row(dot: Dot, plot: Plot) -> Row:
    return {
        "usd": dot.usd,
        "quality": dot.quality,
        "low": max(dot.low, plot.quality[0]),
        "high": min(dot.high, plot.quality[1]),
        "rank": dot.rank,
        "tip": f"{shown_name(dot.variant)}: quality {dot.quality:.0%}, ${dot.usd:.3g} per task",
    }


def _label_row(label: Label) -> Row:
    ink = LEAVER if label.leaves else INK
    return {"usd": label.usd, "quality": label.quality, "text": label.text, "ink": ink}


def _layer(rows: str) -> alt.Chart:
    return alt.Chart(alt.NamedData(name=rows))


def _ticks(low: float, high: float, *, most: int) -> list[float]:
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    for steps in (_DECADE, (1, 3), (1,)):
        ticks = [float(f"{step}e{decade}") for decade in decades for step in steps]
        inside = [tick for tick in ticks if low <= tick <= high]
        if len(inside) <= most:
            break
    return inside


def _limits() -> list[alt.Chart]:
    """The floor and the ceiling, each named where it meets the edge."""
    floor, ceiling = _layer("floor"), _layer("ceiling")
    rules = [floor.encode(y="quality:Q"), ceiling.encode(x="usd:Q")]
    names = [each.encode(x="usd:Q", y="quality:Q", text="text:N") for each in (floor, ceiling)]
    return [
        *(rule.mark_rule(color=LIMIT, strokeDash=[5, 4], strokeWidth=1.2, aria=False) for rule in rules),
        names[0].mark_text(align="left", dx=4, dy=10, color=LIMIT, fontSize=12, aria=False),
        names[1].mark_text(align="right", dx=-6, dy=8, color=LIMIT, fontSize=12, aria=False),
    ]


def _dots(kind: str) -> list[alt.Chart]:
    heavy = kind in {"member", "leaver"}
    colour, opacity = _COLOURS[kind], 0.8 if heavy else 0.35
    point = _layer(kind).encode(x="usd:Q", y="quality:Q", description="tip:N")
    point = point.mark_point(
        filled=kind != "leaver", color=colour, size=_AREAS[kind], opacity=1, strokeWidth=2
    )
    bar = _layer(kind).encode(x="usd:Q", y="low:Q", y2="high:Q")
    bar = bar.mark_rule(color=colour, strokeWidth=2 if heavy else 1, opacity=opacity, aria=False)
    number = _layer(kind).encode(x="usd:Q", y="quality:Q", text="rank:N")
    number = number.mark_text(color=PAPER, fontSize=12, fontWeight="bold", dy=0.5, aria=False)
    return {"excluded": [point], "member": [bar, point, number]}.get(kind, [bar, point])


def _names(align: Literal["left", "right"]) -> alt.Chart:
    ink = alt.Color("ink:N", scale=None)
    side = _layer(align).encode(x="usd:Q", y="quality:Q", text="text:N", color=ink)
    names: alt.Chart = side.mark_text(align=align, fontSize=13, fontWeight=600, aria=False)
    return names
