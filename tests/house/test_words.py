"""What no text of the project may say, and what every suppression must say."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROMISES = re.compile(
    r"automatic(ally)?[ -]updat|auto-?updat|auto-?publish|self-updating|updates? itself", re.IGNORECASE
)
BARE = re.compile(r"#\s*(noqa|type: ignore)(?!: ?[A-Z0-9, ]+ - \S)(?!\[[a-z, -]+\]\s+# \S)")


def _texts() -> list[Path]:
    listing = subprocess.run(  # - the list of files git knows or would take
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],  # noqa: S607 - git of the machine
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    names = [name for name in listing.stdout.splitlines() if not name.startswith("tests/")]
    return [ROOT / name for name in names if (ROOT / name).is_file() and not name.endswith((".lock", ".gz"))]


def test_no_text_promises_an_update_without_a_person() -> None:
    assert [str(path) for path in _texts() if PROMISES.search(path.read_text(errors="replace"))] == []


def test_the_promise_would_be_noticed() -> None:
    assert PROMISES.search("Pools are automatically updated")


def test_every_suppression_has_a_code_and_a_reason() -> None:
    bare = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in _texts()
        if path.suffix == ".py"
        for number, line in enumerate(path.read_text().splitlines(), start=1)
        if BARE.search(line)
    ]
    assert bare == []
