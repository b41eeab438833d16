"""Draws `report.html`, one self-contained page, and `proposal.md` from a proposal's sections.

Loads Jinja2; import it only where a page is drawn.
"""

from __future__ import annotations

import base64
import functools
import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from pipeline.domain.escape import escape_name, escape_text
from pipeline.review.pages import markdown_escape
from pipeline.review.pages.proposal_view import proposal_view
from pipeline.review.pages.registry import SECTIONS
from pipeline.review.pages.section import Place, drawn_sections
from pipeline.review.pages.sections import changes
from pipeline.review.proposals.open_names import open_names_csv
from pipeline.review.proposals.proposal_store import RenderedPages

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pipeline.domain.proposal import Proposal
    from pipeline.review.pages.proposal_view import ProposalView, ReviewRecord
    from pipeline.review.pages.section import DrawnSection, Section

TEMPLATES: Final = Path(__file__).parent / "templates"

MOST_CHARACTERS: Final = 60_000
"""Of `proposal.md`: GitHub takes 65,536 as the body of a pull request, and who opens it may add a word."""


def render_page(proposal: Proposal, record: ReviewRecord | None = None) -> RenderedPages:
    """Draw the three files that people read; the same proposal and record give the same bytes."""
    view = proposal_view(proposal, record)
    return RenderedPages(
        markdown=proposal_markdown(view),
        html=report_html(view),
        open_names=open_names_csv(proposal.open_names),
    )


def report_html(view: ProposalView, sections: Iterable[Section] = SECTIONS) -> str:
    """Fill the template; everything but our own drawings, style sheet and script is escaped."""
    css, script = ((TEMPLATES / name).read_text("utf-8") for name in ("report.css", "report.js"))
    return (
        environment()
        .get_template("report.html.j2")
        .render(
            view=view,
            sections=drawn_sections(view, sections),
            css=ours(css),
            script=ours(script),
            digest=_policy_digest,
        )
    )


def _policy_digest(text: str) -> str:
    """Return what a Content-Security-Policy names a style sheet or a script by."""
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def proposal_markdown(view: ProposalView, sections: Iterable[Section] = SECTIONS) -> str:
    """Write the same for a git host, as the body of a pull request; charts are on the page only.

    A host refuses a longer body, so the last sections that only explain are left to the page, and counted.
    """
    shown, left = list(drawn_sections(view, sections)), list[str]()
    filled = _markdown(shown, left)
    tail = [one for one in shown if one.place is Place.BODY and one.name != changes.SECTION.name]
    while len(filled) > MOST_CHARACTERS and tail:
        shown.remove(tail[-1])
        left.insert(0, tail.pop().name)
        filled = _markdown(shown, left)
    if len(filled) > MOST_CHARACTERS:
        whole_lines = filled[:MOST_CHARACTERS].rpartition("\n")[0]
        filled = f"{whole_lines}\n\nCut here for length: report.html has all.\n"
    return filled


def _markdown(sections: Iterable[DrawnSection], left: Sequence[str]) -> str:
    filled = environment().get_template("proposal.md.j2").render(sections=sections, left=left)
    return filled.strip("\n") + "\n"


@functools.cache
def environment() -> Environment:
    """Return the templates' environment: HTML escapes whatever is not our own, Markdown each span."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=select_autoescape(disabled_extensions=("md.j2",), default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(
        name=escape_name,
        text=escape_text,
        ours=ours,
        code=markdown_escape.code,
        sentence=markdown_escape.sentence,
    )
    return environment


def ours(drawn: str) -> Markup:
    """Vouch for our own style sheet or drawing."""
    return Markup(drawn)  # noqa: S704 - our own style sheet, or a drawing whose texts are escaped
