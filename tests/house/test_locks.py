"""The locks hold what `pyproject.toml` asks for, with hashes, and nothing resolves them again."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
DEVELOPMENT = PROJECT["project"]["optional-dependencies"]["dev"]
ASKED = {
    "requirements.lock": PROJECT["project"]["dependencies"] + DEVELOPMENT,
    ".ci/router.lock": PROJECT["dependency-groups"]["router"],
    ".ci/installer.lock": PROJECT["dependency-groups"]["installer"],
}


def _pins(lock: str) -> list[str]:
    """The packages that a lock pins to one release with hashes; once for each environment marker."""
    return re.findall(r"^([a-z0-9-]+)==[^\n]+\\\n    --hash=sha256:[0-9a-f]{64}", lock, re.MULTILINE)


@pytest.mark.parametrize("name", ASKED)
def test_a_lock_pins_what_is_asked_for(name: str) -> None:
    lock = (ROOT / name).read_text()
    pins = _pins(lock)
    wanted = {re.split(r"[\[<>=]", requirement)[0] for requirement in ASKED[name]}
    assert wanted
    assert wanted <= set(pins)
    assert len(pins) == len(re.findall(r"^\S", lock, re.MULTILINE)), "a line that is no pin with hashes"


def test_pip_installs_uv_alone() -> None:
    assert _pins((ROOT / ".ci/installer.lock").read_text()) == ["uv"]
    makefile = (ROOT / "Makefile").read_text().replace("\\\n", "")
    by_pip = [line for line in makefile.splitlines() if "-m pip install" in line]
    assert by_pip
    assert all("--no-deps --require-hashes" in line and ".ci/installer.lock" in line for line in by_pip)


def test_no_lock_is_resolved_when_it_is_installed() -> None:
    makefile = (ROOT / "Makefile").read_text()
    (installs,) = re.findall(r"^INSTALL := (.*)", makefile, re.MULTILINE)
    assert "--no-deps" in installs
    for lock in ("requirements.lock", ".ci/router.lock"):
        assert re.search(rf"\$\(INSTALL\) .*--require-hashes -r {re.escape(lock)}", makefile)


def test_ci_makes_fresh_environments() -> None:
    script = (ROOT / ".ci/run").read_text()
    assert 'export VENV="$fresh/venv" ROUTER_VENV="$fresh/router"' in script
    assert "fresh=$(mktemp -d)" in script
