"""What was proposed, decided and published, in whatever order the files are read."""

from __future__ import annotations

from itertools import permutations
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from pipeline.domain.ids import Sha256
from pipeline.domain.proposal import Decision, Verdict
from pipeline.errors import RefusedError
from pipeline.store.review_tables import DECISION, POOL_MEMBER, PROPOSAL
from tests.store.conftest import contents, digest

if TYPE_CHECKING:
    from pipeline.domain.proposal import Proposal
    from pipeline.store.database import Database
    from tests.store.conftest import Records

TIERS = {"frugal": ("alpha", "beta"), "premium": ("alpha",)}


def _propose(database: Database, *proposals: Proposal) -> None:
    for proposal in proposals:
        database.record_proposal(proposal, proposal_sha256=digest(proposal))


def _decide(database: Database, *decisions: Decision) -> None:
    for decision in decisions:
        database.record_decision(decision, decision_sha256=digest(decision))


def _states(database: Database) -> dict[tuple[str, int], str]:
    with database._reading() as connection:
        rows = connection.execute(select(PROPOSAL.c.week, PROPOSAL.c.attempt, PROPOSAL.c.state))
        return {(week, attempt): state for week, attempt, state in rows}


def test_a_newer_proposal_supersedes_the_one_that_waited(database: Database, records: Records) -> None:
    first = records.proposal(records.pool(1, "2026-W33", TIERS))
    second = records.proposal(records.pool(1, "2026-W33", TIERS), attempt=2)
    _propose(database, first, second)
    assert _states(database) == {("2026-W33", 1): "superseded", ("2026-W33", 2): "pending"}


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_the_latest_attempt_waits_whatever_is_read_first(
    database: Database, records: Records, order: tuple[int, ...]
) -> None:
    weeks = ("2026-W09", "2026-W33", "2026-W52")
    proposals = [records.proposal(records.pool(n, week, TIERS)) for n, week in enumerate(weeks, start=1)]
    _propose(database, *(proposals[place] for place in order))
    assert _states(database) == {
        ("2026-W09", 1): "superseded",
        ("2026-W33", 1): "superseded",
        ("2026-W52", 1): "pending",
    }


@pytest.mark.parametrize(
    ("verdict", "state"), [(Verdict.APPROVED, "approved"), (Verdict.REJECTED, "rejected")]
)
@pytest.mark.parametrize("late", [False, True])
def test_a_decided_proposal_stays_decided(
    database: Database, records: Records, verdict: Verdict, state: str, *, late: bool
) -> None:
    first = records.proposal(records.pool(1, "2026-W33", TIERS))
    second = records.proposal(records.pool(1, "2026-W34", TIERS))
    decision = records.decision(first, verdict=verdict)
    _propose(database, first)
    if late:
        _propose(database, second)
        _decide(database, decision)
    else:
        _decide(database, decision)
        _propose(database, second)
    _propose(database, first)
    assert _states(database) == {("2026-W33", 1): state, ("2026-W34", 1): "pending"}


def test_a_proposal_that_lies_in_its_folder_again_waits_again(database: Database, records: Records) -> None:
    """The policy was edited, the week run, the edit undone, the week run once more."""
    pool = records.pool(1, "2026-W33", TIERS)
    one, other = records.proposal(pool, seed=1), records.proposal(pool, seed=2)
    _propose(database, one, other, one)
    with database._reading() as connection:
        pending = select(PROPOSAL.c.sha256).where(PROPOSAL.c.state == "pending")
        assert connection.scalars(pending).all() == [digest(one)]


def test_the_same_documents_again_change_nothing(database: Database, records: Records) -> None:
    pool = records.pool(1, "2026-W33", TIERS)
    records.publish(database, pool)
    before = contents(database)
    records.publish(database, pool)
    assert contents(database) == before
    assert _states(database) == {("2026-W33", 1): "approved"}
    assert [len(before[name]) for name in ("proposal", "decision", "pool")] == [1, 1, 1]


