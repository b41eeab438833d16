"""A database that fails stands in nobody's way: the decision stands, that is told, and it is filled later."""

from __future__ import annotations

import sqlite3
from contextlib import AbstractContextManager, closing, contextmanager
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

import pytest

from pipeline.domain.proposal import Decision, Proposal
from pipeline.errors import RefusedError
from pipeline.flow.approval.publish import publish
from pipeline.flow.record import database
from pipeline.flow.record.database import database_copy
from pipeline.review.proposals import documents
from pipeline.settings import Settings
from pipeline.store import driver
from pipeline.store.database import open_database
from tests.gate.workspace import NOON, GateWorkspace, edit_consistently

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from pipeline.domain.ids import Sha256

    Fault = Callable[[GateWorkspace, pytest.MonkeyPatch], AbstractContextManager[None]]

pytestmark = pytest.mark.usefixtures("_sqlite_file")

LONG = ("--reviewer", "R. Viewer", "--note", "x" * 1990)


@pytest.fixture
def recorded(gate: GateWorkspace) -> GateWorkspace:
    """A workspace with a database that knows one rejected proposal."""
    first = gate.propose(mark="first")
    assert gate("reject", first.proposal.pool_sha256[:16], *LONG).code == 0
    assert gate("rebuild").code == 0
    return gate


def _decisions(gate: GateWorkspace, proposal_sha256: Sha256) -> int:
    with database_copy(gate.place, Settings()) as database:
        return len(database.decisions_about(proposal_sha256))


