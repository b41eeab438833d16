"""What is refused, with exit 30 and a message that says what to do."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.databases import remove_database

if TYPE_CHECKING:
    from pathlib import Path

    from tests.example import Answer, Example


def _refused(answer: Answer, *words: str) -> None:
    assert answer.code == 30, (answer.out, answer.err)
    assert "Traceback" not in answer.err
    assert " hint: " in answer.err
    for word in words:
        assert word in answer.err


def _change_policy(folder: Path) -> None:
    policy = folder / "data/policy/tiers.toml"
    policy.write_text(policy.read_text() + "\n# a thought\n")


def test_an_approval_of_another_digest(ran: Example) -> None:
    _refused(ran.approve("0123abcd"), "0123abcd", ran.digest()[:8], "modelpool")


def test_fewer_than_eight_characters(ran: Example) -> None:
    _refused(ran.approve(ran.digest()[:7]))


def test_publishing_without_an_approval(ran: Example) -> None:
    before = ran.pools()
    _refused(ran("publish"), "approve")
    assert ran.pools() == before


def test_publishing_twice(ran: Example) -> None:
    ran.approve()
    assert ran("publish").code == 0
    before = ran.pools()
    _refused(ran("publish"), "v0002")
    assert ran.pools() == before


def test_approving_after_the_policy_changed(ran: Example) -> None:
    _change_policy(ran.folder)
    _refused(ran.approve(), "policy", "modelpool run")


def test_publishing_after_the_policy_changed(ran: Example) -> None:
    ran.approve()
    _change_policy(ran.folder)
    _refused(ran("publish"), "policy", "modelpool run")
    assert "v0002.json" not in ran.pools()


def test_approving_twice(ran: Example) -> None:
    digest = ran.digest()[:16]
    assert ran.approve().code == 0
    _refused(ran.approve(digest))


def test_a_proposal_whose_base_moved(ran: Example) -> None:
    ran.approve()
    assert ran("publish").code == 0
    moved = ran.folder / "reviews/2026-W34"
    source = ran.folder / "reviews/2026-W33"
    moved.mkdir()
    proposal = json.loads((source / "proposal.json").read_bytes()) | {"week": "2026-W34"}
    text = json.dumps(proposal, sort_keys=True, separators=(",", ":"), ensure_ascii=False) + "\n"
    (moved / "proposal.json").write_text(text)
    _refused(ran.approve(ran.digest()[:16]), "v0001", "v0002", "modelpool run")


def test_an_edited_proposal(ran: Example) -> None:
    path = ran.folder / "reviews/2026-W33/proposal.json"
    body = path.read_text()
    digest = ran.digest()[:16]
    edited = body.replace('"rank":1', '"rank":2', 1)
    assert edited != body
    path.write_text(edited)
    _refused(ran.approve(digest))


@pytest.mark.parametrize("command", ["review", "approve"])
def test_a_workspace_without_a_proposal(example: Example, command: str) -> None:
    more = () if command == "review" else ("0" * 8, "--reviewer", "R. Viewer", "--note", "x")
    _refused(example(command, *more), "pending", "modelpool run")


def test_a_pool_file_that_was_edited(ran: Example) -> None:
    path = ran.folder / "data/pools/v0001.json"
    path.write_bytes(path.read_bytes().replace(b'"rank":1', b'"rank":3', 1))
    _refused(ran("verify"), "v0001")
    _refused(ran.run())


def test_a_version_without_an_approval_on_record(ran: Example) -> None:
    (ran.folder / "reviews/2026-W22/decision.json").unlink()
    _refused(ran("verify"))


def _reject_a_later_proposal(ran: Example) -> None:
    """Approve the pending proposal, propose the same for the week after, and reject that."""
    digest = ran.digest()[:16]
    who = ("--reviewer", "R. Viewer", "--note", "Read the page.")
    assert ran("approve", digest, *who, "--now", "2026-08-15T13:00:00Z").code == 0
    captures = str(ran.folder / "data/sample/2026-W33")
    ran("run", "--captures", captures, "--week", "2026-W34", "--now", "2026-08-22T12:00:00Z")
    rejected = ran("reject", ran.digest()[:16], *who, "--now", "2026-08-22T13:00:00Z")
    assert "The published pool stays in force" in rejected.out


def test_an_approval_before_a_later_rejection_is_not_published(ran: Example) -> None:
    before = ran.pools()
    _reject_a_later_proposal(ran)
    _refused(
        ran("publish"),
        "2026-W33 was approved",
        "2026-W34 was rejected after it",
        "`modelpool run --workspace",
    )
    assert ran.pools() == before
    assert "Approved, not published" not in ran("status").out


def test_an_approval_after_a_rejection_is_published(ran: Example) -> None:
    who = ("--reviewer", "R. Viewer", "--note", "Read the page.")
    assert ran("reject", ran.digest()[:16], *who, "--now", "2026-08-15T13:00:00Z").code == 0
    assert ran.run().code == 10
    assert ran("approve", ran.digest()[:16], *who, "--now", "2026-08-15T14:00:00Z").code == 0
    assert ran("publish").code == 0


@pytest.mark.parametrize(("day", "expired"), [("2026-09-04", False), ("2026-09-05", True)])
def test_publishing_says_that_the_pool_expired(ran: Example, day: str, *, expired: bool) -> None:
    ran.approve()
    at = ("--now", f"{day}T12:00:00Z")
    if expired:
        _refused(ran("publish", *at), "expired on 2026-09-05", "modelpool publish --although-expired")
    published = ran("publish", *at, *(("--although-expired",) if expired else ()))
    assert published.code == 0
    said = (
        "WARN It expired on 2026-09-05" in published.out
        and "Next: `modelpool run --workspace" in published.out
    )
    assert said is expired


@pytest.mark.parametrize("command", ["review", "approve"])
def test_a_large_proposal_that_was_edited_to_be_small(ran: Example, command: str) -> None:
    digest = ran.digest()
    path = ran.folder / "reviews/2026-W33/proposal.json"
    written = path.read_text()
    edited = written.replace('"large":true', '"large":false')
    assert edited != written
    path.write_text(edited)
    answer = ran("review") if command == "review" else ran.approve(digest[:8])
    _refused(answer, "reviews/2026-W33/proposal.json differs from what the run wrote", "modelpool run --week")
    path.write_text(written)
    assert ran.approve(digest[:16]).code == 0


def test_a_proposal_that_no_database_knows_is_reviewed_from_its_file(ran: Example) -> None:
    remove_database(ran.folder)
    assert ran.approve().code == 0
