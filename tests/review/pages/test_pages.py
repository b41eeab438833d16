"""The pages: golden files, wording, and names that try to become more than names."""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.pools.eligibility.registry import MEANINGS
from pipeline.review.pages import page
from pipeline.review.pages.page import open_names_csv, proposal_markdown, render_page, report_html
from pipeline.review.pages.proposal_view import PageContext, proposal_view
from pipeline.review.pages.tier_view import tier_view
from pipeline.review.proposals.compose import compose_proposal

if TYPE_CHECKING:
    from pipeline.review.proposals.compose import Draft

GOLDEN = Path(__file__).parent / "golden"
TEMPLATES = Path(page.__file__).parent / "templates"
RECORD = PageContext(meanings=MEANINGS)


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


def golden(name: str, actual: str, tmp_path: Path) -> None:
    """Compare with a committed file; the actual text is left where it can be copied from."""
    found = tmp_path / name
    found.write_bytes(actual.encode())
    path = GOLDEN / name
    same = path.exists() and path.read_bytes() == actual.encode()
    assert same, f"{name} changed. If you meant it: cp {found} {path}"


def test_golden_markdown(draft: Draft, tmp_path: Path) -> None:
    golden("proposal.md", proposal_markdown(proposal_view(compose_proposal(draft), RECORD)), tmp_path)


def test_a_long_proposal_stays_within_what_a_git_host_takes(crowd: Draft) -> None:
    whole = proposal_markdown(proposal_view(compose_proposal(crowd)))
    assert len(whole) < page.MOST_CHARACTERS
    assert "left to the page" not in whole
    findings = tuple(
        replace(crowd.findings[0], subject=f"row-{number}", message="x" * 300) for number in range(150)
    )
    long = proposal_markdown(proposal_view(compose_proposal(replace(crowd, findings=findings))))
    assert len(long) <= page.MOST_CHARACTERS
    assert "sections are left to the page for length (" in long
    assert "findings" in long.partition("left to the page")[2]
    assert "modelpool approve" in long
    assert crowd.pool.attribution[0] in long.replace("\\", "")
    reasons = tuple(one.model_copy(update={"reason": "y" * 1900}) for one in crowd.changes * 8)
    endless = proposal_markdown(proposal_view(compose_proposal(replace(crowd, changes=reasons))))
    assert len(endless) <= page.MOST_CHARACTERS + 100
    assert endless.endswith("Cut here for length: report.html has all.\n")


def test_golden_page(draft: Draft, tmp_path: Path) -> None:
    drawn = report_html(proposal_view(compose_proposal(draft), RECORD))
    golden("report.html", re.sub(r"<svg.*?</svg>", "<svg></svg>", drawn), tmp_path)


def test_a_cost_whose_interval_nobody_filed_is_unknown_and_its_file_keeps_its_bytes(draft: Draft) -> None:
    filed = compose_proposal(draft)
    tier = filed.tiers["frugal"]
    unsaid = {"usd_per_task_low": None, "usd_per_task_high": None}
    before = tier.model_copy(update={"standings": tuple(o.model_copy(update=unsaid) for o in tier.standings)})
    shown = tier_view("frugal", filed.model_copy(update={"tiers": {**filed.tiers, "frugal": before}}))
    assert {row.usd_interval for row in (*shown.members, *shown.challengers)} == {"unknown"}
    assert not any("usd_per_task_low" in one.model_dump(mode="json") for one in before.standings)
    assert all("usd_per_task_low" in o.model_dump(mode="json") for o in tier.standings if o.usd_per_task)


def test_who_comes_next_is_ordered_by_value_and_not_by_name(draft: Draft) -> None:
    filed = compose_proposal(draft)
    report = filed.tiers["frugal"]
    one = next(each for each in report.standings if each.verdict == "candidate")
    values = {f"{letter}@high": f"{10 * place}.00" for place, letter in enumerate("abcdefghijkl")}
    standings = tuple(
        one.model_copy(update={"variant": name, "acceptable_answers_per_usd": value})
        for name, value in values.items()
    )
    unknown = one.model_copy(update={"variant": "a-dear@high", "acceptable_answers_per_usd": None})
    after = report.model_copy(update={"standings": (unknown, *standings)})
    shown = tier_view("frugal", filed.model_copy(update={"tiers": {**filed.tiers, "frugal": after}}))
    assert [row.variant[0] for row in shown.challengers] == list("lkjihgfe")


def test_golden_open_names(draft: Draft, tmp_path: Path) -> None:
    golden("open-names.csv", open_names_csv(compose_proposal(draft).open_names), tmp_path)


def test_no_page_and_no_template_promises_what_nobody_approved(draft: Draft) -> None:
    pages = render_page(compose_proposal(draft))
    sources = [file.read_text() for file in sorted(TEMPLATES.iterdir())]
    code = [file.read_text() for file in sorted(TEMPLATES.parent.glob("*.py"))]
    for text in (pages.markdown, pages.html, *sources, *code):
        assert not re.search(r"automat|auto-?(update|publish|apply)|self-?updat", text, re.IGNORECASE)
    assert "reviewed before deployment" in pages.markdown
    assert "reviewed before deployment" in pages.html


def test_both_pages_say_that_quality_is_preference(draft: Draft) -> None:
    pages = render_page(compose_proposal(draft))
    assert "preference, not task success" in pages.markdown
    assert "preference, not task success" in pages.html


