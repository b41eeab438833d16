"""Every shell block of README works where it is pasted; what needs another environment is executed there."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from tests.example import ROOT
from tests.replica.sites import KEY, replica
from tests.replica.stored import from_sample

if TYPE_CHECKING:
    from collections.abc import Sequence

_BLOCKS: Final = [
    found.splitlines()
    for found in re.findall(
        r"^```(?:sh|bash|console)?\n(.*?)^```", (ROOT / "README.md").read_text(), re.MULTILINE | re.DOTALL
    )
]
_DIAGRAM: Final = "─▶"
_ELSEWHERE: Final = {
    "make test": (".ci/run", "make test"),
    "make gateway": (".ci/run", "make test-router"),
    "pipx install modelpool": (".ci/run", "make test-wheel"),
    "export OPENAI_BASE_URL=": (".ci/run", "make test-router"),
    "python -c 'from openai import OpenAI;": (".ci/run", "make test-router"),
    "OPENAI_API_BASE=$OPENAI_BASE_URL aider": ("tests/litellm/clients.py", "--aider"),
}
"""How a line begins that needs a package index, a proxy or a client, and where it is executed."""
_DIGEST: Final = """$(modelpool review --json |
  python -c 'import json, sys; print(json.load(sys.stdin)["pool_sha256"][:16])')"""


_CRONTAB: Final = """#!/bin/sh
case "$1" in
  -l) cat {table} ;;
  -) cat > {table}.new && mv {table}.new {table} ;;
esac
"""


def _lines(first: str) -> list[str]:
    """Return the commands of the block that begins with a command, without their comments."""
    (block,) = (block for block in _BLOCKS if block[0].startswith(first))
    return [line.partition("  #")[0].partition(" # ")[0].strip() for line in block]


def _elsewhere(line: str) -> bool:
    return any(line.startswith(beginning) for beginning in _ELSEWHERE)


def _execute(lines: Sequence[str], folder: Path, **variables: str) -> dict[str, int]:
    """Run lines one after the other in one shell; return each with its exit code."""
    codes = folder / "codes"
    script = "\n".join(f'{line}\necho "$?" >> "{codes}"' for line in lines)
    programs = f"{Path(sys.executable).parent}:{folder / 'bin'}:{os.environ['PATH']}"
    environment = {"PATH": programs, "HOME": str(folder), "LANG": "C.UTF-8", **variables}
    done = subprocess.run(
        ["/bin/bash", "-c", script], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    found = [int(code) for code in codes.read_text().split()]
    assert len(found) == len(lines), done.stderr
    wrong = {line: code for line, code in zip(lines, found, strict=True) if code not in {0, 10, 20}}
    assert wrong == {}, (done.stdout, done.stderr)
    return dict(zip(lines, found, strict=True))


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of what is in git, with the programs of this environment where `make` installs its own."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)  # noqa: S607
    for name in listed.stdout.decode().split("\0"):
        if name and (ROOT / name).is_file():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, tmp_path / name)
    programs = tmp_path / ".venv/bin"
    programs.mkdir(parents=True)
    for program in Path(sys.executable).parent.iterdir():
        if program.name != "uv":
            (programs / program.name).symlink_to(program)
    (programs / "uv").touch()
    (tmp_path / ".venv/.installed").touch()
    return tmp_path


def test_the_worked_example_ends_with_a_published_version(checkout: Path) -> None:
    run = [line for line in _lines("make run") if not _elsewhere(line)]
    assert run == ["make run"]
    steps = _lines(". .venv/bin/activate")
    assert any("DIGEST" in line and "Your Name" in line for line in steps)
    typed = [line.replace("DIGEST", _DIGEST).replace("Your Name", "R. Viewer") for line in steps]
    codes = _execute([*run, *typed], checkout)
    assert set(codes.values()) == {0}
    assert (checkout / "data/pools/v0002.json").is_file()


def test_a_workspace_of_ones_own_is_made_run_and_scheduled(tmp_path: Path) -> None:
    start = [line for line in _lines("pipx install") if not _elsewhere(line)]
    (scheduling,) = (block[0] for block in _BLOCKS if block[0].startswith("modelpool schedule"))
    (then,) = re.findall(r"# then: (.+)", scheduling)
    stub, table = tmp_path / "bin/crontab", tmp_path / "table"
    stub.parent.mkdir()
    stub.write_text(_CRONTAB.format(table=table))
    stub.chmod(0o755)
    table.write_text("1 2 3 4 5 other\n")
    with replica(from_sample()) as sites:
        lines = [line.replace("MODELPOOL_AA_KEY=...", f"MODELPOOL_AA_KEY={KEY}") for line in start]
        assert f"export MODELPOOL_AA_KEY={KEY}" in lines
        codes = _execute(
            [*lines, scheduling.partition("  #")[0], then],
            tmp_path,
            MODELPOOL_MIRRORS=json.dumps(sites.mirrors),
            MODELPOOL_PROXY="",
        )
    assert codes["modelpool run"] in {10, 20}
    assert len(list((tmp_path / "my-pools/reviews").glob("*/proposal.json"))) == 1
    entries = [line for line in table.read_text().splitlines() if not line.startswith("#")]
    assert entries[0] == "1 2 3 4 5 other"
    assert f"{tmp_path / 'my-pools'}" in "".join(entries[1:])


def test_no_line_is_executed_nowhere() -> None:
    here = [
        *_lines("make run"),
        *_lines(". .venv/bin/activate"),
        *_lines("pipx install"),
        *_lines("modelpool schedule"),
    ]
    shell = [block for block in _BLOCKS if _DIAGRAM not in block[0]]
    assert len(shell) == len(_BLOCKS) - 1
    every = [line for block in shell for line in _lines(block[0])]
    assert [line for line in every if line not in here and not _elsewhere(line)] == []
    for beginning, (file, text) in _ELSEWHERE.items():
        assert any(line.startswith(beginning) for line in every), beginning
        assert text in (ROOT / file).read_text(), (beginning, file)
