"""Several people at once: one of them decides, and each is told the truth."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.gate.races import at_once, race_approvers, race_publishers
from tests.gate.workspace import SAY

if TYPE_CHECKING:
    from tests.gate.workspace import GateWorkspace


def test_of_six_approvers_one_decides_and_of_two_publishers_one_publishes(gate: GateWorkspace) -> None:
    for number in range(2):
        assert race_approvers(gate, f"round {number}") == []
        assert race_publishers(gate) == []
    assert gate.published() == 2


def test_a_rejection_and_an_approval_at_once(gate: GateWorkspace) -> None:
    digest = gate.propose().proposal.pool_sha256[:16]
    told = at_once(gate, [("approve", digest, *SAY), ("reject", digest, *SAY)])
    assert sorted(one.code for one in told) == [0, 30]
