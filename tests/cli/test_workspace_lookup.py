"""The workspace is the nearest one upwards; where there is none, that is told and nothing is written."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from pipeline.cli.app import app
from pipeline.cli.chosen_workspace import choose_workspace, command_line, forget_workspace, paste_ready
from pipeline.workspace import find_workspace
from tests.cli.test_every_command import COMMANDS, leaves, needed, root
from tests.example import Answer

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.example import Example

NEEDS_NONE = {("init",), ("restore",), ("help",)}
"""They make one, or ask nothing about one."""
FROM_WITHIN = (
    ("status",),
    ("history",),
    ("verify",),
    ("review",),
    ("sources",),
    ("crosswalk", "open"),
    ("usage", "table"),
    ("export", "litellm"),
    ("approve", "00000000", "--reviewer", "R. Viewer", "--note", "Read the page."),
)


def say(*words: str) -> Answer:
    done = CliRunner().invoke(app, words)
    return Answer(done.exit_code, done.stdout, done.stderr)


@pytest.mark.parametrize("words", [words for words in COMMANDS if words not in NEEDS_NONE], ids=" ".join)
def test_no_workspace_is_told_and_nothing_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    (tmp_path / "data").mkdir()
    monkeypatch.chdir(tmp_path)
    typed = [*words, *needed(words)]
    for more in ((), ("--workspace", ".."), ("--workspace", str(tmp_path))):
        said = say(*typed, *more)
        assert said.code == 2, said
        assert said.out == ""
        assert "no workspace\n" in said.err
        assert "`modelpool init my-pools`" in said.err
        assert json.loads(say(*typed, *more, "--json").out)["exit_code"] == 2
    assert [path.name for path in tmp_path.rglob("*")] == ["data"]


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_every_command_looks_upwards(words: tuple[str, ...]) -> None:
    options = {name: each for each in leaves(root())[words].params for name in each.opts}  # type: ignore[attr-defined] # typer's own class, which it does not export
    assert words in NEEDS_NONE or "nearest one from here upwards" in options["--workspace"].help


@pytest.mark.parametrize("words", FROM_WITHIN, ids=lambda words: words[0])
def test_a_command_answers_the_same_from_within(
    ran: Example, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    monkeypatch.chdir(ran.folder)
    above = say(*words)
    monkeypatch.chdir(ran.folder / "reviews" / "2026-W33")
    below = say(*words)
    assert above.code == below.code
    assert below.out.replace("../../", "") == above.out
    assert below.err.replace("../../", "") == above.err
    assert "--workspace" not in below.out + below.err


def test_a_decision_from_within_lands_in_the_workspace(
    ran: Example, monkeypatch: pytest.MonkeyPatch, files_below: Callable[[Path], dict[str, bytes]]
) -> None:
    within = ran.folder / "data" / "sample"
    before = files_below(within)
    digest = ran.digest()[:16]
    monkeypatch.chdir(within)
    assert say("approve", digest, "--reviewer", "R. Viewer", "--note", "Read the page.").code == 0
    assert say("publish", "--although-expired").code == 0
    assert files_below(within) == before
    assert "v0002.json" in ran.pools()


@pytest.mark.parametrize("words", [("sources", "accept"), ("memory", "retract"), ("doctor", "gateway")])
def test_a_group_that_shows_something_itself_does_not_ask_where_its_command_is_given_a_workspace(
    example: Example, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert "no workspace" not in example(*words, *needed(words)).err


def test_a_folder_that_is_named_is_taken_as_it_is(ran: Example, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ran.folder)
    said = say("status", "--workspace", "data")
    assert said.code == 2
    assert "data is no workspace" in said.err


@pytest.mark.parametrize("place", ["/dev/null", "/dev/null/x"])
def test_what_is_no_folder_is_told_and_no_command_that_cannot_work_is_named(place: str) -> None:
    for words in (("status",), ("run",), ("schedule", "cron")):
        said = say(*words, "--workspace", place)
        told = f"{place} is no folder" if place == "/dev/null" else f"{place} cannot be a folder"
        assert (said.code, told in said.err) == (2, True), said
        assert "modelpool init" not in said.err


def test_a_folder_that_is_gone_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    said = say("status")
    assert said.code == 2, said
    assert "cannot be read" in said.err


@pytest.mark.parametrize("mark", ["policy", "crosswalk", "pools"])
def test_a_workspace_of_which_a_part_is_gone_is_one(tmp_path: Path, mark: str) -> None:
    (tmp_path / "data" / mark).mkdir(parents=True)
    assert find_workspace(tmp_path) == tmp_path
    assert find_workspace(tmp_path / "data" / mark) == tmp_path / "data" / mark / ".." / ".."
    (tmp_path / "data" / mark).rmdir()
    assert find_workspace(tmp_path) is None


def test_every_command_that_is_printed_names_the_workspace_that_was_named(ran: Example) -> None:
    spaced = ran.folder.rename(ran.folder.with_name("a b"))
    said = say("status", "--workspace", str(spaced))
    commands = re.findall(r"`(modelpool [^`]*)`", said.out)
    assert len(commands) >= 2
    assert all(command.endswith(f" --workspace '{spaced}'") for command in commands), commands
    failed = say(
        "approve", "00000000", "--reviewer", "R. Viewer", "--note", "Ok.", "--workspace", str(spaced)
    )
    assert f" --workspace '{spaced}'`" in failed.err


def test_a_command_that_names_a_workspace_or_needs_none_stays(example: Example) -> None:
    assert paste_ready("`modelpool run`") == "`modelpool run`"
    assert choose_workspace(example.folder) == example.folder
    assert paste_ready("see `modelpool run`.") == f"see `modelpool run --workspace {example.folder}`."
    assert paste_ready("`modelpool help settings`") == "`modelpool help settings`", "it is of no workspace"
    for words in ("init my-pools", "run --workspace elsewhere", "run --help", "--version"):
        assert command_line(words) == f"modelpool {words}"
    forget_workspace()
