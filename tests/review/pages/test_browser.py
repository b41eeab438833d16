"""The page in a real browser: what stands on the first screen, and that nothing leaves the file."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pipeline.domain.answers import AnswerKind, Direction
from pipeline.domain.calendar import moment_text
from pipeline.domain.observation import ANSWERED, Finding, Severity
from pipeline.domain.proposal import ChangeAnswer, ChangeAnswers, Decision, FindingLine, Verdict
from pipeline.review.decisions.earlier_answers import AnsweredAttempt, EarlierAnswer, EarlierAnswers
from pipeline.review.pages.page import report_html
from pipeline.review.pages.proposal_view import PageContext, proposal_view
from pipeline.review.proposals.compose import compose_proposal
from pipeline.review.proposals.proposal_store import read_proposal
from tests.example import ROOT
from tests.review.pages.browser import CHROMIUM, MEASURE, beyond_first_screen, opened, with_script

if TYPE_CHECKING:
    from pipeline.review.proposals.compose import Draft

DECIDED = {
    "format": 1,
    "week": "2026-W22",
    "attempt": 1,
    "pool_sha256": "1" * 64,
    "proposal_sha256": "2" * 64,
    "decided_at": "2026-05-31T13:00:00Z",
    "previous": None,
}
AXE = Path(os.environ.get("AXE_CORE", "/nonexistent/axe.min.js"))

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no chromium (Debian's package) on this machine")


def shipped() -> str:
    """The page of the example that the repository ships, drawn anew."""
    proposal = read_proposal(ROOT / "reviews" / "2026-W22").proposal
    return report_html(proposal_view(proposal, PageContext(in_force=proposal.pool)))


def test_a_page_opens_without_an_error_and_without_a_request(crowd: Draft, tmp_path: Path) -> None:
    seen = opened(report_html(proposal_view(compose_proposal(crowd))), tmp_path)
    assert "<h1>Pool proposal 2026-W33</h1>" in seen.dom
    assert seen.console == []
    assert seen.requests == []


def test_the_browser_would_tell_of_an_error_and_of_a_request(tmp_path: Path) -> None:
    page = "<!doctype html><body><img src='http://127.0.0.1:4999/x.png'><script>throw 1</script></body>"
    seen = opened(page, tmp_path)
    assert seen.requests == ["http://127.0.0.1:4999/x.png"]
    assert any("Uncaught 1" in row for row in seen.console)


def test_the_page_s_own_policy_stops_what_would_leave_it(crowd: Draft, tmp_path: Path) -> None:
    page = report_html(proposal_view(compose_proposal(crowd)))
    seen = opened(page.replace("</body>", "<img src='http://127.0.0.1:4999/x.png'></body>"), tmp_path)
    assert seen.requests == []
    assert any("Content Security Policy" in row for row in seen.console)


def test_the_first_screen_holds_what_decides_and_the_page_is_short(tmp_path: Path) -> None:
    page = shipped()
    assert len(page.encode()) < 1_000_000
    found = opened(with_script(page, MEASURE), tmp_path).measured()
    assert beyond_first_screen(found) == {}
    height = found["height"]
    assert isinstance(height, int)
    assert height <= 6000


@pytest.mark.parametrize("count", [1, 3, 10])
def test_the_commands_stay_on_the_first_screen_under_any_number_of_answers(
    count: int, tmp_path: Path
) -> None:
    """Each answer has the longest note and name, and every kind of answer stands there at once."""
    proposal = read_proposal(ROOT / "reviews" / "2026-W22").proposal
    changes = (*proposal.changes, *proposal.changes)[:count]
    long = {"reviewer": "R. Viewer " * 190, "note": "Unproven as yet. " * 117}
    decision = Decision.model_validate({**DECIDED, **long, "verdict": Verdict.REJECTED})
    again = tuple(
        EarlierAnswer(change=one, decision=decision, then=proposal, note=long["note"]) for one in changes
    )
    lines = tuple(
        ChangeAnswer(
            tier=one.tier,
            variant=f"{one.variant}-{number}",
            direction=Direction.ENTER,
            answer=AnswerKind.HOLD,
            until="2027-01-31",
            note=None,
        )
        for number, one in enumerate(changes)
    )
    answers = ChangeAnswers.model_validate({**DECIDED, **long, "answers": lines})
    kept = tuple(
        FindingLine(kind=ANSWERED, severity="note", subject=f"{one.tier}/{one.variant}", message=long["note"])
        for one in (*lines, *(line.model_copy(update={"variant": f"{line.variant}x"}) for line in lines))
    )
    record = PageContext(in_force=proposal.pool, earlier=EarlierAnswers(again=again))
    both = replace(
        record,
        earlier=EarlierAnswers(again=again, attempts=(AnsweredAttempt(answers=answers, then=proposal),)),
    )
    for asked, found in ((record, proposal.findings), (both, (*proposal.findings, *kept))):
        view = proposal_view(proposal.model_copy(update={"findings": found}), asked)
        page = with_script(report_html(view), MEASURE)
        assert beyond_first_screen(opened(page, tmp_path).measured(), answered=True) == {}


def test_a_page_says_by_its_reader_s_clock_that_the_pool_expired(draft: Draft, tmp_path: Path) -> None:
    """Its own policy holds, so that it is its own script that shows the line and the command that works."""
    made = datetime(2020, 1, 1, 12, tzinfo=UTC)
    for day, hidden in (("2020-01-22", False), ("2999-01-01", True)):
        pool = draft.pool.model_copy(update={"as_of": moment_text(made), "expires_on": day})
        page = report_html(proposal_view(compose_proposal(replace(draft, as_of=made, pool=pool))))
        seen = opened(page, tmp_path)
        alarms = [tag for tag in re.findall("<p [^>]*data-since[^>]*>", seen.dom) if f'"{day}"' in tag]
        assert [("hidden" in tag) for tag in alarms] == [hidden]
        commands = re.findall(r"<pre([^>]*data-since[^>]*)>(.*?)</pre>", seen.dom)
        (shown,) = (re.sub("<[^>]*>", "", text) for tag, text in commands if "hidden" not in tag)
        assert (shown.startswith("modelpool publish"), "--although-expired" in shown) == (True, not hidden)
        assert f"EXPIRED on {day}" in seen.dom
        assert seen.console == []


def test_nothing_is_wider_than_a_phone(crowd: Draft, tmp_path: Path) -> None:
    page = report_html(proposal_view(compose_proposal(crowd)))
    found = opened(with_script(page, MEASURE), tmp_path, size=(500, 900)).measured()
    assert found["wide"] == 0


def test_a_hostile_name_stays_text_in_a_browser(draft: Draft, tmp_path: Path) -> None:
    text = "</code></td></table><h1>x</h1><img src=http://127.0.0.1:4999/x><script>document.title='owned'</script>"
    finding = Finding(kind=text, severity=Severity.HOLD, subject=text, message=text)
    changes = tuple(one.model_copy(update={"reason": text}) for one in draft.changes)
    proposal = compose_proposal(replace(draft, findings=(finding,), changes=changes))
    seen = opened(with_script(report_html(proposal_view(proposal)), MEASURE), tmp_path)
    assert seen.measured()["owned"] == 0
    assert seen.requests == []
    assert "<title>Pool proposal 2026-W33</title>" in seen.dom


@pytest.mark.parametrize(
    ("name", "size", "more"),
    [
        ("light", (1400, 1000), ()),
        ("dark", (1400, 1000), ("--blink-settings=preferredColorScheme=0",)),
        ("phone", (500, 900), ()),
    ],
)
def test_a_picture_of_the_page_can_be_taken(
    name: str, size: tuple[int, int], more: tuple[str, ...], tmp_path: Path
) -> None:
    picture = tmp_path / f"{name}.png"
    query = "matchMedia('(prefers-color-scheme: dark)').matches"
    script = f"document.body.dataset.dark = JSON.stringify({{dark: {query}}})"
    seen = opened(with_script(shipped(), script), tmp_path, f"--screenshot={picture}", *more, size=size)
    assert seen.measured("dark") == {"dark": name == "dark"}
    assert picture.read_bytes().startswith(b"\x89PNG")


@pytest.mark.skipif(not AXE.is_file(), reason="AXE_CORE does not name axe.min.js (npm: axe-core)")
def test_an_accessibility_checker_finds_nothing_serious(tmp_path: Path) -> None:
    script = (
        f"{AXE.read_text()};axe.run().then((found) => {{document.body.dataset.axe = JSON.stringify("
        "{ran: found.passes.length, found: found.violations.filter((one) => "
        "['serious', 'critical'].includes(one.impact)).map((one) => [one.id, one.nodes.length, "
        "one.nodes[0].html])})})"
    )
    page = with_script(shipped(), script)
    found = opened(page, tmp_path, "--virtual-time-budget=60000").measured("axe")
    assert found["ran"]
    assert found["found"] == []
