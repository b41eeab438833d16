"""A date that cannot be right is refused in words, and never stands in the way of what comes later."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from pipeline.domain.calendar import Week
from pipeline.errors import ArgumentError
from pipeline.flow.record.record_files import RecordFiles
from pipeline.flow.run.clock_checks import refuse_earlier_week
from pipeline.publish.versions import version_in_force
from pipeline.review.proposals.proposal_store import Reviews
from tests.gate.workspace import NOON, SAY, GateWorkspace

if TYPE_CHECKING:
    from collections.abc import Callable

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
FUTURE = datetime(2099, 1, 1, tzinfo=UTC)


def _approve_later(gate: GateWorkspace) -> None:
    """Approve and publish what is pending: whatever was refused before stands in nobody's way."""
    filed = Reviews(gate.place.reviews).pending
    assert filed is not None
    assert gate.approve(filed, NOON + DAY).code == 0
    assert gate("publish", at=NOON + DAY).code == 0


@pytest.mark.parametrize("command", ["approve", "reject"])
def test_a_decision_is_not_dated_in_the_future(gate: GateWorkspace, command: str) -> None:
    filed = gate.propose()
    before = gate.files()
    said = gate(command, filed.proposal.pool_sha256[:16], *SAY, at=FUTURE)
    assert said.code == 2
    assert "2099-01-01T00:00:00Z' lies in the future" in said.err
    assert gate.files() == before
    _approve_later(gate)


@pytest.mark.parametrize("command", ["approve", "reject"])
def test_a_decision_is_not_made_before_its_proposal(gate: GateWorkspace, command: str) -> None:
    filed = gate.propose()
    before = gate.files()
    said = gate(command, filed.proposal.pool_sha256[:16], *SAY, at=NOON - HOUR)
    assert said.code == 30
    assert "the clock says 2026-08-15T11:00:00Z, but 2026-W33 was made at 2026-08-15T12:00:00Z" in said.err
    assert gate.files() == before
    _approve_later(gate)


def test_publishing_is_not_dated_in_the_future(gate: GateWorkspace) -> None:
    assert gate.approve(gate.propose(), NOON + HOUR).code == 0
    before = gate.files()
    assert gate("publish", at=FUTURE).code == 2
    assert gate.files() == before
    assert gate("publish", at=NOON + HOUR).code == 0


@pytest.mark.parametrize("command", ["approve", "publish"])
def test_a_week_that_has_not_begun(gate: GateWorkspace, command: str) -> None:
    """A run refuses it; a proposal of it that lies here from before is not approved or published."""
    filed = gate.propose(week="2026-W34")
    if command == "publish":
        assert gate.approve(filed, NOON + 7 * DAY).code == 0
        said = gate("publish", at=NOON)
    else:
        said = gate.approve(filed, NOON)
    assert "2026-W34, which lies in the future: it is 2026-W33" in said.err
    assert said.code == 30
    assert gate.published() == 0
    assert f"--workspace {gate.folder}" in said.err.replace("\n", "")


def test_a_proposal_of_a_mistyped_week_hides_none_that_is_filed_later(gate: GateWorkspace) -> None:
    gate.propose(week="2027-W01")
    later = gate.propose(NOON + HOUR)
    pending = Reviews(gate.place.reviews).pending
    assert pending is not None
    assert pending.folder == later.folder
    assert gate.approve(later, NOON + HOUR).code == 0
    assert gate("publish", at=NOON + HOUR).code == 0


def test_a_proposal_of_an_earlier_week_that_is_filed_later_is_the_pending_one(gate: GateWorkspace) -> None:
    gate.propose()
    later = gate.propose(NOON + HOUR, week="2026-W32")
    pending = Reviews(gate.place.reviews).pending
    assert pending is not None
    assert pending.folder == later.folder


def test_a_proposal_made_before_the_version_in_force_was_made(gate: GateWorkspace) -> None:
    assert gate.approve(gate.propose()).code == 0
    assert gate("publish").code == 0
    filed = gate.propose(NOON - DAY)
    said = gate("approve", filed.proposal.pool_sha256[:16], *SAY, at=NOON + HOUR)
    assert said.code == 30
    early = "was made at 2026-08-14T12:00:00Z, before v0001 in force was made at 2026-08-15T12:00:00Z"
    assert early in said.err or "no proposal is pending" in said.err