def test_of_two_decisions_about_one_proposal_the_first_stands(database: Database, records: Records) -> None:
    proposal = records.proposal(records.pool(1, "2026-W33", TIERS))
    _propose(database, proposal)
    _decide(database, records.decision(proposal))
    with pytest.raises(RefusedError, match="already approved by Reviewer") as caught:
        _decide(database, records.decision(proposal, verdict=Verdict.REJECTED))
    assert "modelpool run" in caught.value.hint
    assert _states(database) == {("2026-W33", 1): "approved"}


def test_of_two_decisions_that_follow_the_same_one_the_first_stands(
    database: Database, records: Records
) -> None:
    weeks = ("2026-W33", "2026-W34", "2026-W35")
    first, second, third = (
        records.proposal(records.pool(n, week, TIERS)) for n, week in enumerate(weeks, start=1)
    )
    _propose(database, first, second, third)
    start = records.decision(first)
    _decide(database, start, records.decision(second, previous=digest(start)))
    with pytest.raises(RefusedError, match=r"decision\.previous|uq_decision_previous"):
        _decide(database, records.decision(third, previous=digest(start)))


def test_a_decision_about_an_unknown_proposal_is_refused(database: Database, records: Records) -> None:
    proposal = records.proposal(records.pool(1, "2026-W33", TIERS))
    with pytest.raises(RefusedError, match="which the database does not hold") as caught:
        _decide(database, records.decision(proposal))
    assert "reviews/2026-W33" in caught.value.hint


def test_a_decision_about_other_bytes_than_the_proposals_is_refused(
    database: Database, records: Records
) -> None:
    proposal = records.proposal(records.pool(1, "2026-W33", TIERS))
    _propose(database, proposal)
    moved = records.decision(proposal).model_copy(update={"pool_sha256": "f" * 64})
    with pytest.raises(RefusedError, match="about pool ffffffff"):
        _decide(database, moved)
    assert _states(database) == {("2026-W33", 1): "pending"}


@pytest.mark.parametrize(
    ("column", "value", "constraint"),
    [
        ("pool_sha256", "f" * 64, "(?i)foreign key"),
        ("reviewer", "  ", "ck_decision_reviewer_is_not_blank"),
        ("note", "", "ck_decision_note_is_not_blank"),
        ("verdict", "maybe", "ck_decision_verdict_is_known"),
    ],
)
def test_the_database_itself_refuses_an_impossible_decision(
    database: Database, records: Records, column: str, value: str, constraint: str
) -> None:
    proposal = records.proposal(records.pool(1, "2026-W33", TIERS))
    _propose(database, proposal)
    row = {
        "sha256": "d" * 64,
        "proposal_sha256": digest(proposal),
        "pool_sha256": proposal.pool_sha256,
        "verdict": "approved",
        "reviewer": "Reviewer",
        "note": "Read it.",
        "decided_at": records.run("2026-W33", {}).as_of,
    }
    with pytest.raises(RefusedError, match=constraint), database._writing() as connection:
        connection.execute(DECISION.insert().values({**row, column: value}))
    with database._writing() as connection:
        connection.execute(DECISION.insert().values(row))


def test_members_are_kept_with_tier_and_rank(database: Database, records: Records) -> None:
    records.publish(database, records.pool(1, "2026-W33", TIERS))
    with database._reading() as connection:
        rows = [tuple(row) for row in connection.execute(select(POOL_MEMBER))]
    assert sorted(rows) == [
        (1, "frugal", 1, "alpha@high"),
        (1, "frugal", 2, "beta@high"),
        (1, "premium", 1, "alpha@high"),
    ]


def test_rank_zero_is_refused_by_the_database(database: Database, records: Records) -> None:
    records.publish(database, records.pool(1, "2026-W33", TIERS))
    zero = POOL_MEMBER.insert().values(version=1, tier="frugal", rank=0, variant="x@high")
    with (
        pytest.raises(RefusedError, match="ck_pool_member_rank_at_least_1"),
        database._writing() as connection,
    ):
        connection.execute(zero)


def test_a_version_never_changes(database: Database, records: Records) -> None:
    pool = records.pool(1, "2026-W33", TIERS)
    records.publish(database, pool)
    with pytest.raises(RefusedError, match="pool v0001 is") as caught:
        database.record_pool(records.pool(1, "2026-W34", TIERS), pool_sha256=Sha256("e" * 64))
    assert "git log" in caught.value.hint
