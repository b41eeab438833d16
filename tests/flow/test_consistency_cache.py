"""`status` compares the record again only where a file changed; `verify` always does."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from pipeline.domain.calendar import moment_text
from pipeline.flow.record import consistency_cache, integrity, status
from pipeline.flow.record.consistency_cache import (
    FileState,
    KnownState,
    carried_over,
    file_state,
    keep,
    known_state,
)
from pipeline.flow.record.status import remember_agreement
from pipeline.settings import Settings
from tests.gate.tamperings import LAST, ROWS, recorded_workspace
from tests.gate.workspace import SAY, GateWorkspace, make_small_workspace

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pipeline.flow.record.record_files import RecordFiles


pytestmark = pytest.mark.usefixtures("_sqlite_file")  # with a server every status compares


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> GateWorkspace:
    gate = recorded_workspace(tmp_path_factory.mktemp("record") / "gate")
    gate.place.readings.mkdir(exist_ok=True)
    return gate


@pytest.fixture
def gate(made: GateWorkspace, tmp_path: Path) -> GateWorkspace:
    shutil.copytree(made.folder, tmp_path / "gate")
    return GateWorkspace(tmp_path / "gate", made.template)


@pytest.fixture
def compared(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Each time that `status` compares the files, a word."""
    found: list[str] = []
    check = integrity.check_files

    def counted(record: RecordFiles, settings: Settings) -> str:
        found.append("files")
        return check(record, settings)

    monkeypatch.setattr(status, "check_files", counted)
    return found


def _asked(gate: GateWorkspace) -> int:
    return gate("status", at=LAST).code


def _remember(gate: GateWorkspace) -> None:
    """As at the end of a run."""
    remember_agreement(gate.place, Settings())
    assert known_state(gate.place).agrees


def test_what_is_known_to_agree_is_not_compared(gate: GateWorkspace, compared: list[str]) -> None:
    _remember(gate)
    assert [_asked(gate), _asked(gate)] == [0, 0]
    remember_agreement(gate.place, Settings())
    assert compared == ["files"]


def test_status_alone_keeps_nothing(gate: GateWorkspace, compared: list[str]) -> None:
    before = gate.files()
    assert [_asked(gate), _asked(gate)] == [0, 0]
    assert compared == ["files", "files"]
    assert gate.files() == before


def test_what_a_command_wrote_needs_no_comparison(gate: GateWorkspace, compared: list[str]) -> None:
    """The pending proposal is rejected, and one that is made since is approved and published."""
    _remember(gate)
    (pending,) = [one for one in gate.place.reviews.glob("*/proposal.json") if not _decided(one)]
    digest = status.status(gate.place, Settings(), today=LAST.date()).asked
    assert digest is not None
    assert gate("reject", digest[:16], *SAY, at=LAST).code == 0
    assert (pending.parent / "decision.json").exists()
    assert _asked(gate) == 0
    assert compared == ["files"]
    with carried_over(gate.place):  # as the run that proposes
        filed = gate.propose(LAST, mark="once more")
        gate.record()
    assert gate.approve(filed, LAST).code == 0
    before = gate.published()
    assert gate("publish", at=LAST).code == 0
    assert gate.published() == before + 1
    assert _asked(gate) == 0
    assert compared == ["files"]


def _decided(proposal: Path) -> bool:
    return (proposal.parent / "decision.json").exists()


def _same_size_and_time(file: Path) -> None:
    times = file.stat()
    body = file.read_bytes()
    file.write_bytes(body[:-2] + body[-1:] + body[-2:-1])
    os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert (file.stat().st_size, file.stat().st_mtime_ns) == (times.st_size, times.st_mtime_ns)


def _replaced(file: Path) -> None:
    other = file.with_name("other")
    shutil.copy2(file, other)
    other.replace(file)


CHANGES: dict[str, Callable[[Path], object]] = {
    "a decision, its size and time kept": lambda f: _same_size_and_time(
        next(f.glob("reviews/*/decision.json"))
    ),
    "a version that is replaced by a copy": lambda f: _replaced(f / "data/pools/v0001.json"),
    "a proposal that is gone": lambda f: next(f.glob("reviews/*/proposal.json")).unlink(),
    "a version more": lambda f: shutil.copy2(f / "data/pools/v0002.json", f / "data/pools/v0009.json"),
    "a row of the database": lambda f: os.utime(f / "data/pipeline.sqlite"),
    "a journal beside the database": lambda f: (f / "data/pipeline.sqlite-journal").write_bytes(b""),
    "a capture": lambda f: shutil.copytree(f / "data/policy", f / "data/raw"),
    "the seal": lambda f: next((f / "data/readings").glob("*.sealed")).write_bytes(bytes(96)),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=list(CHANGES))
