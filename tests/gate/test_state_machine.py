"""A sample of the walks and of the guards taken away; `make nightly` walks further."""

from __future__ import annotations

import pytest
from hypothesis import Verbosity

from tests.gate import walker
from tests.gate.seeded_bugs import is_its_own, walk_without
from tests.gate.state_machine import walk

SAMPLE = ("a decision before its proposal", "a run before the last one", "an edited proposal, when asked")

pytestmark = pytest.mark.timeout(600)


def test_no_walk_publishes_what_nobody_approved_or_loses_a_decision() -> None:
    walker.DONE.clear()
    walk(10, derandomize=True, verbosity=Verbosity.quiet)
    done = walker.DONE
    assert min(done[what] for what in ("approve done", "publish done", "publish refused", "intact")) > 0
    assert done["steps"] > 150
    assert sum(done.values()) - done["steps"] > 150


@pytest.mark.parametrize("bug", SAMPLE)
def test_a_guard_taken_away_is_missed(bug: str) -> None:
    found = walk_without(bug, 150)
    assert found is not None
    assert is_its_own(bug, found.said), found.said
