"""An approval is taken back before it is published, by a named person, and the chain keeps both words."""

from __future__ import annotations

import shutil
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from pipeline.domain.proposal import Withdrawal
from pipeline.flow.record.integrity import verify_record
from pipeline.flow.record.record_files import RecordFiles
from pipeline.review.decisions.chain import latest_decision
from tests.gate.workspace import NOON, SAY, GateWorkspace

if TYPE_CHECKING:
    from datetime import datetime

HOUR = timedelta(hours=1)


def _approved(gate: GateWorkspace) -> str:
    filed = gate.propose()
    assert gate.approve(filed).code == 0
    return filed.proposal.pool_sha256[:8]


def test_what_was_withdrawn_is_not_published(gate: GateWorkspace) -> None:
    digest = _approved(gate)
    said = gate("withdraw", digest, *SAY, at=NOON + HOUR)
    assert said.code == 0, said.err
    assert "Withdrew the approval of 2026-W33, by R. Viewer." in said.out
    assert "No pool is published yet. Next: `modelpool run" in said.out
    refused = gate("publish", at=NOON + 2 * HOUR)
    assert refused.code == 30
    assert "nothing is approved" in refused.err
    assert gate.published() == 0
    shown = gate("status", at=NOON + HOUR).out
    assert "Approved, not published" not in shown
    verify_record(RecordFiles(gate.place))
    found = latest_decision(gate.place.reviews)
    assert found is not None
    assert isinstance(found[0], Withdrawal)
    assert found[0].note == "Read the page."


def test_who_decides_what_is_approved_already_is_told_how_to_take_that_back(gate: GateWorkspace) -> None:
    digest = _approved(gate)
    said = gate("reject", digest, *SAY, at=NOON + HOUR)
    assert (said.code, f"`modelpool withdraw {digest} --reviewer NAME" in said.err) == (30, True), said


def test_an_approval_does_not_come_back_by_removing_its_withdrawal(gate: GateWorkspace) -> None:
    gate.record()
    digest = _approved(gate)
    gate.record()
    assert gate("withdraw", digest, *SAY, at=NOON + HOUR).code == 0
    gone = gate.place.reviews / "2026-W33/withdrawal.json"
    gone.unlink()
    refused = gate("publish", at=NOON + 2 * HOUR)
    assert (refused.code, gate.published()) == (30, 0), refused
    assert f"was withdrawn, and {gone} is gone" in " ".join(refused.err.split())


def test_nothing_earlier_is_approved_where_the_pending_proposal_was_removed(gate: GateWorkspace) -> None:
    gate.record()
    earlier = gate.propose()
    later = gate.propose(NOON + HOUR, mark="another")
    gate.record()
    shutil.rmtree(later.folder)
    refused = gate.approve(earlier, NOON + 2 * HOUR)
    assert (refused.code, (earlier.folder / "decision.json").exists()) == (30, False), refused
    assert f"{later.folder} waits for a decision, and is gone" in " ".join(refused.err.split())
    assert gate("rebuild", at=NOON + 2 * HOUR).code == 0
    assert gate.approve(earlier, NOON + 2 * HOUR).code == 0


def test_the_next_proposal_follows_the_withdrawal(gate: GateWorkspace) -> None:
    assert gate("withdraw", _approved(gate), *SAY, at=NOON + HOUR).code == 0
    again = gate.propose(NOON + 2 * HOUR)
    assert gate.approve(again, NOON + 2 * HOUR).code == 0
    assert gate("publish", at=NOON + 2 * HOUR).code == 0
    assert gate.published() == 1
    assert gate("verify", "--now", "2026-08-16T00:00:00Z").code == 0
    assert again.decision is None
    assert "reviewer" in (again.folder / "decision.json").read_text()


def test_an_earlier_approval_does_not_come_back(gate: GateWorkspace) -> None:
    _approved(gate)
    later = gate.propose(NOON + HOUR, mark="another")
    assert gate.approve(later, NOON + HOUR).code == 0
    assert gate("withdraw", later.proposal.pool_sha256[:8], *SAY, at=NOON + 2 * HOUR).code == 0
    said = gate("publish", at=NOON + 3 * HOUR)
    assert said.code == 30
    gone = "the approval of 2026-W33.2 was withdrawn after it"
    assert f"2026-W33 was approved, but {gone}, and no pool is published yet" in " ".join(said.err.split())
    assert "Approved, not published" not in gate("status", at=NOON + 3 * HOUR).out


