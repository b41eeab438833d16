"""A workspace that was destroyed comes back with every decision; a backup publishes nothing by itself."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from pipeline.cli.app import app
from pipeline.flow.operations.backup import MARK
from pipeline.publish.versions import file_bytes, pointer_bytes
from pipeline.review.proposals.proposal_store import read_proposal
from tests.example import Answer, Example, invoke

if TYPE_CHECKING:
    from collections.abc import Callable

NOW = ("--now", "2026-08-15T13:00:00Z")


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    return tmp_path / "elsewhere" / "backup"


def _restore(backup: Path, folder: Path) -> Answer:
    done = CliRunner().invoke(app, ["restore", str(backup), str(folder)])
    return Answer(done.exit_code, done.stdout, done.stderr)


def test_a_destroyed_workspace_comes_back_with_every_decision(
    ran: Example,
    elsewhere: Path,
    monkeypatch: pytest.MonkeyPatch,
    files_below: Callable[[Path], dict[str, bytes]],
) -> None:
    monkeypatch.setenv("MODELPOOL_BACKUP_DIR", str(elsewhere))
    (ran.folder / "data/modelpool.env").write_text("MODELPOOL_AA_KEY=a-secret-4711\n")
    assert ran.approve().code == 0
    approved = json.loads((ran.folder / "reviews/2026-W33/decision.json").read_bytes())
    assert ran("publish").code == 0
    verified = ran("verify", *NOW).out
    record = {
        name: body
        for name, body in files_below(ran.folder).items()
        if not name.endswith((".sqlite", ".lock", ".env", "log.jsonl"))
        and not name.startswith("data/readings/")
    }
    shutil.rmtree(ran.folder)
    answer = _restore(elsewhere, ran.folder)
    assert answer.code == 0, answer.err
    assert "with 2 decisions" in answer.out
    assert ran("verify", *NOW).out == verified
    assert "in the database are what files and captures say" in verified
    after = files_below(ran.folder)
    assert {name: after.get(name) for name in record} == record
    assert json.loads(after["reviews/2026-W33/decision.json"]) == approved
    assert not any(b"a-secret-4711" in body for body in files_below(elsewhere).values())


def test_a_decision_is_in_the_backup_when_its_command_has_ended(
    ran: Example, elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MODELPOOL_BACKUP_DIR", str(elsewhere))
    reject = ("reject", ran.digest()[:16], "--reviewer", "R. Viewer", "--note", "Not this week.")
    assert ran(*reject).code == 0
    kept = elsewhere / "reviews/2026-W33/decision.json"
    assert kept.read_bytes() == (ran.folder / "reviews/2026-W33/decision.json").read_bytes()


def test_what_is_approved_and_not_published_stays_unpublished(
    ran: Example, elsewhere: Path, tmp_path: Path
) -> None:
    assert ran.approve().code == 0
    assert ran("backup", str(elsewhere)).code == 0
    again = Example(tmp_path / "again")
    assert _restore(elsewhere, again.folder).code == 0
    assert again.pools() == ran.pools()
    assert json.loads(again("verify", "--json", *NOW).out)["version"] == 1


def test_a_backup_that_somebody_changed_publishes_nothing(
    ran: Example, elsewhere: Path, tmp_path: Path
) -> None:
    """The pending pool put beside the pointer, as a publication without an approval would."""
    assert ran("backup", str(elsewhere)).code == 0
    forged = file_bytes(read_proposal(ran.folder / "reviews/2026-W33").proposal.pool)
    (elsewhere / "data/pools/v0002.json").write_bytes(forged)
    (elsewhere / "data/pools/latest.json").write_bytes(pointer_bytes(2, forged))
    again = tmp_path / "again"
    answer = _restore(elsewhere, again)
    assert answer.code == 30
    assert "v0002 has no matching approval" in answer.err
    assert not again.exists()
    assert list(tmp_path.glob(".modelpool-restore-*")) == []


def test_a_restore_writes_over_nothing(
    ran: Example, elsewhere: Path, files_below: Callable[[Path], dict[str, bytes]]
) -> None:
    assert ran("backup", str(elsewhere)).code == 0
    (ran.folder / "data/log.jsonl").unlink()
    before = files_below(ran.folder)
    answer = _restore(elsewhere, ran.folder)
    assert (answer.code, "is not empty" in answer.err) == (2, True)
    assert files_below(ran.folder) == {
        **before,
        "data/log.jsonl": (ran.folder / "data/log.jsonl").read_bytes(),
    }


def test_what_a_restore_prints_can_be_pasted(ran: Example, elsewhere: Path, tmp_path: Path) -> None:
    assert ran("backup", str(elsewhere)).code == 0
    place = tmp_path / "r r\"'x"
    done = _restore(elsewhere, place)
    (command,) = re.findall(r"Next: `(modelpool [^`]*)`", done.out)
    assert shlex.split(command)[1:] == ["verify", "--workspace", str(place)]
    again = _restore(elsewhere, place)
    (command,) = re.findall(r"`(mv [^`]*)`", again.err)
    assert (again.code, shlex.split(command)) == (2, ["mv", str(place), f"{place}.broken"])


@pytest.mark.parametrize("place", [os.devnull, f"{os.devnull}/x", "a-file", "a-file/x", "lost"])
def test_what_is_no_folder_takes_no_workspace_and_no_backup(
    ran: Example, elsewhere: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    assert ran("backup", str(elsewhere)).code == 0
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a-file").write_text("mine")
    (tmp_path / "lost").symlink_to("nowhere")
    before = sorted(tmp_path.iterdir())
    for words in (("restore", str(elsewhere), place), ("backup", place), ("init", place)):
        said = invoke(words) if words[0] != "backup" else ran(*words)
        told = f"{place} is no folder" if not place.endswith("/x") else f"{place[:-2]} is none"
        assert (said.code, told in said.err) == (2, True), said
        assert "mv " not in said.err
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.parametrize("words", [("BACKUP", ""), ("", "new"), ("BACKUP", "new", "--workspace", "")])
def test_an_empty_path_is_not_the_folder_one_stands_in(
    ran: Example, elsewhere: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    assert ran("backup", str(elsewhere)).code == 0
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    given = [str(elsewhere) if word == "BACKUP" else word for word in words]
    typed = ["restore", *given] if "--workspace" not in given else ["status", *given[2:]]
    said = invoke(typed)
    assert (said.code, "'' is given where a path is asked for" in said.err) == (2, True), said
    monkeypatch.setenv("MODELPOOL_BACKUP_DIR", "")
    assert "no folder is named for the backup" in ran("backup").err
    assert list((tmp_path / "here").iterdir()) == []


def test_a_workspace_is_restored_neither_into_its_backup_nor_under_the_shell(
    ran: Example, elsewhere: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert ran("backup", str(elsewhere)).code == 0
    for place in (elsewhere, elsewhere / "data/new"):
        said = _restore(elsewhere, place)
        assert (said.code, f"{place} lies inside the backup" in said.err) == (2, True), said
    assert not (elsewhere / "data/new").exists()
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    said = _restore(elsewhere, Path())
    assert (said.code, f"`modelpool restore BACKUP {tmp_path / 'here'}`" in said.err) == (2, True), said


def test_a_lost_or_changed_decision_is_kept_and_named(ran: Example, elsewhere: Path) -> None:
    assert ran.approve().code == 0
    assert ran("backup", str(elsewhere)).code == 0
    decision, kept = (folder / "reviews/2026-W33/decision.json" for folder in (ran.folder, elsewhere))
    right = decision.read_bytes()
    decision.unlink()
    answer = ran("backup", str(elsewhere))
    assert (answer.code, f"`cp {kept} {decision}`" in answer.err) == (30, True)
    decision.write_bytes(right + b" ")
    assert ran("backup", str(elsewhere)).code == 30
    assert kept.read_bytes() == right
    shutil.copy(kept, decision)
    assert ran("backup", str(elsewhere)).code == 0


def test_a_second_backup_copies_what_changed_and_follows_what_is_gone(ran: Example, elsewhere: Path) -> None:
    first = ran("backup", str(elsewhere), "--json").json
    assert first["copied"] == first["files"]
    again = ran("backup", str(elsewhere), "--json").json
    assert again["copied"] == 0
    page = ran.folder / "reviews/2026-W33/report.html"
    page.unlink()
    captured = next((ran.folder / "data/raw").rglob("*.gz"))
    captured.unlink()
    assert ran("backup", str(elsewhere)).code == 0
    assert not (elsewhere / "reviews/2026-W33/report.html").exists()
    assert (elsewhere / captured.relative_to(ran.folder)).exists()


@pytest.mark.parametrize("place", ["data/backup", "."])
def test_a_backup_lies_apart_from_its_workspace(ran: Example, place: str) -> None:
    answer = ran("backup", str(ran.folder / place))
    assert (answer.code, "is not apart from" in answer.err) == (2, True)


def test_a_folder_of_something_else_is_left_alone(ran: Example, elsewhere: Path, tmp_path: Path) -> None:
    elsewhere.mkdir(parents=True)
    (elsewhere / "photos").touch()
    assert ran("backup", str(elsewhere)).code == 2
    assert [path.name for path in elsewhere.iterdir()] == ["photos"]
    answer = _restore(elsewhere, tmp_path / "again")
    assert (answer.code, MARK in answer.err) == (2, True)


def test_a_link_is_not_followed(ran: Example, elsewhere: Path, tmp_path: Path) -> None:
    (tmp_path / "theirs").write_text("theirs")
    (ran.folder / "reviews/mine").symlink_to(tmp_path / "theirs")
    assert ran("backup", str(elsewhere)).code == 30


def test_a_restore_without_its_database_names_the_command_that_fills_it(
    ran: Example, elsewhere: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert ran("backup", str(elsewhere)).code == 0
    database = tmp_path / "a-file" / "modelpool.sqlite"
    database.parent.touch()
    monkeypatch.setenv("MODELPOOL_DATABASE_URL", f"sqlite:///{database}")
    again = Example(tmp_path / "again")
    answer = _restore(elsewhere, again.folder)
    assert (answer.code, "WARN the database could not be filled" in answer.out) == (0, True)
    assert f"`modelpool rebuild --workspace {again.folder}` fills it" in " ".join(answer.out.split())
    database.parent.unlink()
    database.parent.mkdir()
    assert again("rebuild").code == 0
    assert database.stat().st_size > 0


def test_a_backup_that_cannot_be_written_costs_no_decision(
    ran: Example, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a-file").touch()
    monkeypatch.setenv("MODELPOOL_BACKUP_DIR", str(tmp_path / "a-file" / "backup"))
    answer = ran.approve()
    assert (answer.code, "WARN no backup in" in answer.err) == (0, True)
    assert (ran.folder / "reviews/2026-W33/decision.json").exists()
