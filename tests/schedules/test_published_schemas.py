"""The printed units are valid by the published schemas of their programs, and a misspelled one is not.

`.ci/run` installs the two validators; the schemas are inside them, nothing is fetched.
"""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING, Final

import pytest

from tests.example import invoke

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

VALIDATORS: Final = {
    "github-actions": ("check-jsonschema", "--builtin-schema", "vendor.github-workflows"),
    "kubernetes": ("kubernetes-validate", "--strict"),
}
MISSPELLED: Final = {
    "github-actions": ("    runs-on: ", "    runs_on: "),
    "kubernetes": ("  concurrencyPolicy: ", "  concurencyPolicy: "),
}


@pytest.fixture(params=["my-pools", "my pools 100%", "my: {pools} #'1'"])
def workspace(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    folder = tmp_path / str(request.param)
    assert invoke(("init", str(folder))).code == 0
    return folder


def _validated(command: Sequence[str], file: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*command, str(file)], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("target", VALIDATORS)
def test_a_unit_is_what_its_published_schema_asks(target: str, workspace: Path, tmp_path: Path) -> None:
    command = VALIDATORS[target]
    if not shutil.which(command[0]):
        pytest.skip(f"{command[0]} is not installed")
    said = invoke(("schedule", target, "--workspace", str(workspace)))
    assert said.code == 0, said.err
    unit = tmp_path / "unit.yml"
    unit.write_text(said.out)
    done = _validated(command, unit)
    assert done.returncode == 0, done.stdout + done.stderr
    right, wrong = MISSPELLED[target]
    assert right in said.out
    unit.write_text(said.out.replace(right, wrong))
    done = _validated(command, unit)
    assert (done.returncode, wrong.strip(" :") in done.stdout + done.stderr) == (1, True), done.stdout
