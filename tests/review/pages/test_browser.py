"""The page in a real browser: what stands on the first screen, and that nothing leaves the file."""

from __future__ import annotations

import html
import json
import os
import re
import shutil
import subprocess
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pipeline.domain.observation import Finding, Severity
from pipeline.review.pages.page import report_html
from pipeline.review.pages.proposal_view import ReviewRecord, proposal_view
from pipeline.review.proposals.compose import compose_proposal
from pipeline.review.proposals.proposal_store import read_proposal
from tests.example import ROOT

if TYPE_CHECKING:
    from pipeline.review.proposals.compose import Draft

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
AXE = Path(os.environ.get("AXE_CORE", "/nonexistent/axe.min.js"))
QUIET = (
    *("--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)
POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy"[^>]*>')
MEASURE = """
const box = (id) => document.getElementById(id)?.getBoundingClientRect().bottom ?? null;
document.body.dataset.measured = JSON.stringify({
  height: document.documentElement.scrollHeight,
  wide: document.documentElement.scrollWidth - window.innerWidth,
  bottoms: Object.fromEntries(["overview", "tiers", "checks", "decide"].map((id) => [id, box(id)])),
  owned: document.querySelectorAll("script:not([data-test]), img, iframe, h1 + h1").length,
});
"""

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no chromium (Debian's package) on this machine")


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """What a browser made of a file."""

    dom: str
    console: list[str]
    requests: list[str]
    """Addresses beyond the file that anything on the page asked for."""

    def measured(self, key: str = "measured") -> dict[str, object]:
        """What a script of the test wrote down about the layout."""
        found = re.search(f'data-{key}="([^"]*)"', self.dom)
        assert found is not None, self.dom[-300:]
        values = json.loads(html.unescape(found[1]))
        assert isinstance(values, dict)
        return values


def opened(page: str, folder: Path, *more: str, size: tuple[int, int] = (1400, 1000)) -> Opened:
    """Open a page in a fresh profile and wait until it is drawn."""
    assert CHROMIUM is not None
    file, log = folder / "page.html", folder / "net.json"
    file.write_text(page)
    done = subprocess.run(
        [
            *(CHROMIUM, *QUIET, f"--user-data-dir={folder / 'profile'}", f"--log-net-log={log}"),
            *("--enable-logging=stderr", f"--window-size={size[0]},{size[1]}", *more),
            *("--dump-dom", file.as_uri()),
        ],
        capture_output=True,
        text=True,
        timeout=100,
        check=True,
    )
    asked = {
        event["params"]["url"]
        for event in json.loads(log.read_text())["events"]
        if "url" in event.get("params", {}) and "file:" in str(event["params"].get("site_for_cookies"))
    }
    outside = sorted(one for one in asked if not one.startswith(("file:", "data:")))
    console = [row for row in done.stderr.splitlines() if "CONSOLE" in row]
    return Opened(dom=done.stdout, console=console, requests=outside)


def with_script(page: str, script: str) -> str:
    """A copy of a page without its policy, so that the test's own script may measure it."""
    return POLICY.sub("", page).replace("</body>", f"<script data-test>{script}</script></body>")


def shipped() -> str:
    """The page of the example that the repository ships, drawn anew."""
    proposal = read_proposal(ROOT / "reviews" / "2026-W22").proposal
    return report_html(proposal_view(proposal, ReviewRecord(in_force=proposal.pool)))


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
    bottoms = found["bottoms"]
    assert isinstance(bottoms, dict)
    assert {name: bottom for name, bottom in bottoms.items() if not 0 < bottom <= 1000} == {}
    height = found["height"]
    assert isinstance(height, int)
    assert height <= 6000


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
