"""Workspaces that take captures and crosswalk from another one: sources are asked once, names judged once."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any, Final

import pytest

from pipeline import workspace_lock
from pipeline.flow.run import catch_up
from pipeline.workspace import Workspace
from pipeline.workspace_lock import LockHolder, hold_lock
from tests.example import SECOND_WEEK, Example, copy_record, invoke

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pipeline.flow.run.run_state import RunRequest
    from tests.example import Answer

BOTH: Final = 'format = 1\ncaptures = "../ran"\ncrosswalk = "../ran"\n'
WHO: Final = ("--reviewer", "R. Viewer", "--note", "The page says so.")
DOCTOR: Final = ("doctor", "--json", "--now", "2026-08-15T13:00:00Z")


@pytest.fixture
def team(ran: Example, monkeypatch: pytest.MonkeyPatch) -> Example:
    """A workspace beside the one that asks the sources, with no key and no way out."""
    monkeypatch.delenv("MODELPOOL_AA_KEY", raising=False)
    monkeypatch.setattr("pipeline.flow.run.fetch.SourceSession", None)
    folder = ran.folder.parent / "team"
    copy_record(folder)
    return _sharing(Example(folder))


def _sharing(example: Example, text: str = BOTH) -> Example:
    (example.folder / "data/policy/shared.toml").write_text(text)
    return example


def _run(example: Example) -> Answer:
    return example("run", *SECOND_WEEK)


def _proposal(example: Example) -> bytes:
    return (example.folder / "reviews/2026-W33/proposal.json").read_bytes()


def _judged(example: Example) -> bytes:
    return (example.folder / "data/crosswalk/judgements.csv").read_bytes()


def test_the_same_answers_under_the_same_policy_come_to_the_same_proposal(
    ran: Example, team: Example
) -> None:
    shutil.rmtree(team.folder / "data/crosswalk")
    assert _run(team).code == 10
    assert _proposal(team) == _proposal(ran)


def test_what_was_taken_is_kept_and_needs_the_other_workspace_no_more(
    ran: Example, team: Example, tmp_path: Path
) -> None:
    _sharing(team, 'format = 1\ncaptures = "../ran"\n')
    assert _run(team).code == 10
    filed = _proposal(team)
    shutil.move(ran.folder, tmp_path / "elsewhere")
    shutil.rmtree(team.folder / "data/sample/2026-W33")
    for words in (
        ("verify",),
        ("replay", "2026-W33"),
        ("rebuild",),
        ("status",),
        ("backup", str(tmp_path / "copy")),
    ):
        assert team(*words).code == 0, words
    assert team.approve().code == 0
    assert team("backup", str(tmp_path / "copy")).code == 0
    restored = Example(tmp_path / "restored")
    answer = invoke(("restore", str(tmp_path / "copy"), str(restored.folder)))
    assert (answer.code, "WARN" in answer.out) == (0, False), answer.out + answer.err
    assert "with 2 decisions" in answer.out
    assert _proposal(restored) == _proposal(team) == filed
    verified = restored("verify")
    assert verified.code == 0, verified.err
    assert "in the database are what files and captures say" in verified.out
    assert restored("replay", "2026-W33").code == 0


def test_a_restore_far_from_the_crosswalk_it_shares_says_which_one_is_missing(
    ran: Example, team: Example, tmp_path: Path
) -> None:
    assert _run(team).code == 10
    assert team.approve().code == 0
    assert team("backup", str(tmp_path / "copy")).code == 0
    restored = Example(tmp_path / "far" / "restored")
    answer = invoke(("restore", str(tmp_path / "copy"), str(restored.folder)))
    assert (answer.code, "with 2 decisions" in answer.out) == (0, True), answer.out + answer.err
    said = " ".join(answer.out.split())
    assert "WARN the database could not be filled" in said
    assert "shared.toml: crosswalk = '../ran'" in said
    assert f"{restored.folder}/../ran is no workspace" in said
    assert f"modelpool rebuild --workspace {restored.folder}" in said
    assert restored("rebuild").code == 2
    shutil.move(ran.folder, tmp_path / "far" / "ran")
    assert restored("rebuild").code == 0
    assert restored("verify").code == 0


def test_a_source_that_was_held_there_is_held_here_for_the_same_reason(
    example: Example, team: Example, tmp_path: Path
) -> None:
    shutil.rmtree(tmp_path / "ran")
    shutil.move(example.folder, tmp_path / "ran")
    owner = Example(tmp_path / "ran")
    (tmp_path / "2026-08-14-openrouter.json").write_text("{}")
    sample = owner.folder / "data/sample/2026-W33"
    broken = f"openrouter={tmp_path / '2026-08-14-openrouter.json'}"
    assert owner("run", "--captures", str(sample), "--captures", broken, *SECOND_WEEK).code == 20
    answer = _run(team)
    assert answer.code == 20
    assert "openrouter is held" in answer.out
    assert _proposal(team) == _proposal(owner)


def test_a_week_that_nobody_asked_for_yet_is_refused_with_the_command_that_asks(
    ran: Example, team: Example
) -> None:
    answer = team("run", "--week", "2026-W34", "--now", "2026-08-22T12:00:00Z")
    assert answer.code == 30
    assert "has no run of 2026-W34" in answer.err
    owner = str(team.folder / "../ran")
    assert f"modelpool run --workspace {owner}" in answer.err
    early = team("run", "--week", "2026-W33", "--now", "2026-08-15T11:59:59Z")
    assert "has no run of 2026-W33 up to 2026-08-15T11:59:59Z" in early.err
    assert not list(team.folder.glob("reviews/2026-W3*"))


@pytest.fixture
def weeks_later(ran: Example) -> tuple[str, ...]:
    """How the week after the last is asked for, which the workspace that asks the sources ran too."""
    given = ran.folder.parent / "given"
    shutil.copytree(ran.folder / "data/sample/2026-W33", given)
    for file in [*given.iterdir()]:
        file.write_bytes(file.read_bytes() + b"\n")
        file.rename(file.with_name(f"2026-08-20{file.name[10:]}"))
    week = ("--week", "2026-W34", "--now", "2026-08-22T12:00:00Z")
    assert ran("run", "--captures", str(given), *week).code in {0, 10, 20}
    return ("run", "--catch-up", "--week", "2026-W34", "--now", "2026-08-22T13:00:00Z")


def _document(example: Example, week: str) -> dict[str, Any]:
    (file,) = [
        *example.folder.glob(f"reviews/{week}/proposal.json"),
        *example.folder.glob(f"reviews/{week}/heartbeat.json"),
    ]
    document = json.loads(file.read_bytes())
    assert isinstance(document, dict)
    return document


def _taken(document: dict[str, Any]) -> set[tuple[str, str]]:
    return {
        (line["name"], line["sha256"])
        for line in document["inputs"]
        if line["name"].startswith(("capture:", "held:"))
    }


@pytest.mark.timeout(480)  # three weeks are run
def test_weeks_that_were_missed_are_taken_from_the_runs_of_the_other_workspace(
    ran: Example, team: Example, weeks_later: tuple[str, ...]
) -> None:
    answer = team(*weeks_later)
    assert answer.code in {0, 10, 20}, answer.err
    assert "Caught up 2026-W33" in answer.out
    for week in ("2026-W33", "2026-W34"):
        mine, theirs = _document(team, week), _document(ran, week)
        assert _taken(mine) == _taken(theirs) != set()
    assert _document(team, "2026-W33")["as_of"] == _document(ran, "2026-W33")["as_of"]
    earlier = {line["detail"] for line in _document(team, "2026-W34")["inputs"] if line["name"] == "earlier"}
    assert "2026-W33" in earlier
    assert team(*weeks_later[:-1], "2026-08-22T14:00:00Z").out.count("Caught up") == 0
    assert team("verify", "--now", "2026-08-22T15:00:00Z").code == 0


def test_a_missed_week_whose_bytes_are_gone_there_is_left_out_and_a_damaged_one_is_refused(
    ran: Example, team: Example, weeks_later: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    (file,) = (ran.folder / "data/raw").glob("openrouter/2026-W33/*.gz")
    whole = file.read_bytes()
    file.write_bytes(whole[:-20])
    refused = team(*weeks_later)
    assert (refused.code, "openrouter" in refused.err) == (30, True), refused.err
    assert not list(team.folder.glob("reviews/2026-W3*"))
    file.unlink()
    shutil.rmtree(ran.folder / "data/sample/2026-W33")  # where the same bytes were read from
    made: list[RunRequest] = []
    monkeypatch.setattr(catch_up, "run", made.append)
    assert team(*weeks_later).code == 1  # nothing was run that could be shown
    assert [one.week for one in made] == ["2026-W34"]
    file.write_bytes(whole)
    assert team(*weeks_later).code == 1
    assert [one.week for one in made[1:]] == ["2026-W33", "2026-W34"]


def test_captures_that_are_named_come_before_those_of_the_other_workspace(
    ran: Example, team: Example
) -> None:
    answer = team("run", "--captures", "nowhere", *SECOND_WEEK)
    assert (answer.code, "nowhere does not exist" in answer.err) == (2, True)


def test_a_name_is_judged_where_the_crosswalk_is(ran: Example, team: Example) -> None:
    assert _run(team).code == 10
    own, theirs = _judged(team), _judged(ran)
    answer = team("crosswalk", "map", "Command A+", "--not-routed", *WHO)
    assert answer.code == 0, answer.err
    assert _judged(team) == own
    assert _judged(ran) != theirs
    assert str(team.folder / "../ran/data/crosswalk") in answer.out
    assert b"Command A+" in _judged(ran)
    for example in (team, ran):
        assert example("replay", "2026-W33").code == 0


@pytest.mark.parametrize(
    "text", [BOTH, BOTH.replace("crosswalk", "# crosswalk"), BOTH.replace("captures", "# captures")]
)
def test_a_run_waits_for_who_writes_where_it_takes_from(
    ran: Example, team: Example, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workspace_lock, "WAIT_SECONDS", 0.0)
    with hold_lock(ran.folder / "data", LockHolder(command="run", since="2026-08-15T12:00:00Z")):
        answer = _run(_sharing(team, text))
    assert answer.code == 30
    assert f"has been writing into {team.folder / '../ran/data'}" in answer.err
    assert not (team.folder / "reviews/2026-W33").exists()


def test_a_judgement_waits_for_who_writes_where_the_crosswalk_is(
    ran: Example, team: Example, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workspace_lock, "WAIT_SECONDS", 0.0)
    judged = _judged(ran)
    with hold_lock(ran.folder / "data", LockHolder(command="run", since="2026-08-15T12:00:00Z")):
        assert team("crosswalk", "map", "Command A+", "--not-routed", *WHO).code == 30
    assert _judged(ran) == judged


def test_no_key_is_needed_where_another_workspace_asks(ran: Example, team: Example) -> None:
    checks = {one["name"]: one for one in json.loads(team(*DOCTOR).out)}
    assert checks["keys"]["passed"]
    assert "the sources are asked in" in checks["keys"]["found"]
    assert "the crosswalk of" in checks["policy and crosswalk"]["found"]
    _sharing(team, 'format = 1\ncrosswalk = "../ran"\n')
    checks = {one["name"]: one for one in json.loads(team(*DOCTOR).out)}
    assert not checks["keys"]["passed"]


def _link(folder: Path) -> str:
    (folder / "link").symlink_to("ran")
    return "../link"


def _inner_link(folder: Path) -> str:
    raw = folder / "ran/data/raw"
    raw.rename(folder / "far")
    raw.symlink_to(folder / "far")
    return "../ran"


def _third(folder: Path) -> str:
    _sharing(Example(folder / "ran"), 'format = 1\ncaptures = "../third"\n')
    return "../ran"


@pytest.mark.parametrize(
    ("place", "said"),
    [
        pytest.param(lambda _: "../nowhere", "is no workspace", id="nowhere"),
        pytest.param(lambda _: "..", "is no workspace", id="a folder"),
        pytest.param(lambda _: "../team", "that is this workspace itself", id="itself"),
        pytest.param(_link, "link is a link", id="a link"),
        pytest.param(_inner_link, "data/raw is a link", id="a link inside"),
        pytest.param(_third, "takes its own from ../third", id="a chain"),
    ],
)
def test_what_cannot_be_taken_from_is_told(
    ran: Example, team: Example, place: Callable[[Path], str], said: str
) -> None:
    _sharing(team, f'format = 1\ncaptures = "{place(ran.folder.parent)}"\n')
    answer = _run(team)
    assert answer.code == 2, (answer.out, answer.err)
    assert said in answer.err
    assert "shared.toml: captures = " in answer.err
    assert not (team.folder / "reviews/2026-W33").exists()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('captures = "../ran"\n', "no `format = 1`"),
        ('format = 1\ncapture = "../ran"\n', "shared.toml:2: capture = '../ran'"),
        ("format = 1\ncrosswalk = 7\n", "shared.toml:2: crosswalk = 7"),
        ('format = 1\ncrosswalk = ""\n', "shared.toml:2: crosswalk = ''"),
        ("format = ", "expected TOML"),
    ],
)
def test_a_file_of_another_form_is_told_with_its_line(team: Example, text: str, said: str) -> None:
    answer = _run(_sharing(team, text))
    assert answer.code == 2
    assert said in answer.err


def test_without_the_file_everything_is_its_own(example: Example) -> None:
    place = Workspace(example.folder)
    assert (place.shared_from("captures"), place.shared_from("crosswalk")) == (None, None)
    assert place.crosswalk == example.folder / "data/crosswalk"
