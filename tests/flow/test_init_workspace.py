"""`modelpool init` starts a workspace that runs."""

from __future__ import annotations

import re
import shlex
import subprocess
import tomllib
from pathlib import Path

import pytest

from pipeline.flow.operations.init_workspace import SAMPLE, STARTER
from tests.example import ROOT, SECOND_WEEK, Example, invoke


def _init(folder: Path) -> int:
    from typer.testing import CliRunner

    from pipeline.cli.app import app

    return CliRunner().invoke(app, ["init", str(folder)]).exit_code


def test_a_new_workspace_runs_and_has_no_pool(tmp_path: Path) -> None:
    example = Example(tmp_path / "mine")
    assert _init(example.folder) == 0
    assert "No pool is published" in example("status").out
    answer = example("run", "--captures", str(ROOT / "data/sample/2026-W33"), *SECOND_WEEK)
    assert answer.code == 10, answer.err
    assert "First pool: no pool" in answer.out


def test_the_sample_is_run_by_the_command_that_is_printed(tmp_path: Path) -> None:
    from typer.testing import CliRunner

    from pipeline.cli.app import app

    example = Example(tmp_path / "my pools")
    printed = CliRunner().invoke(app, ["init", str(example.folder), "--sample"]).stdout
    (line,) = (line for line in printed.split("\n") if line.startswith("  modelpool run "))
    refused = example("run")
    assert (refused.code, f"The sample needs no key: `{line.strip()}`." in refused.err) == (2, True), refused
    done = CliRunner().invoke(app, shlex.split(line)[1:])
    assert done.exit_code == 10, done.output


def test_a_first_run_without_a_board_says_that_no_pool_is_published(tmp_path: Path) -> None:
    example, board = Example(tmp_path / "mine"), tmp_path / "2026-08-14-lmarena-text.json"
    assert _init(example.folder) == 0
    board.write_text('{"rows": []}')
    answer = example("run", "--captures", f"lmarena-text={board}", *SECOND_WEEK)
    assert answer.code == 20, answer.err
    assert "2026-W33: nothing could be proposed; no pool is published yet." in answer.out


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("data/policy/tiers.toml", ("run", "--captures", "data", *SECOND_WEEK)),
        ("data/policy/tiers.toml", ("schedule", "cron")),
        ("data/policy/expectations.toml", ("run", "--captures", "data", *SECOND_WEEK)),
        ("data/policy/grid.toml", ("tune", "--grid", "data/policy/grid.toml")),
        ("data/crosswalk/variants.csv", ("run", "--captures", "data", *SECOND_WEEK)),
    ],
)
@pytest.mark.parametrize("git", [False, True])
def test_a_lost_file_comes_back_by_the_commands_that_are_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, words: tuple[str, ...], *, git: bool
) -> None:
    monkeypatch.chdir(tmp_path)
    mine = tmp_path / "my pools"
    assert _init(mine) == 0
    if git:
        (mine / ".git").mkdir()
    place = mine / name
    was = place.read_bytes()
    place.unlink()
    monkeypatch.chdir(mine)
    said = invoke(words)
    assert (said.code, f"{name} does not exist" in said.err) == (2, True), said
    mending = re.findall(r"`([^`]*)`", said.err)
    assert mending[0] == (
        f"git checkout -- {name}"
        if git
        else f'cp -r "${{MODELPOOL_BACKUP_DIR:?}}"/{name} {Path(name).parent}/'
    )
    for command in mending[1:]:
        if command.startswith("modelpool "):
            assert invoke(shlex.split(command)[1:]).code == 0, command
        else:
            subprocess.run(command, shell=True, check=True)  # noqa: S602 - a person pastes it
    assert place.read_bytes() == was


def test_a_second_init_changes_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    _init(folder)
    policy = folder / "data/policy/tiers.toml"
    policy.write_text(policy.read_text() + "# mine\n")
    assert _init(folder) == 2
    assert policy.read_text().endswith("# mine\n")


def test_the_wheel_carries_what_init_writes() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    packed = project["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    assert packed == {name: f"pipeline/starter/{name}" for name in (*STARTER, *SAMPLE)}


def test_captured_bytes_and_the_database_stay_out_of_git() -> None:
    ignored = (ROOT / "data/.gitignore").read_text().split("\n")
    assert {"raw/**/*.gz", "pipeline.sqlite*", "errors.log"} <= set(ignored)
