"""Draw quality against cost for one tier: what Altair declared, to SVG through vl-convert, offline.

Only this module and `past_chart` load vl-convert. Its colours are stand-ins: the page's style sheet
replaces each for light, dark and print.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, Final

import vl_convert

from pipeline.domain.visible import shown_name
from pipeline.review.labels import labels_of
from pipeline.review.picture import dress

if TYPE_CHECKING:
    from pipeline.review.labels import Label
    from pipeline.review.plot import Dot, Plot, Size

DECLARED: Final = Path(__file__).parent / "templates" / "chart.json"
"""The chart as `chart_declared` writes it: a tier's rows, window and size are filled in by name."""

INK: Final = "#14181d"
MEMBER: Final = "#0b6b5d"
LEAVER: Final = "#b3471d"
CANDIDATE: Final = "#5a78ad"
EXCLUDED: Final = "#b3bac3"
LIMIT: Final = "#96731a"
PAPER: Final = "#fefefe"

COLOURS: Final = {"member": MEMBER, "leaver": LEAVER, "candidate": CANDIDATE, "excluded": EXCLUDED}
Row = dict[str, float | str]
_DECADE: Final = (1, 2, 5)
_TICK_WIDTH: Final = 75
"""Pixels that the words of a tick take."""


def draw(plot: Plot, size: Size, title: str, description: str) -> str:
    """Return one `<svg>` element with a title and a description; no id, no script, no address."""
    spec = json.loads(DECLARED.read_text("utf-8"))
    frame = spec["layer"][0]["encoding"]
    frame["x"]["scale"]["domain"], frame["y"]["scale"]["domain"] = list(plot.usd), list(plot.quality)
    frame["x"]["axis"]["values"] = _ticks(*plot.usd, most=size.width // _TICK_WIDTH)
    spec |= {"width": size.width, "height": size.height, "datasets": _rows(plot, labels_of(plot, size))}
    return dress(vl_convert.vegalite_to_svg(spec), title, description)


def _rows(plot: Plot, labels: tuple[Label, ...]) -> dict[str, list[Row]]:
    """All rows by the name of their layer's data."""
    ceiling = [] if plot.ceiling is None else [plot.ceiling]
    return {
        "floor": [{"usd": plot.usd[0], "quality": plot.floor, "text": f"floor {plot.floor:.0%}"}],
        "ceiling": [{"usd": usd, "quality": plot.quality[1], "text": f"ceiling ${usd:g}"} for usd in ceiling],
        "hull": [{"usd": usd, "quality": quality} for usd, quality in plot.hull],
        **{kind: [_dot_row(dot, plot) for dot in plot.dots if dot.kind == kind] for kind in COLOURS},
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


def _ticks(low: float, high: float, *, most: int) -> list[float]:
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    for steps in (_DECADE, (1, 3), (1,)):
        ticks = [float(f"{step}e{decade}") for decade in decades for step in steps]
        inside = [tick for tick in ticks if low <= tick <= high]
        if len(inside) <= most:
            break
    return inside
