"""Declare the chart of one tier with Altair, which checks it against the schema of Vega-Lite.

`python -m pipeline.review.chart_declared > pipeline/review/templates/chart.json` writes what `chart` draws.
Declared once and not in every run: loading Altair and declaring takes longer than drawing all tiers.
"""

from __future__ import annotations

import sys
from typing import Final, Literal

import altair as alt

from pipeline.review.chart import COLOURS, LIMIT, PAPER
from pipeline.review.picture import MUTED, styled

_AREAS: Final = {"member": 330, "leaver": 110, "candidate": 46, "excluded": 26}
"""Square pixels of a dot."""


def declared() -> str:
    """Return the chart as Vega-Lite; the same text on every machine."""
    dots = (layer for kind in ("excluded", "candidate", "leaver", "member") for layer in _dots(kind))
    chart = alt.layer(_frame(), *_limits(), *dots, _names("left"), _names("right"))
    text: str = styled(chart).to_json()
    return f"{text}\n"


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


def _layer(rows: str) -> alt.Chart:
    return alt.Chart(alt.NamedData(name=rows))


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
    colour, opacity = COLOURS[kind], 0.8 if heavy else 0.35
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


if __name__ == "__main__":
    sys.stdout.write(declared())
