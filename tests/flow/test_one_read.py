"""A command opens each file of record once, and once more where it looks again just before it writes."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from tests.example import ROOT, SECOND_WEEK, Example, copy_record

if TYPE_CHECKING:
    from pathlib import Path

MEMBER = "deepseek-v4-pro-0424@high"

COUNTED = """
import json, os, sys
opened = []
def note(event, facts):
    if event != "open" or not isinstance(facts[0], (str, os.PathLike)):
        return
    if not facts[2] & (os.O_WRONLY | os.O_RDWR):
        opened.append(os.fspath(facts[0]))
sys.addaudithook(note)
from pipeline.cli.app import app
try:
    app(sys.argv[1:])
except SystemExit as ended:
    sys.stderr.write("\\n" + json.dumps([ended.code, opened]))
"""
"""Runs a command in a process of its own, so that nothing is known from the one before."""


def _opened(folder: Path, *words: str, ends: int = 0) -> Counter[str]:
    """Run a command that must end with a code; count how often it read each file of record."""
    done = subprocess.run(
        [sys.executable, "-c", COUNTED, *words, "--workspace", str(folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    code, files = json.loads(done.stderr.splitlines()[-1])
    assert code == ends, done.stderr
    below = [str(folder / "reviews/2"), str(folder / "data/pools/")]
    return Counter(file[len(str(folder)) + 1 :] for file in files if file.startswith(tuple(below)))


def _most(opened: Counter[str], name: str) -> int:
    """Return how often a file of one name was opened at most; one that was never opened proves nothing."""
    times = [count for file, count in opened.items() if file.endswith(f"/{name}")]
    assert times, f"no {name} was opened: {opened}"
    return max(times)


@pytest.fixture(scope="module")
def decided(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Counter[str]]:
    """What each command opened, from a proposal that waits to the version that follows from it."""
    folder = tmp_path_factory.mktemp("decided")
    copy_record(folder)
    example = Example(folder)
    captures = ("--captures", str(folder / "data/sample/2026-W33"), *SECOND_WEEK)
    asked = {"run": _opened(folder, "run", *captures, ends=10)}
    asked |= {"status": _opened(folder, "status"), "history": _opened(folder, "history")}
    asked["why-not"] = _opened(folder, "why-not", MEMBER, "--tier", "premium")
    who = ("--reviewer", "R. Viewer", "--note", "Read the page.")
    asked["approve"] = _opened(folder, "approve", example.digest()[:16], *who)
    asked["publish"] = _opened(folder, "publish", "--although-expired")
    return asked | {"verify": _opened(folder, "verify")}


@pytest.mark.parametrize(
    ("command", "name", "most"),
    [
        ("status", "proposal.json", 1),
        ("status", "decision.json", 1),
        ("status", "v0001.json", 1),
        ("status", "latest.json", 1),
        ("history", "proposal.json", 1),
        ("history", "decision.json", 2),
        ("run", "proposal.json", 3),
        ("run", "decision.json", 4),
        ("why-not", "proposal.json", 1),
        ("why-not", "decision.json", 1),
        ("why-not", "v0001.json", 1),
        ("approve", "proposal.json", 3),
        ("approve", "decision.json", 3),
        ("publish", "proposal.json", 2),
        ("publish", "decision.json", 2),
        ("verify", "proposal.json", 1),
        ("verify", "decision.json", 1),
    ],
)
def test_a_command_opens_a_file_of_record_so_often(
    decided: dict[str, Counter[str]], command: str, name: str, most: int
) -> None:
    assert _most(decided[command], name) <= most
