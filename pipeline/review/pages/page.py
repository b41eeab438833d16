"""`report.html`: one self-contained page, drawn from the proposal and from nothing else.

Loads Jinja2; import it only where a page is drawn.
"""

from __future__ import annotations

import base64
import functools
import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from pipeline.domain.escape import escape_name, escape_text
from pipeline.review.pages import number_format
from pipeline.review.pages.charts.plot import Size, plot_of
from pipeline.review.pages.charts.tier_chart import draw
from pipeline.review.pages.markdown import proposal_markdown
from pipeline.review.pages.proposal_view import proposal_view
from pipeline.review.pages.vendor_outage_view import LOSS_HEADER, LOSS_INTRO
from pipeline.review.proposals.open_names import open_names_csv
from pipeline.review.proposals.proposal_store import RenderedPages

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipeline.domain.proposal import Proposal
    from pipeline.review.pages.charts.plot import Plot
    from pipeline.review.pages.proposal_view import ProposalView

TEMPLATES: Final = Path(__file__).parent / "templates"
SIZES: Final = {"wide": Size(width=880, height=420), "narrow": Size(width=330, height=330)}
"""Two drawings of each chart, so that its words stay readable on a phone; the style sheet shows one."""


def render_page(proposal: Proposal) -> RenderedPages:
    """Draw the three files that people read; the same proposal gives the same bytes."""
    arranged = proposal_view(proposal)
    return RenderedPages(
        markdown=proposal_markdown(arranged),
        html=report_html(arranged, draw_charts(arranged)),
        open_names=open_names_csv(proposal.open_names),
    )


def draw_charts(arranged: ProposalView) -> dict[str, dict[str, str]]:
    """Draw each tier's chart in each size: tier to size to `<svg>`; a tier without numbers has none."""
    charts: dict[str, dict[str, str]] = {}
    for tier in arranged.tiers:
        plot = plot_of(tier.name, arranged.proposal)
        if plot is not None:
            title = f"Quality against cost, tier {tier.name}"
            said = _description(plot)
            charts[tier.name] = {
                name: draw(plot, size, escape_name(title), said) for name, size in SIZES.items()
            }
    return charts


def report_html(arranged: ProposalView, charts: Mapping[str, Mapping[str, str]]) -> str:
    """Fill the template; everything but our own drawings and style sheet is escaped."""
    css = (TEMPLATES / "report.css").read_text("utf-8")
    return (
        environment()
        .get_template("report.html.j2")
        .render(
            view=arranged,
            charts={name: {size: ours(svg) for size, svg in sizes.items()} for name, sizes in charts.items()},
            css=ours(css),
            css_digest=base64.b64encode(hashlib.sha256(css.encode()).digest()).decode(),
            promise=number_format.PROMISE,
            caveat=number_format.CAVEAT,
            costs=number_format.COSTS,
            loss_intro=LOSS_INTRO,
            loss_header=LOSS_HEADER,
        )
    )


@functools.cache
def environment() -> Environment:
    """Return the templates' environment: it escapes whatever is not our own."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(
        name=escape_name, text=escape_text, usd=number_format.usd, percent=number_format.percent
    )
    return environment


def ours(drawn: str) -> Markup:
    """Vouch for our own style sheet or drawing."""
    return Markup(drawn)  # noqa: S704 - our own style sheet, or a drawing whose texts are escaped


def _description(plot: Plot) -> str:
    members = [escape_name(dot.variant) for dot in plot.dots if dot.kind == "member"]
    leavers = [escape_name(dot.variant) for dot in plot.dots if dot.kind == "leaver"]
    said = f"{len(plot.dots)} variants. Members: {', '.join(members)}."
    gone = f" Leaving: {', '.join(leavers)}." if leavers else ""
    return f"{said}{gone} Every member and candidate is in the table below."
