"""A workspace that has published nothing says so; one whose files are gone says how to restore them."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.example import Example, copy_record

if TYPE_CHECKING:
    from pathlib import Path

ASKS = (("verify",), ("export", "litellm"))


@pytest.mark.parametrize("words", ASKS, ids=" ".join)
def test_a_new_workspace_is_told_to_run(tmp_path: Path, words: tuple[str, ...]) -> None:
    new = Example(tmp_path / "new")
    assert new.start().code == 0
    said = new(*words)
    assert said.code == 30
    assert "nothing is published yet" in said.err
    assert "`modelpool run " in said.err
    assert "git checkout" not in said.err


def test_before_the_first_version_the_next_step_is_the_one_that_is_due(ran: Example) -> None:
    first = ran.folder / "reviews/2026-W22"
    shutil.rmtree(ran.folder / "data/pools")
    shutil.rmtree(ran.folder / "reviews/2026-W33")
    assert "`modelpool publish " in ran("verify").err
    (first / "decision.json").unlink()
    assert "`modelpool review " in ran("verify").err


@pytest.mark.parametrize("words", ASKS, ids=" ".join)
def test_lost_files_are_no_new_workspace(ran: Example, words: tuple[str, ...]) -> None:
    """The proposal of 2026-W33 starts from a version, so there was one."""
    shutil.rmtree(ran.folder / "data/pools")
    said = ran(*words)
    assert said.code == 30
    assert 'cp -r "${MODELPOOL_BACKUP_DIR:?}"/data/pools ' in said.err


def test_a_lost_pointer_is_no_new_workspace(example: Example, tmp_path: Path) -> None:
    """Where no git keeps the workspace, the command that is printed takes the files of the backup."""
    environment = {**os.environ, "MODELPOOL_BACKUP_DIR": str(tmp_path / "copy")}
    assert example("backup", str(tmp_path / "copy")).code == 0
    (example.folder / "data/pools/latest.json").unlink()
    (command,) = re.findall(r"`(cp -r [^`]+)`", example("verify").err)
    subprocess.run(["bash", "-c", command], env=environment, check=True)  # noqa: S607 - the shell of the machine
    assert example("verify").code == 0


def test_what_git_keeps_is_restored_by_git_from_wherever_somebody_stands(
    example: Example, tmp_path: Path
) -> None:
    git = ["git", "-C", str(example.folder), "-c", "user.name=x", "-c", "user.email=x@localhost"]
    for words in (("init", "-q"), ("add", "reviews", "data/pools"), ("commit", "-qm", "record")):
        subprocess.run([*git, *words], check=True)
    (example.folder / "data/pools/latest.json").unlink()
    (command,) = re.findall(r"`(git -C [^`]+ checkout [^`]+)`", example("verify").err)
    subprocess.run(["bash", "-c", command], cwd=tmp_path, check=True)  # noqa: S607 - the shell of the machine
    assert example("verify").code == 0


def test_a_quote_in_the_name_of_a_workspace_stops_no_message(tmp_path: Path) -> None:
    """A command that cannot be read as one stays as it is."""
    from pipeline.cli.chosen_workspace import paste_ready

    assert paste_ready("`git checkout -- it's here`") == "`git checkout -- it's here`"
    named = shlex.quote(str(tmp_path / "it's here" / "latest.json"))
    assert paste_ready(f"`git checkout -- {named}`").startswith("`")
    place = Example(tmp_path / "it's here")
    copy_record(place.folder)
    (place.folder / "data/pools/latest.json").unlink()
    said = place("verify")
    assert (said.code, "Traceback" in said.err) == (30, False)
