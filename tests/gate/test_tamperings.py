"""`verify` and `status` name what was done to the record, by the same words and the same exit code."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pipeline.domain.calendar import moment_text
from pipeline.flow.record.consistency_cache import known_state
from pipeline.flow.record.status import remember_agreement
from pipeline.settings import Settings
from tests.databases import copy_workspace, is_on_server
from tests.gate.tamperings import (
    DECISIONS,
    LAST,
    NEED_A_SIGNATURE,
    PROPOSALS,
    ROWS,
    VERSIONS,
    recorded_workspace,
)
from tests.gate.workspace import GateWorkspace

if TYPE_CHECKING:
    from pathlib import Path

    from tests.example import Answer

NAMED = {**PROPOSALS, **DECISIONS, **VERSIONS, **ROWS}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> GateWorkspace:
    return recorded_workspace(tmp_path_factory.mktemp("record") / "gate")


@pytest.fixture
def record(whole: GateWorkspace, tmp_path: Path) -> GateWorkspace:
    """A copy of the record that a test may tamper with, of which is known that all agrees."""
    copy_workspace(whole.folder, tmp_path / "gate")
    record = GateWorkspace(tmp_path / "gate", whole.template)
    record.place.readings.mkdir(exist_ok=True)  # as after a run
    remember_agreement(record.place, Settings.from_environment())
    assert is_on_server() or known_state(record.place).agrees
    return record


def _asked(record: GateWorkspace) -> list[Answer]:
    return [record("verify", "--now", moment_text(LAST)), record("status", at=LAST)]


def test_the_record_is_whole_before_anybody_touches_it(record: GateWorkspace) -> None:
    verify, status = _asked(record)
    assert (verify.code, status.code) == (0, 0)
    assert "v0002" in verify.out
    assert "so is every version before it, with the approval behind each" in " ".join(verify.out.split())
    assert record.published() == 2
    assert len(NAMED) >= 60


@pytest.mark.parametrize("kind", NAMED)
def test_both_commands_name_what_was_tampered_with(record: GateWorkspace, kind: str) -> None:
    before = {path: path.read_bytes() for path in record.folder.rglob("*") if path.is_file()}
    NAMED[kind](record.folder)
    after = {path: path.read_bytes() for path in record.folder.rglob("*") if path.is_file()}
    assert after != before or (is_on_server() and kind in ROWS), "the fault fired"
    verify, status = _asked(record)
    assert (verify.code, status.code) == (30, 30), (verify, status)
    assert verify.err == status.err
    assert any(restores in verify.err for restores in ("`git ", "`cp ", "`diff ", "`modelpool rebuild "))


@pytest.mark.parametrize("kind", NEED_A_SIGNATURE)
def test_what_needs_a_signature_is_not_named_yet(record: GateWorkspace, kind: str) -> None:
    """Once something here is named, it belongs into the tables above."""
    before = record.files()
    NEED_A_SIGNATURE[kind](record.folder)
    assert record.files() != before, "the fault fired"
    assert [one.code for one in _asked(record)] == [0, 0]
