"""An approval counts for the proposal it was given to: elsewhere it is refused, and nothing is published."""

from __future__ import annotations

import json
import shutil
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import pytest

from pipeline.domain.calendar import moment_text
from pipeline.domain.document import canonical_json, sha256_hex
from tests.databases import copy_workspace, remove_database
from tests.gate.tamperings import (
    FIRST,
    LAST,
    NEWEST,
    PENDING,
    REJECTED,
    SECOND,
    TAKEN_BACK,
    recorded_workspace,
)
from tests.gate.workspace import SAY, GateWorkspace

if TYPE_CHECKING:
    from pathlib import Path

DECIDED: Final = (FIRST, REJECTED, SECOND, TAKEN_BACK, NEWEST)
LATER: Final = LAST + timedelta(minutes=1)


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> GateWorkspace:
    return recorded_workspace(tmp_path_factory.mktemp("here") / "gate")


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> GateWorkspace:
    """Another workspace, in which everything was decided earlier and what is pending here was approved."""
    gate = recorded_workspace(tmp_path_factory.mktemp("elsewhere") / "gate", mark="elsewhere")
    pending = json.loads((gate.folder / PENDING / "proposal.json").read_bytes())
    assert gate("approve", pending["pool_sha256"][:16], *SAY, at=LAST).code == 0
    return gate


@pytest.fixture(params=[True, False], ids=["database", "files"])
def target(here: GateWorkspace, tmp_path: Path, request: pytest.FixtureRequest) -> GateWorkspace:
    """A copy of the record that an approval is brought into, with its database or without."""
    copy_workspace(here.folder, tmp_path / "gate")
    if not request.param:
        remove_database(tmp_path / "gate")
    return GateWorkspace(tmp_path / "gate", here.template)


def _refused(target: GateWorkspace) -> None:
    pools = {path: path.read_bytes() for path in target.place.pools.iterdir()}
    said = target("publish", at=LATER)
    assert said.code == 30, said.out
    assert {path: path.read_bytes() for path in target.place.pools.iterdir()} == pools
    asked = [target("verify", "--now", moment_text(LATER)), target("status", at=LATER)]
    assert [one.code for one in asked] == [30, 30], asked


def _bound(decision: bytes, folder: Path) -> bytes:
    """Let a decision name the proposal beside it, as whoever brings it there would."""
    proposal = (folder / "proposal.json").read_bytes()
    week, _, attempt = folder.name.partition(".")
    bound = {
        "week": week,
        "attempt": int(attempt or 1),
        "pool_sha256": json.loads(proposal)["pool_sha256"],
        "proposal_sha256": sha256_hex(proposal),
        "verdict": "approved",
    }
    return canonical_json({**json.loads(decision), **bound}) + b"\n"


@pytest.mark.parametrize("bound", [False, True], ids=["as it was", "with the other's digests"])
@pytest.mark.parametrize("source", [*DECIDED, *(f"elsewhere {one}" for one in (*DECIDED, PENDING))])
def test_a_decision_brought_to_the_pending_proposal(
    target: GateWorkspace,
    elsewhere: GateWorkspace,
    source: str,
    bound: bool,  # noqa: FBT001 - a parameter
) -> None:
    origin = elsewhere if source.startswith("elsewhere ") else target
    body = (origin.folder / source.removeprefix("elsewhere ") / "decision.json").read_bytes()
    pending = target.folder / PENDING
    (pending / "decision.json").write_bytes(_bound(body, pending) if bound else body)
    _refused(target)


@pytest.mark.parametrize("place", [FIRST, SECOND, TAKEN_BACK, PENDING])
def test_an_approved_proposal_of_another_workspace(
    target: GateWorkspace, elsewhere: GateWorkspace, place: str
) -> None:
    """Its base is another one, and its approval follows decisions that nobody made here."""
    shutil.rmtree(target.folder / place)
    shutil.copytree(elsewhere.folder / place, target.folder / place)
    _refused(target)


@pytest.mark.parametrize("place", [FIRST, SECOND, TAKEN_BACK, NEWEST])
def test_the_pending_proposal_brought_to_an_approval(target: GateWorkspace, place: str) -> None:
    shutil.copyfile(target.folder / PENDING / "proposal.json", target.folder / place / "proposal.json")
    _refused(target)


def test_an_approval_for_another_base_and_version(target: GateWorkspace, elsewhere: GateWorkspace) -> None:
    """All that was decided there is brought here, beside the versions of this place."""
    shutil.rmtree(target.place.reviews)
    shutil.copytree(elsewhere.place.reviews, target.place.reviews)
    _refused(target)
