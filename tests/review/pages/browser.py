"""A page in a real browser: what it made of the file, what it asked for, and how large things are."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
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
  bottoms: Object.fromEntries(
    ["overview", "tiers", "checks", "answered", "decide"].map((id) => [id, box(id)])),
  owned: document.querySelectorAll("script:not([data-test], body > #clock), img, iframe, h1 + h1").length,
});
"""


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


def beyond_first_screen(found: dict[str, object], *, answered: bool = False) -> dict[str, object]:
    """Return the points of the first screen that end below it or are missing.

    Args:
        found: What `MEASURE` wrote down in a window of 1,400 x 1,000.
        answered: Something was answered before, so that the point about it has to be there.
    """
    bottoms = found["bottoms"]
    assert isinstance(bottoms, dict)
    wanted = {name: bottom for name, bottom in bottoms.items() if answered or name != "answered"}
    assert answered or bottoms["answered"] is None
    return {name: bottom for name, bottom in wanted.items() if bottom is None or not 0 < bottom <= 1000}


def with_script(page: str, script: str) -> str:
    """A copy of a page without its policy, so that the test's own script may measure it."""
    return POLICY.sub("", page).replace("</body>", f"<script data-test>{script}</script></body>")