def test_any_change_is_compared_again(
    gate: GateWorkspace, compared: list[str], change: Callable[[Path], object]
) -> None:
    _remember(gate)
    change(gate.folder)
    _asked(gate)
    assert compared == ["files", "files"]


def test_other_code_compares_again(
    gate: GateWorkspace, compared: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    _remember(gate)
    (tmp_path / "code").mkdir()
    (tmp_path / "code/other.py").touch()
    monkeypatch.setattr(consistency_cache, "_CODE", tmp_path / "code")
    assert _asked(gate) == 0
    assert compared == ["files", "files"]


def test_verify_reads_everything(gate: GateWorkspace, monkeypatch: pytest.MonkeyPatch) -> None:
    _remember(gate)

    def asked(*_: object) -> KnownState:
        raise AssertionError

    monkeypatch.setattr(status, "known_state", asked)
    assert gate("verify", "--now", moment_text(LAST)).code == 0


def test_what_somebody_else_changes_meanwhile_is_not_carried_over(gate: GateWorkspace) -> None:
    _remember(gate)
    with carried_over(gate.place):
        _replaced(next(gate.folder.glob("reviews/*/decision.json")))
    assert not known_state(gate.place).agrees


def test_a_command_that_fails_carries_nothing_over(gate: GateWorkspace) -> None:
    _remember(gate)
    with suppress(OSError), carried_over(gate.place):
        gate.propose(LAST, mark="half")
        raise OSError
    assert not known_state(gate.place).agrees


def test_what_nobody_compared_is_not_carried_over(gate: GateWorkspace) -> None:
    with carried_over(gate.place):
        gate.propose(LAST, mark="first")
    assert not known_state(gate.place).agrees


def test_a_state_within_the_step_of_the_clock_is_not_kept(
    gate: GateWorkspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A later change could bear the same time."""
    state = _state(gate)
    newest = max(times[-1] for times in state.files.values())
    monkeypatch.setattr(consistency_cache, "_file_clock", lambda: newest)
    keep(gate.place, state)
    assert not known_state(gate.place).agrees
    monkeypatch.setattr(consistency_cache, "_file_clock", lambda: newest + 1)
    keep(gate.place, state)
    assert known_state(gate.place).agrees


def test_a_file_system_with_steps_of_seconds_needs_two_of_them(
    gate: GateWorkspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = _state(gate)
    state.files, state.people = {"one": (1, 1, 0, 10**10)}, {}
    monkeypatch.setattr(consistency_cache, "_file_clock", lambda: 10**10 + 10**9)
    assert not state.wait_until_settled()
    monkeypatch.setattr(consistency_cache, "_file_clock", lambda: 10**10 + 2 * 10**9 + 1)
    assert state.wait_until_settled()


def test_a_state_that_changed_since_is_not_kept(gate: GateWorkspace) -> None:
    state = _state(gate)
    (gate.place.reviews / "note.txt").touch()
    keep(gate.place, state)
    assert not known_state(gate.place).agrees


def test_the_same_workspace_by_another_name_is_the_same_state(
    gate: GateWorkspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(gate.folder.parent)
    here = replace(gate.place, root=gate.folder.relative_to(gate.folder.parent))
    assert FileState(here).digest() == _state(gate).digest()


def test_what_people_edit_is_read_and_needs_no_comparison(gate: GateWorkspace, compared: list[str]) -> None:
    _remember(gate)
    file = gate.place.crosswalk / "judgements.csv"
    file.write_text(file.read_text() + "no,judgement\n")
    said = gate("status", at=LAST)
    assert said.code == 0
    assert f"First mend what cannot be read: {file}:" in said.out
    assert "modelpool approve" not in said.out
    assert compared == ["files"]


def test_where_nothing_is_on_record_yet_all_agrees(tmp_path: Path) -> None:
    gate = make_small_workspace(tmp_path / "gate")
    with carried_over(gate.place):
        gate.place.readings.mkdir()
        gate.propose()
        gate.record()
    assert known_state(gate.place).agrees


def test_a_difference_is_not_remembered(gate: GateWorkspace) -> None:
    ROWS[min(ROWS)](gate.folder)
    remember_agreement(gate.place, Settings())
    assert not known_state(gate.place).agrees
    assert _asked(gate) == 30


def test_a_folder_that_nobody_made_is_not_made(gate: GateWorkspace) -> None:
    gate.place.readings.rmdir()
    remember_agreement(gate.place, Settings())
    assert not gate.place.readings.exists()


def _state(gate: GateWorkspace) -> FileState:
    found = file_state(gate.place)
    assert found is not None
    return found