def test_after_a_withdrawal_no_message_calls_the_proposal_approved(gate: GateWorkspace) -> None:
    assert gate.approve(gate.propose()).code == 0
    assert gate("publish", at=NOON).code == 0
    read = " ".join(gate("review", at=NOON).err.split())
    assert "2026-W33 was approved by R. Viewer at 2026-08-15T12:00:00Z, and is published as v0001" in read
    later = gate.propose(NOON + HOUR, mark="another")
    assert gate.approve(later, NOON + HOUR).code == 0
    assert gate("withdraw", later.proposal.pool_sha256[:8], *SAY, at=NOON + 2 * HOUR).code == 0
    gone = f"the approval of {later.folder.name} was withdrawn"
    for words in (("review",), ("approve", later.proposal.pool_sha256[:8], *SAY)):
        assert gone in " ".join(gate(*words, at=NOON + 3 * HOUR).err.split())
    said = gate("publish", at=NOON + 3 * HOUR)
    assert f"v0001 is already published, and nothing approved waits: {gone}" in " ".join(said.err.split())
    assert "nothing left to do" not in said.err


@pytest.mark.parametrize(
    ("digest", "more", "at", "told"),
    [
        ("0123abcd", SAY, NOON + HOUR, (30, "You withdraw 0123abcd, but 2026-W33 was approved as")),
        ("", SAY, NOON + HOUR, (30, "You withdraw nothing")),
        (None, ("--reviewer", "R. Viewer", "--note", " "), NOON + HOUR, (2, "--note is empty")),
        (None, ("--reviewer", "Your Name", "--note", "x"), NOON + HOUR, (2, "is a placeholder")),
        (None, SAY, NOON - HOUR, (30, "before the last decision")),
        (None, SAY, NOON + timedelta(days=40_000), (2, "lies in the future")),
    ],
)
def test_a_withdrawal_that_is_refused_leaves_the_approval(
    gate: GateWorkspace, digest: str | None, more: tuple[str, ...], at: datetime, told: tuple[int, str]
) -> None:
    approved = _approved(gate)
    before = gate.files()
    said = gate("withdraw", approved if digest is None else digest, *more, at=at)
    assert said.code == told[0], said.out
    assert told[1] in said.err
    assert gate.files() == before
    assert gate("publish", at=NOON + HOUR).code == 0


def test_only_before_publication_and_only_once(gate: GateWorkspace) -> None:
    filed = gate.propose()
    digest = filed.proposal.pool_sha256[:8]
    nothing = gate("withdraw", digest, *SAY)
    assert nothing.code == 30
    assert "no approval waits" in nothing.err
    assert gate.approve(filed).code == 0
    assert gate("publish").code == 0
    published = gate("withdraw", digest, *SAY, at=NOON + HOUR)
    assert published.code == 30
    second = gate.propose(NOON + HOUR)
    assert gate.approve(second, NOON + HOUR).code == 0
    second_digest = second.proposal.pool_sha256[:8]
    assert gate("withdraw", second_digest, *SAY, at=NOON + HOUR).code == 0
    assert gate("withdraw", second_digest, *SAY, at=NOON + HOUR).code == 30


@pytest.mark.parametrize("edit", ['"note":"Read the page."', '"reviewer":"R. Viewer"'])
def test_an_edited_withdrawal_is_found(gate: GateWorkspace, edit: str) -> None:
    assert gate("withdraw", _approved(gate), *SAY, at=NOON + HOUR).code == 0
    again = gate.propose(NOON + 2 * HOUR)
    assert gate.approve(again, NOON + 2 * HOUR).code == 0
    file = gate.folder / "reviews/2026-W33/withdrawal.json"
    text = file.read_text()
    file.write_text(text.replace(edit, edit.replace("R", "S")))
    assert file.read_text() != text, "the fault fired"
    said = gate("publish", at=NOON + 2 * HOUR)
    assert said.code == 30
    assert "changed after it was written" in said.err
