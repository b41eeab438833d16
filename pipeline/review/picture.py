"""What all charts share: their look, and the words an `<svg>` carries."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import altair as alt

MUTED: Final = "#5d6772"
GRID: Final = "#e3e6ea"
_ROOT: Final = re.compile(r"<svg\b[^>]*?(viewBox=\"[^\"]*\")[^>]*>")
_NAMED: Final = re.compile(r"<path aria-label=\"([^\"]*)\"([^>]*)/>")
_ARIA: Final = re.compile(r" (?:role|aria-[a-z]+)=\"[^\"]*\"")


def styled(chart: alt.LayerChart | alt.FacetChart) -> alt.LayerChart | alt.FacetChart:
    """Give a chart the look that all of ours have."""
    plain = chart.properties(background="transparent").configure(font="system-ui, sans-serif", aria=True)
    dressed: alt.LayerChart | alt.FacetChart = plain.configure_view(stroke=None).configure_axis(
        gridColor=GRID,
        domainColor=GRID,
        ticks=False,
        labelColor=MUTED,
        labelFontSize=12,
        labelPadding=6,
        titleColor=MUTED,
        titleFontSize=12,
        titleFontWeight="normal",
        titlePadding=10,
    )
    return dressed


def dress(svg: str, title: str, description: str) -> str:
    """Give the picture its words; a point's name becomes the tip a pointer shows."""
    named = _NAMED.sub(r"<path\2><title>\1</title></path>", svg)
    plain = _ARIA.sub("", named)
    words = f"<title>{html.escape(title)}</title><desc>{html.escape(description)}</desc>"
    opening = f'role="img" aria-label="{html.escape(title)}">{words}'
    return _ROOT.sub(lambda root: f"<svg {root[1]} {opening}", plain, count=1)