def _future_week(gate: GateWorkspace) -> tuple[tuple[str, ...], datetime, int, str]:
    return ("--week", "2026-W34"), NOON, 2, "the week 2026-W34 lies in the future: it is 2026-W33"


def _future_moment(gate: GateWorkspace) -> tuple[tuple[str, ...], datetime, int, str]:
    return (), FUTURE, 2, "lies in the future"


def _before_the_last_run(gate: GateWorkspace) -> tuple[tuple[str, ...], datetime, int, str]:
    gate.propose()
    return (), NOON - HOUR, 30, "before the last run 2026-W33 at 2026-08-15T12:00:00Z"


def _before_the_pool_in_force(gate: GateWorkspace) -> tuple[tuple[str, ...], datetime, int, str]:
    assert gate.approve(gate.propose()).code == 0
    assert gate("publish").code == 0
    for file in (gate.folder / "reviews/2026-W33").iterdir():
        file.unlink()
    return (), NOON - HOUR, 30, "before v0001 in force was made at"


@pytest.mark.parametrize(
    "make", [_future_week, _future_moment, _before_the_last_run, _before_the_pool_in_force]
)
def test_a_run_out_of_time_files_nothing(
    gate: GateWorkspace, make: Callable[[GateWorkspace], tuple[tuple[str, ...], datetime, int, str]]
) -> None:
    words, at, code, why = make(gate)
    before = gate.files()
    said = gate("run", *words, at=at)
    assert said.code == code
    assert why in said.err
    assert gate.files() == before


def test_an_expired_pool_is_published_only_where_a_person_says_so(gate: GateWorkspace) -> None:
    filed = gate.propose()
    late = NOON + 21 * DAY
    approved = gate.approve(filed, late)
    assert approved.code == 0
    assert "modelpool publish --although-expired" in approved.out
    assert "modelpool publish --although-expired" in gate("status", at=late).out
    before = gate.files()
    said = gate("publish", at=late)
    assert said.code == 30
    assert "v0001 of 2026-W33 expired on 2026-09-05" in said.err
    assert gate.files() == before
    meant = gate("publish", "--although-expired", at=late)
    assert meant.code == 0
    assert "WARN It expired on 2026-09-05" in meant.out


def test_on_its_last_day_a_pool_is_published_without_more_words(gate: GateWorkspace) -> None:
    assert gate.approve(gate.propose()).code == 0
    assert gate("publish", at=NOON + 20 * DAY).code == 0


def test_of_two_approvals_the_last_one_is_named_and_published(gate: GateWorkspace) -> None:
    """The week before was approved after the later one, so `status` and `publish` mean the week before."""
    later = gate.propose()
    assert gate.approve(later).code == 0
    earlier = gate.propose(NOON + HOUR, week="2026-W32", mark="the week before")
    assert gate.approve(earlier, NOON + HOUR).code == 0
    shown = gate("status", "--json", at=NOON + HOUR)
    assert shown.json["approved"] == earlier.folder.name == "2026-W32"
    assert gate("publish", at=NOON + HOUR).code == 0
    in_force = version_in_force(gate.place.pools)
    assert in_force is not None
    assert in_force.pool == earlier.proposal.pool
    assert gate("status", "--json", at=NOON + HOUR).json["approved"] is None


def test_a_week_is_over_once_a_later_one_proposed_a_pool(gate: GateWorkspace) -> None:
    """A later week with nothing to review leaves the proposal before it waiting: its week may run again."""
    gate.propose()
    quiet = gate.place.reviews / "2026-W34"
    quiet.mkdir()
    (quiet / "heartbeat.json").write_text("{}")
    later = NOON + 14 * DAY
    refuse_earlier_week(RecordFiles(gate.place), Week("2026-W33"), later)
    gate.propose(later)
    gate.propose(later, week="2099-W01")  # by a wrong clock: it stands in nobody's way
    for week in ("2026-W33", "2026-W34"):
        with pytest.raises(ArgumentError, match=f"{week} is over: 2026-W35 has proposed a pool since"):
            refuse_earlier_week(RecordFiles(gate.place), Week(week), later)
    refuse_earlier_week(RecordFiles(gate.place), Week("2026-W35"), later)
