"""While the file of a decision is gone, nobody can decide or publish: a refusal would be forgotten."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.gate.workspace import NOON, SAY, GateWorkspace

if TYPE_CHECKING:
    from pathlib import Path

    from tests.example import Answer, Example

HOUR = timedelta(hours=1)
WEEK = timedelta(weeks=1)


def _lose(gate: GateWorkspace, name: str) -> tuple[Path, bytes]:
    file = gate.place.reviews / "2026-W33" / name
    body = file.read_bytes()
    file.unlink()
    return file, body


def _says(found: Answer, words: str) -> bool:
    return found.code == 30 and words in " ".join(found.err.split())


def test_a_lost_withdrawal_is_missed_without_the_database(gate: GateWorkspace) -> None:
    filed = gate.propose()
    assert gate.approve(filed).code == 0
    assert gate("withdraw", filed.proposal.pool_sha256[:8], *SAY, at=NOON + HOUR).code == 0
    _lose(gate, "withdrawal.json")
    gate.place.database.unlink(missing_ok=True)
    for command in ("publish", "status"):
        found = gate(command, at=NOON + HOUR)
        assert _says(found, "withdrawal.json, which R. Viewer filed at"), found
    assert gate.published() == 0
    assert gate("rebuild", at=NOON + HOUR).code == 0, "a person says that the files are right as they are"
    assert gate("publish", at=NOON + HOUR).code == 0


def test_a_lost_rejection_is_missed(gate: GateWorkspace) -> None:
    filed = gate.propose()
    assert gate("reject", filed.proposal.pool_sha256[:8], *SAY, at=NOON).code == 0
    file, body = _lose(gate, "decision.json")
    found = gate.approve(filed)
    assert _says(found, "decision.json, which R. Viewer filed at"), found
    assert not file.exists()
    file.write_bytes(body)
    assert "no proposal is pending" in gate.approve(filed).err


def test_a_lost_rejection_is_missed_by_the_database_alone(gate: GateWorkspace) -> None:
    gate.record()
    filed = gate.propose()
    gate.record()
    assert gate("reject", filed.proposal.pool_sha256[:8], *SAY, at=NOON).code == 0
    _lose(gate, "decision.json")
    gate.place.log.unlink()
    found = gate.approve(filed)
    assert _says(found, "2026-W33 was decided, and"), found


def test_a_lost_approval_of_the_pool_in_force_is_missed(gate: GateWorkspace) -> None:
    filed = gate.propose()
    assert gate.approve(filed).code == 0
    assert gate("publish", at=NOON).code == 0
    later = gate.propose(NOON + WEEK)
    file, body = _lose(gate, "decision.json")
    gate.place.log.unlink()
    gate.place.database.unlink(missing_ok=True)
    found = gate.approve(later, NOON + WEEK)
    assert _says(found, "v0001 has no matching approval"), found
    file.write_bytes(body)
    assert gate.approve(later, NOON + WEEK).code == 0


@pytest.mark.parametrize("command", ["withdraw", "publish"])
def test_what_is_approved_waits_while_an_earlier_approval_is_lost(gate: GateWorkspace, command: str) -> None:
    filed = gate.propose()
    assert gate.approve(filed).code == 0
    assert gate("publish", at=NOON).code == 0
    later = gate.propose(NOON + WEEK)
    assert gate.approve(later, NOON + WEEK).code == 0
    before = gate.files()
    file, body = _lose(gate, "decision.json")
    digest = (later.proposal.pool_sha256[:16], *SAY) if command == "withdraw" else ()
    assert gate(command, *digest, at=NOON + WEEK).code == 30
    file.write_bytes(body)
    assert gate.files() == before
    assert gate(command, *digest, at=NOON + WEEK).code == 0


def test_no_change_is_answered_while_a_decision_is_lost(ran: Example) -> None:
    file = ran.folder / "reviews/2026-W22/decision.json"
    body = file.read_bytes()
    file.unlink()
    said = ("answer", ran.digest()[:16], "--never", "1", *SAY, "--now", "2026-08-15T13:00:00Z")
    found = ran(*said)
    assert (found.code, (ran.folder / "reviews/2026-W33/answers.json").exists()) == (30, False), found
    file.write_bytes(body)
    assert ran(*said).code == 10
