"""Whatever is wrong with a workspace or its machine is found, and comes with what to do."""

from __future__ import annotations

import json
import os
import re
import shutil
from datetime import datetime
from typing import TYPE_CHECKING

import pytest

from pipeline.errors import RefusedError
from pipeline.flow.operations import machine_checks
from pipeline.flow.operations.doctor import CHECKS
from pipeline.flow.operations.health_check import Examination
from pipeline.settings import Settings
from pipeline.workspace import Workspace
from pipeline.workspace_lock import LOCK, LockHolder, hold_lock
from tests.databases import changed_rows, copy_workspace, remove_database
from tests.example import Example

if TYPE_CHECKING:
    from pathlib import Path

NOW = "2026-08-15T13:00:00Z"
LATER = "2026-08-24T13:00:00Z"


@pytest.fixture(scope="module")
def _in_force(_after_the_run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("in-force") / "workspace"
    shutil.copytree(_after_the_run, folder)
    example = Example(folder)
    approve = ("approve", example.digest()[:16], "--reviewer", "R. Viewer", "--note", "Read the page.")
    assert example(*approve, "--now", "2026-08-15T12:10:00Z").code == 0
    assert example("publish", "--now", "2026-08-15T12:20:00Z").code == 0
    expected = folder / "data/policy/expectations.toml"
    text, changed = re.subn(
        r"(\[sources\.openrouter\].*?max_age_days = )10\b", r"\g<1>90", expected.read_text(), flags=re.DOTALL
    )
    assert changed == 1, "the sample's catalogue is of June"
    expected.write_text(text)
    return folder


@pytest.fixture
def healthy(_in_force: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Example:
    monkeypatch.setenv("MODELPOOL_AA_KEY", "a-key-that-nobody-asks-with")
    return copy_workspace(_in_force, tmp_path / "healthy")


def _failed(example: Example, now: str = NOW) -> dict[str, str]:
    answer = example("doctor", "--json", "--now", now)
    checks = json.loads(answer.out)
    failed = {one["name"]: f"{one['found']} - {one['next_step']}" for one in checks if not one["passed"]}
    assert answer.code == (1 if failed else 0)
    assert all(one["next_step"] for one in checks if not one["passed"])
    return failed


def test_nothing_is_wrong_where_all_is_well(healthy: Example) -> None:
    assert _failed(healthy) == {}
    shown = healthy("doctor", "--now", NOW).out.splitlines()
    assert [line.partition(":")[0] for line in shown] == [f"ok   {name}" for name in CHECKS]


def test_a_workspace_without_a_version_is_told_to_propose_one(tmp_path: Path) -> None:
    new = Example(tmp_path / "new")
    assert new.start().code == 0
    text = new("doctor").out
    assert "git checkout" not in text
    assert text.count("nothing is published yet") == 2


def test_a_variable_that_sets_nothing(healthy: Example, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODELPOOL_AA_KYE", "x")
    found = _failed(healthy)
    assert found.keys() == {"variables"}
    assert "no setting of modelpool: MODELPOOL_AA_KYE" in found["variables"]


def test_a_variable_of_another_form_is_the_only_thing_said(
    healthy: Example, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MODELPOOL_DEADLINE_SECONDS", "soon")
    assert _failed(healthy).keys() == {"variables"}


def test_a_missing_key_and_the_file_that_holds_it(healthy: Example, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MODELPOOL_AA_KEY")
    assert "MODELPOOL_AA_KEY" in _failed(healthy)["keys"]
    variables = healthy.folder / "data/modelpool.env"
    variables.touch(mode=0o600)
    assert f"set -a; . {variables}; set +a" in _failed(healthy)["keys"]


def test_a_file_of_keys_that_others_may_read(healthy: Example) -> None:
    variables = healthy.folder / "data/modelpool.env"
    variables.touch()
    variables.chmod(0o640)
    found = _failed(healthy)
    assert found.keys() == {"keys"}
    assert f"`chmod 600 {variables}`" in found["keys"]


def test_a_clock_that_is_behind_the_last_run(healthy: Example) -> None:
    found = _failed(healthy, "2026-08-01T12:00:00Z")
    assert "before the last run 2026-W33" in found["clock"]


def test_a_full_disk(healthy: Example, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine_checks, "FEWEST_FREE_BYTES", 2**60)
    assert _failed(healthy).keys() == {"disk"}


def test_a_folder_that_is_none(healthy: Example) -> None:
    shutil.move(healthy.folder / "data/raw", healthy.folder / "elsewhere")
    (healthy.folder / "data/raw").touch()
    assert "data/raw is no folder" in _failed(healthy)["rights"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_a_folder_of_another_user(healthy: Example) -> None:
    """The check alone, in a process that may not write there."""
    assert _failed(healthy) == {}
    for folder in healthy.folder.parents:
        if folder.stat().st_uid == 0 and folder.is_relative_to("/tmp"):  # noqa: S108 - where pytest works
            folder.chmod(folder.stat().st_mode | 0o055)
    place = Examination(
        workspace=Workspace(healthy.folder), settings=Settings(), now=datetime.fromisoformat(NOW)
    )
    child = os.fork()
    if child == 0:
        code = 9
        try:
            os.setuid(65534)
            machine_checks.check_rights(place)
        except RefusedError as error:
            code = 0 if "may not write into" in str(error) else 8
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_a_command_that_has_been_writing_for_hours(healthy: Example) -> None:
    data = healthy.folder / "data"
    with hold_lock(data, LockHolder(command="run", since="2026-08-15T12:59:00Z")):
        assert _failed(healthy) == {}
    with hold_lock(data, LockHolder(command="run", since="2026-08-15T11:30:00Z")):
        found = _failed(healthy)
    assert found.keys() == {"lock"}
    assert f"`kill {os.getpid()}`" in found["lock"]


def test_a_lock_that_is_a_link(healthy: Example, tmp_path: Path) -> None:
    (healthy.folder / "data" / LOCK).unlink(missing_ok=True)
    (healthy.folder / "data" / LOCK).symlink_to(tmp_path / "theirs")
    assert _failed(healthy).keys() == {"lock"}
    assert not (tmp_path / "theirs").exists()


def test_a_policy_that_cannot_be_read(healthy: Example) -> None:
    with (healthy.folder / "data/policy/tiers.toml").open("a") as policy:
        policy.write("= broken")
    assert "policy and crosswalk" in _failed(healthy)


def test_a_database_of_a_later_program(healthy: Example) -> None:
    assert changed_rows(healthy.folder, "UPDATE alembic_version SET version_num = '9999'") == 1
    found = _failed(healthy)
    assert "modelpool rebuild" in found["database"]


def test_a_database_that_is_missing_is_made_by_the_next_run(healthy: Example) -> None:
    remove_database(healthy.folder)
    assert _failed(healthy) == {}
    assert not (healthy.folder / "data/pipeline.sqlite").exists()


def test_a_decision_that_was_edited(healthy: Example) -> None:
    decision = healthy.folder / "reviews/2026-W33/decision.json"
    decision.write_bytes(decision.read_bytes().replace(b"Read the page", b"Read no page."))
    assert "record" in _failed(healthy)


def test_a_run_that_failed_and_one_that_did_not_start(healthy: Example) -> None:
    assert "more than 8 days ago" in _failed(healthy, LATER)["runs"]
    assert healthy("run", "--captures", "nowhere").code == 2
    assert "failed with exit code 2" in _failed(healthy)["runs"]


def test_a_proposal_that_waits_for_too_long(ran: Example, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODELPOOL_AA_KEY", "a-key-that-nobody-asks-with")
    assert "2026-W33 is pending for 9 days" in _failed(ran, LATER)["reviews"]


def test_sources_whose_data_is_old_or_was_never_there(healthy: Example, example: Example) -> None:
    assert "days old, more than" in _failed(healthy, "2026-12-15T13:00:00Z")["sources"]
    assert "lmarena-webdev never delivered" in _failed(example, "2026-06-01T12:00:00Z")["sources"]


def test_a_source_that_is_held(healthy: Example, tmp_path: Path) -> None:
    broken = tmp_path / "2026-08-20-openrouter.json"
    broken.write_text('{"data": []}')
    answer = healthy(
        "run", "--captures", f"openrouter={broken}", "--week", "2026-W34", "--now", "2026-08-22T12:00:00Z"
    )
    assert answer.code == 20
    assert "openrouter is held" in _failed(healthy, "2026-08-22T13:00:00Z")["sources"]


def test_a_pool_that_expired(healthy: Example) -> None:
    assert "expired on" in _failed(healthy, "2026-12-15T13:00:00Z")["pool"]


def test_a_pool_file_that_a_router_cannot_read(healthy: Example) -> None:
    latest = healthy.folder / "data/pools/latest.json"
    latest.chmod(0o600)
    found = _failed(healthy)
    assert found.keys() == {"router access"}
    assert f"`chmod o+r {latest}`" in found["router access"]


def test_a_workspace_without_anything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODELPOOL_AA_KEY", "a-key-that-nobody-asks-with")
    (tmp_path / "data/policy").mkdir(parents=True)
    found = _failed(Example(tmp_path))
    assert {"policy and crosswalk", "runs", "pool"} <= found.keys()
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