def test_the_page_stands_alone(crowd: Draft) -> None:
    html = render_page(compose_proposal(crowd)).html
    tags = shape(html).tags
    assert [tag for tag, _ in tags].count("script") == 1
    assert f'<script id="clock">{(TEMPLATES / "report.js").read_text()}</script>' in html
    names = {name for _, attributes in tags for name in attributes}
    assert not names & {"src", "srcset", "style", "xlink:href", "action"}
    assert not [name for name in names if name.startswith("on")]
    links = set(re.findall(r'href="([^"]*)"', html))
    assert {"#legend"} <= links <= {f"#{each}" for each in re.findall(r' id="([^"]*)"', html)}
    assert not re.search(r"url\(|@import|https?://", html)


def test_the_drill_is_on_both_pages(draft: Draft) -> None:
    pages = render_page(compose_proposal(draft))
    for page_ in (pages.markdown, pages.html):
        assert "nobody" in page_
        assert "-34 Elo" in page_
        assert "+0.4 Elo" in page_
    assert '<td data-title="who still answers"><div><b>nobody</b></div></td>' in pages.html
    assert "| frugal | beta | **nobody** |  |  | \\+`old-1@none` | $0.0011 | \\+0.4 Elo |" in pages.markdown


def test_what_each_member_serves_and_how_sure_that_is_are_on_both_pages(draft: Draft) -> None:
    pages = render_page(compose_proposal(draft))
    for page_ in (pages.markdown, pages.html):
        assert "default, complex" in page_
        assert "simple, stand-in" in page_
    assert "`alpha-2@low` enters at 1: default, complex; 91 % sure" in pages.markdown
    assert "| next | `old-1@none` |  |" in pages.markdown


def test_a_proposal_without_a_drill_says_nothing_about_it(draft: Draft) -> None:
    tiers = {name: report.model_copy(update={"losses": None}) for name, report in draft.tiers.items()}
    pages = render_page(compose_proposal(replace(draft, tiers=tiers)))
    assert "a vendor is gone" not in (pages.markdown + pages.html).lower()


def test_the_policy_of_the_page_allows_its_own_style_sheet_and_script_only(draft: Draft) -> None:
    html = report_html(proposal_view(compose_proposal(draft)))
    found = [re.search(rf"<{tag}[^>]*>(.*?)</{tag}>", html, re.DOTALL) for tag in ("style", "script")]
    style, script = (b64encode(hashlib.sha256(one[1].encode()).digest()).decode() for one in found if one)
    allowed = f"style-src 'sha256-{style}'; script-src 'sha256-{script}'"
    assert f"default-src 'none'; {allowed}; base-uri 'none'; form-action 'none'" in html


def test_the_first_screen_holds_changes_reasons_holds_digest_and_command(draft: Draft) -> None:
    proposal = compose_proposal(draft)
    text = shape(report_html(proposal_view(proposal))).text
    first = text[: text.index("evidence general")]
    for wanted in (
        "alpha-2@low",
        "Price fell 42 %",
        "leaves (was 1)",
        "Held back",
        proposal.pool_sha256[8:],
        f"modelpool approve {proposal.pool_sha256[:8]}",
    ):
        assert wanted in first


def test_a_large_proposal_shows_sixteen_characters_to_type(draft: Draft) -> None:
    proposal = compose_proposal(replace(draft, large=True))
    pages = [proposal_markdown(proposal_view(proposal)), report_html(proposal_view(proposal))]
    for text in pages:
        assert f"modelpool approve {proposal.pool_sha256[:16]} " in text
        assert f"modelpool reject {proposal.pool_sha256[:16]} " in text
        assert "16 characters" in text


def test_a_first_pool_and_a_pool_without_reports_can_be_read(draft: Draft) -> None:
    first = replace(draft, pool=draft.pool.model_copy(update={"base": None}), tiers={}, changes=())
    pages = render_page(compose_proposal(first))
    assert "no pool" in pages.markdown
    assert "No variant enters, leaves or changes its place." in pages.html


def test_the_same_proposal_gives_the_same_pages(crowd: Draft) -> None:
    proposal = compose_proposal(crowd)
    assert render_page(proposal) == render_page(proposal)


def test_tiers_stand_in_the_order_of_what_an_answer_is_worth(crowd: Draft) -> None:
    assert [tier.name for tier in proposal_view(compose_proposal(crowd)).tiers] == [
        "frugal",
        "balanced",
        "premium",
    ]


def test_a_leaver_s_cost_is_its_own_and_nobody_is_compared_unnamed(draft: Draft) -> None:
    """Proposals from before `replaces` state the cost of a place, whoever held it."""
    earlier = [
        one.model_copy(
            update={"usd_per_task_before": "0.0021", "usd_per_task_after": "0.0012", "replaces": None}
        )
        for one in draft.changes
    ]
    shown = proposal_view(compose_proposal(replace(draft, changes=tuple(earlier)))).changes
    costs = {one.way: one.cost for one in shown}
    assert costs == {
        "in": "$0.0012 per task",
        "out": "was $0.0021 per task",
        "down": "$0.0021 → $0.0012 per task (-43 %)",
    }


def test_a_month_s_cost_is_shown_where_the_policy_states_a_volume(draft: Draft) -> None:
    proposal = compose_proposal(draft)
    with_volume = proposal_view(proposal, PageContext(requests={"frugal": 250_000}))
    for text in (proposal_markdown(with_volume), report_html(with_volume)):
        assert "at your volume" in text
        assert "$525 → $300" in text
        assert "250,000 requests" in text
        assert "not stated" in text
    assert "at your volume" not in report_html(proposal_view(proposal))