@contextmanager
def locked(gate: GateWorkspace, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with (
        monkeypatch.context() as patch,
        closing(sqlite3.connect(gate.place.database, isolation_level=None)) as other,
    ):
        patch.setattr(database, "open_database", partial(open_database, wait_seconds=0.01))
        other.execute("BEGIN EXCLUSIVE")
        yield


@contextmanager
def corrupt(gate: GateWorkspace, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    whole = gate.place.database.read_bytes()
    gate.place.database.write_bytes(b"\xff" * 100 + whole[100:])
    try:
        yield
    finally:
        gate.place.database.write_bytes(whole)


@contextmanager
def newer(gate: GateWorkspace, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with closing(sqlite3.connect(gate.place.database)) as other, other:
        before = other.execute("SELECT version_num FROM alembic_version").fetchone()
        other.execute("UPDATE alembic_version SET version_num = '9999'")
    yield
    with closing(sqlite3.connect(gate.place.database)) as other, other:
        other.execute("UPDATE alembic_version SET version_num = ?", before)


@contextmanager
def full(gate: GateWorkspace, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with monkeypatch.context() as patch:
        patch.setattr(driver, "_PRAGMAS", (*driver._PRAGMAS, "max_page_count=1"))
        yield


@contextmanager
def read_only(gate: GateWorkspace, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with monkeypatch.context() as patch:
        patch.setattr(driver, "_PRAGMAS", (*driver._PRAGMAS, "query_only=ON"))
        yield


FAULTS: dict[Fault, str] = {
    locked: "is being written",
    corrupt: "is not a sound database",
    newer: "9999",
    full: "full",
    read_only: "readonly",
}
"""Each fault, and the word of it that is told."""


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_a_failing_database_is_a_warning_once_the_decision_stands(
    recorded: GateWorkspace,
    monkeypatch: pytest.MonkeyPatch,
    fault: Fault,
) -> None:
    filed = recorded.propose(mark="second")
    with fault(recorded, monkeypatch):
        for words in (("approve", filed.proposal.pool_sha256[:16], *LONG), ("publish",)):
            said = recorded(*words)
            assert said.code == 0, said.err
            assert "WARN the database does not know of it yet" in said.out
            assert FAULTS[fault] in said.out, "the fault fired"
            assert "Nothing was changed" not in said.out + said.err
    assert recorded.published() == 1
    assert _decisions(recorded, filed.sha256) == 0, "the database did not know"
    third = recorded.propose(mark="third")
    said = recorded.approve(third)
    assert said.code == 0, said.err
    assert "WARN" not in said.out
    assert (_decisions(recorded, filed.sha256), _decisions(recorded, third.sha256)) == (1, 1)


@pytest.mark.parametrize("command", ["approve", "publish"])
def test_a_consistently_edited_proposal_is_found_before_it_is_in_force(
    gate: GateWorkspace, command: str
) -> None:
    filed = gate.propose()
    assert gate("rebuild").code == 0
    if command == "publish":
        assert gate.approve(filed).code == 0
    edit_consistently(filed)
    if command == "publish":
        bind_decision(filed.folder)
    before = gate.files()
    digest = documents.load_document(filed.folder / documents.PROPOSAL, type(filed.proposal))[0].pool_sha256
    said = gate("approve", digest[:16], *LONG) if command == "approve" else gate("publish")
    assert said.code == 30
    assert "proposal.json differs from what the run wrote" in said.err
    assert gate.files() == before
    assert gate.published() == 0


def test_no_other_command_records_an_edited_proposal_as_what_a_run_wrote(recorded: GateWorkspace) -> None:
    assert recorded.approve(recorded.propose(mark="second")).code == 0
    pending = recorded.propose(mark="third")
    recorded.record()
    edit_consistently(pending)
    assert recorded("publish").code == 0
    digest = documents.load_document(pending.folder / documents.PROPOSAL, Proposal)[0].pool_sha256
    for command in ("approve", "reject"):
        said = recorded(command, digest[:16], *LONG)
        assert said.code == 30
        assert "proposal.json differs from what the run wrote" in said.err
    assert recorded("status").code == 30


def bind_decision(folder: Path) -> None:
    """Rewrite the newest decision so that it approves what lies beside it now."""
    proposal, sha256 = documents.load_document(folder / documents.PROPOSAL, Proposal)
    decision, _ = documents.load_document(folder / documents.DECISION, Decision)
    edited = decision.model_copy(update={"proposal_sha256": sha256, "pool_sha256": proposal.pool_sha256})
    (folder / documents.DECISION).write_bytes(documents.document_bytes(edited))


def test_an_edited_reviewer_of_the_newest_decision_is_found(gate: GateWorkspace) -> None:
    filed = gate.propose()
    assert gate("rebuild").code == 0
    assert gate.approve(filed).code == 0
    file = filed.folder / documents.DECISION
    file.write_text(file.read_text().replace("R. Viewer", "S. Viewer"))
    said = gate("publish")
    assert said.code == 30
    assert "decision.json differs from what was decided" in said.err
    assert gate.published() == 0


def test_nothing_is_written_before_the_last_check(
    recorded: GateWorkspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The router's check is the last that can refuse a publication: until then no file has changed."""
    assert recorded.approve(recorded.propose(mark="second")).code == 0
    before, fired = recorded.files(), []

    def refuse(_: bytes) -> None:
        fired.append(True)
        raise RefusedError("no router would load it", hint="-")

    monkeypatch.setattr("pipeline.flow.approval.publish.check_bytes", refuse)
    with pytest.raises(RefusedError):
        publish(recorded.place, Settings(), now=NOON)
    assert fired == [True]
    assert recorded.files() == before


def test_a_torn_proposal_that_nobody_decided_keeps_no_decision_out_of_the_database(
    gate: GateWorkspace,
) -> None:
    """`status` names it; another's approval is recorded all the same."""
    torn = gate.propose(NOON - timedelta(days=7)).folder / "proposal.json"
    pending = gate.propose(mark="another")
    with open_database(f"sqlite:///{gate.place.database}") as database:
        database.record_proposal(pending.proposal, proposal_sha256=pending.sha256)
    torn.write_bytes(torn.read_bytes()[:-100])
    said = gate.approve(pending)
    assert (said.code, "WARN" in said.out) == (0, False), said
    with closing(sqlite3.connect(gate.place.database)) as there:
        assert there.execute("SELECT verdict FROM decision").fetchall() == [("approved",)]
    refused = gate("status")
    assert refused.code == 30
    assert f"{torn} was changed after it was written" in refused.err
