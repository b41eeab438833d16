"""Texts of a source that try to become more than text, in every file that is written."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest
from markdown_it import MarkdownIt

from pipeline.domain.observation import Finding, Severity
from pipeline.review.pages.page import open_names_csv, proposal_markdown, report_html
from pipeline.review.pages.proposal_view import proposal_view
from pipeline.review.proposals.compose import compose_proposal
from pipeline.review.proposals.documents import document_bytes

if TYPE_CHECKING:
    from collections.abc import Callable

    from pipeline.domain.crosswalk import OpenName
    from pipeline.domain.proposal import Proposal
    from pipeline.review.proposals.compose import Draft

HOSTILE = {
    "script": "<script>alert(1)</script>",
    "attribute": '" onmouseover="alert(1)',
    "image": "<img src=x onerror=alert(1)>",
    "close": "</code></td></table></svg><h1>owned</h1>",
    "template": "{{ 7*7 }}{% raw %}${7*7}",
    "entity": "&lt;b&gt;&#106;",
    "link": "[click](https://evil.example)",
    "picture": "![x](https://evil.example/x.png)",
    "address": "https://evil.example www.evil.example a@evil.example",
    "code": "`code` ``two`` |cell| *bold* __under__ ~~gone~~",
    "heading": "# heading",
    "break": "line\r\n\r\n# heading\n<b>x</b>",
    "fence": "```\n<b>x</b>",
    "escape": "\x1b[31mred\x1b]8;;https://evil.example\x07link\x1b]8;;\x07",
    "bidi": "abc\u202egnp.exe\u2066\u200b\u00ad",
    "null": "nul\x00l",
    "formula": '=HYPERLINK("https://evil.example")',
    "formula plus": "+1+cmd|' /C calc'!A0",
    "formula minus": "-2+3",
    "formula at": "@SUM(1)",
    "formula tab": "\t=1+1",
    "rich": "[bold red]x[/bold]",
    "backslash": "a\\|b\\`c",
    "homoglyph": "gpt-5.6-s\u043el",
    "indented": "    code",
    "numbered": "1. one",
    "item": "- item",
    "quoted": "> quote",
    "ruler": "---",
    "underline": "===",
    "setext": "text\n---",
    "quote": "say \"it\", 'then', leave",
}


class Shape(HTMLParser):
    """The tags and attributes of a page, and what stands between them."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, tuple[str, ...]]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, tuple(name for name, _ in attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def shape(html: str) -> Shape:
    seen = Shape()
    seen.feed(html)
    seen.close()
    return seen


def with_text(draft: Draft, text: str, make: Callable[[str, float | None, str], OpenName]) -> Proposal:
    """The small proposal with one text of a source in every place where one can be."""
    report = draft.tiers["frugal"]
    standings = tuple(
        each.model_copy(update={"variant": text, "detail": text}) if each.variant == "free-1@none" else each
        for each in report.standings
    )
    standings = tuple(
        each.model_copy(update={"variant": f"{text}!"}) if each.variant == "old-1@none" else each
        for each in standings
    )
    changes = tuple(
        each.model_copy(update={"variant": f"{text}!", "reason": text})
        if each.variant == "old-1@none"
        else each
        for each in draft.changes
    )
    inputs = tuple(each.model_copy(update={"detail": text}) for each in draft.inputs)
    losses = tuple(
        each.model_copy(
            update={
                "vendor": text,
                "chosen_again": each.chosen_again.model_copy(update={"variants": (text,)}),
            }
        )
        for each in report.losses or ()
    )
    frugal = draft.pool.tiers["frugal"]
    members = tuple(each.model_copy(update={"cost_grade": text}) for each in frugal.members)
    tiers = {**draft.pool.tiers, "frugal": frugal.model_copy(update={"members": members})}
    return compose_proposal(
        replace(
            draft,
            tiers={
                **draft.tiers,
                "frugal": report.model_copy(update={"standings": standings, "losses": losses}),
            },
            changes=changes,
            inputs=inputs,
            pool=draft.pool.model_copy(update={"attribution": (text,), "tiers": tiers}),
            resolution=replace(draft.resolution, open_names=(make(text, 1402.0, "lmarena-text"),) * 2),
            findings=(
                Finding(kind=text, severity=Severity.HOLD, subject=text, message=text),
                Finding(kind=text, severity=Severity.WARN, subject=text, message=text),
            ),
        )
    )


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_text_adds_no_tag_and_no_attribute_to_the_page(
    draft: Draft, make_open_name: Callable[[str, float | None, str], OpenName], text: str
) -> None:
    tame = report_html(proposal_view(with_text(draft, "tame", make_open_name)))
    html = report_html(proposal_view(with_text(draft, text, make_open_name)))
    assert shape(html).tags == shape(tame).tags
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f\u202e\u2066\u200b]", html)


def test_a_template_in_a_name_is_not_filled_in(
    draft: Draft, make_open_name: Callable[[str, float | None, str], OpenName]
) -> None:
    html = report_html(proposal_view(with_text(draft, HOSTILE["template"], make_open_name)))
    assert shape(html).text.count(HOSTILE["template"]) >= 8


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_text_adds_no_markup_to_the_markdown(
    draft: Draft, make_open_name: Callable[[str, float | None, str], OpenName], text: str
) -> None:
    def kinds(words: str) -> list[str]:
        page_ = proposal_markdown(proposal_view(with_text(draft, words, make_open_name)))
        assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f\u202e\u2066\u200b]", page_)
        tokens = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(page_)
        flat = [inner for token in tokens for inner in (token, *(token.children or ()))]
        return [token.type for token in flat if token.type not in {"text", "text_special"}]

    assert kinds(text) == kinds("tame")


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_name_runs_in_no_spreadsheet_and_stays_one_cell(
    draft: Draft, make_open_name: Callable[[str, float | None, str], OpenName], text: str
) -> None:
    written = open_names_csv(with_text(draft, text, make_open_name).open_names)
    rows = list(csv.reader(io.StringIO(written, newline="")))
    assert [len(row) for row in rows] == [5, 5, 5]
    assert not any(
        cell.lstrip()[:1] in {"=", "+", "-", "@", "\t", "\r"} for row in rows for cell in row if cell
    )
    assert written.count("\r\n") == 3
    assert "\x1b" not in written


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_text_is_kept_as_it_is_in_the_record_without_raw_controls(
    draft: Draft, make_open_name: Callable[[str, float | None, str], OpenName], text: str
) -> None:
    body = document_bytes(with_text(draft, text, make_open_name))
    assert json.loads(body)["open_names"][0]["name"] == text
    assert not re.search(rb"[\x00-\x09\x0b-\x1f]", body)


def test_a_neutralised_cell_is_told_from_a_name_that_starts_with_an_apostrophe(
    draft: Draft, make_open_name: Callable[[str, float | None, str], OpenName]
) -> None:
    cells = [
        open_names_csv(with_text(draft, name, make_open_name).open_names).splitlines()[1]
        for name in ("=1", "'=1")
    ]
    assert cells[0] != cells[1]
