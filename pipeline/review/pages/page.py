"""Draws `report.html`, one self-contained page, `proposal.md` and `open-names.csv` from a proposal.

Loads Jinja2; import it only where a page is drawn.
"""

from __future__ import annotations

import base64
import csv
import functools
import hashlib
import io
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from pipeline.domain.escape import escape_name, escape_text, spell_out
from pipeline.review.pages.proposal_view import proposal_view
from pipeline.review.pages.registry import SECTIONS
from pipeline.review.pages.section import Place, drawn_sections
from pipeline.review.pages.sections import changes
from pipeline.review.proposals.proposal_store import RenderedPages

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pipeline.domain.proposal import OpenNameLine, Proposal
    from pipeline.review.pages.proposal_view import PageContext, ProposalView
    from pipeline.review.pages.section import DrawnSection, Section


TEMPLATES: Final = Path(__file__).parent / "templates"

MOST_CHARACTERS: Final = 60_000
"""Of `proposal.md`: GitHub takes 65,536 as the body of a pull request, and who opens it may add a word."""


def render_page(proposal: Proposal, record: PageContext | None = None) -> RenderedPages:
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
            css=trusted_markup(css),
            script=trusted_markup(script),
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
        trusted_markup=trusted_markup,
        code=code,
        sentence=sentence,
    )
    return environment


def trusted_markup(drawn: str) -> Markup:
    """Vouch for our own style sheet or drawing."""
    return Markup(drawn)  # noqa: S704 - our own style sheet, or a drawing whose texts are escaped


_MARKUP: Final = re.compile(r"[\\`*\[\]<>|&~]|\$(?!\d)|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")
_ADDRESS: Final = re.compile(r"://|\bwww\.|(?<!\w)@|@(?=[\w-]+\.)", re.IGNORECASE)
_AT_START: Final = re.compile(r"^(?:(\d+)([.)])|([#+=-]))")
"""What would open a heading, a list or an underline where a sentence starts a block."""
_IN_CODE: Final = re.compile(r"[`|]")


def code(text: str) -> str:
    """Write a printable name as a code span that no name can leave."""
    inside = _IN_CODE.sub(lambda mark: f"\\u{ord(mark[0]):04x}", text)
    return f"`{inside or ' '}`"


def sentence(text: str) -> str:
    """Write a printable text: no emphasis, link, markup, table cell or entity comes out of it."""
    marked = _MARKUP.sub(lambda mark: f"\\{mark[0]}", text)
    still = _ADDRESS.sub(lambda mark: re.sub(r"([:.@])", r"\\\1", mark[0]), marked)
    return _AT_START.sub(lambda mark: f"{mark[1] or ''}\\{mark[2] or mark[3]}", still)


_HEADER: Final = ("source", "key", "name", "value", "suggestions")
_FORMULA: Final = re.compile("\\s*[-=+@'\uff0d\uff1d\uff0b\uff20]")
"""What a spreadsheet runs, also in full width, and the apostrophe that we put before it."""
_CELL_AFTER: Final = re.compile(f";(?={_FORMULA.pattern})")
"""Where a spreadsheet of a country with decimal commas would start a new cell that it runs."""


def open_names_csv(names: tuple[OpenNameLine, ...]) -> str:
    """Write the names that wait for a judgement as RFC 4180 rows.

    A cell that a spreadsheet would run starts with an apostrophe.

    A cell that starts with an apostrophe gets a second one, so that removing one restores it.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(_HEADER)
    for line in names:
        cells = (escape_name(line.source), escape_name(line.key), escape_name(line.name))
        suggestions = escape_text("; ".join(line.suggestions))
        writer.writerow(
            [*(_escape_formula(cell) for cell in cells), line.value or "", _escape_formula(suggestions)]
        )
    return out.getvalue()


def _escape_formula(cell: str) -> str:
    one = _CELL_AFTER.sub(lambda _: spell_out(";"), cell)
    return f"'{one}" if _FORMULA.match(one) else one
