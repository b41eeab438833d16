"""Decisions: who typed what about which bytes, and the chain they form."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from pipeline.domain.observation import OLD_DATA, Finding, Severity
from pipeline.domain.proposal import Verdict
from pipeline.errors import RefusedError, UsageError
from pipeline.review.decisions.chain import latest_decision
from pipeline.review.decisions.decisions import (
    DecisionInput,
    consent,
    file_decision,
    make_decision,
)
from pipeline.review.proposals import proposal_store
from pipeline.review.proposals.compose import compose_proposal
from pipeline.review.proposals.proposal_store import RenderedPages, Reviews, StoredProposal

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from pipeline.review.proposals.compose import Draft

PAGES = RenderedPages(markdown="# page\n", html="<!doctype html>\n", open_names="source\r\n")


@pytest.fixture
def filed(draft: Draft, tmp_path: Path) -> StoredProposal:
    return proposal_store.read_proposal(
        proposal_store.write_proposal(compose_proposal(draft), tmp_path, PAGES)
    )


@pytest.fixture
def decision_input(filed: StoredProposal, now: datetime) -> DecisionInput:
    return DecisionInput(
        verdict=Verdict.APPROVED,
        digest_start=filed.proposal.pool_sha256[:8],
        reviewer="R. Viewer",
        note="The price cut is real.",
        now=now,
    )


def test_a_decision_names_the_bytes_the_person_and_the_moment(
    filed: StoredProposal, decision_input: DecisionInput
) -> None:
    decision = make_decision(filed, replace(decision_input, reviewer="  R. Viewer "), previous=None)
    assert decision.pool_sha256 == filed.proposal.pool_sha256
    assert decision.proposal_sha256 == filed.sha256
    assert (decision.reviewer, decision.decided_at) == ("R. Viewer", "2026-08-15T12:00:00Z")


def test_a_filed_decision_is_read_back_with_its_digest(
    filed: StoredProposal, decision_input: DecisionInput, tmp_path: Path
) -> None:
    decision = make_decision(filed, decision_input, previous=None)
    file_decision(filed, decision)
    latest = latest_decision(tmp_path)
    assert latest is not None
    assert latest[0] == decision
    found = proposal_store.read_proposal(filed.folder)
    assert (found.decision, found.decision_sha256) == latest
    assert Reviews(tmp_path).pending is None


@pytest.mark.parametrize("typed", ["", "1234abcd", "zzzzzzzz", "modelpool", "\x1b[2J1234"])
def test_another_digest_is_refused_with_both_digests(
    filed: StoredProposal, decision_input: DecisionInput, typed: str
) -> None:
    with pytest.raises(RefusedError) as caught:
        make_decision(filed, replace(decision_input, digest_start=typed), previous=None)
    assert f"the pending proposal {filed.folder.name}, which is {filed.proposal.pool_sha256[:8]}" in str(
        caught.value
    )
    assert "\x1b" not in str(caught.value)
    assert "modelpool review" in caught.value.hint


@pytest.mark.parametrize("length", range(1, 65))
def test_eight_characters_or_more_are_consent(
    filed: StoredProposal, decision_input: DecisionInput, length: int
) -> None:
    typed = replace(decision_input, digest_start=filed.proposal.pool_sha256[:length])
    if length >= 8:
        assert make_decision(filed, typed, previous=None).verdict is Verdict.APPROVED
    else:
        with pytest.raises(RefusedError, match="too few"):
            make_decision(filed, typed, previous=None)


def test_more_than_the_whole_digest_is_not_the_digest(
    filed: StoredProposal, decision_input: DecisionInput
) -> None:
    with pytest.raises(RefusedError):
        make_decision(
            filed, replace(decision_input, digest_start=f"{filed.proposal.pool_sha256}0"), previous=None
        )


def test_a_large_proposal_asks_for_sixteen_to_approve_and_eight_to_reject(
    draft: Draft, decision_input: DecisionInput, tmp_path: Path
) -> None:
    large = proposal_store.read_proposal(
        proposal_store.write_proposal(compose_proposal(replace(draft, large=True)), tmp_path / "large", PAGES)
    )
    with pytest.raises(RefusedError, match=r"asks for 16, because a tier.s default or more than one"):
        make_decision(large, decision_input, previous=None)
    sixteen = replace(decision_input, digest_start=large.proposal.pool_sha256[:16])
    assert make_decision(large, sixteen, previous=None).verdict is Verdict.APPROVED
    rejected = make_decision(large, replace(decision_input, verdict=Verdict.REJECTED), previous=None)
    assert rejected.verdict is Verdict.REJECTED
    assert len(consent(large.proposal)) == 16


def test_old_data_asks_for_sixteen_and_says_whose(
    draft: Draft, decision_input: DecisionInput, tmp_path: Path
) -> None:
    aged = Finding(kind=OLD_DATA, severity=Severity.WARN, subject="openrouter", message="61 days old")
    proposal = compose_proposal(replace(draft, large=False, findings=(aged,)))
    filed = proposal_store.read_proposal(proposal_store.write_proposal(proposal, tmp_path / "aged", PAGES))
    assert len(consent(proposal)) == 16
    with pytest.raises(RefusedError, match="openrouter has older data than"):
        make_decision(filed, replace(decision_input, digest_start=proposal.pool_sha256[:8]), previous=None)


@pytest.mark.parametrize("said", ["", "   ", "\t\n", "x" * 2001, "two\nlines", "\x1b[31mred", "\ud800"])
@pytest.mark.parametrize("field", ["reviewer", "note"])
def test_reviewer_and_note_must_be_said_in_one_plain_line(
    filed: StoredProposal, decision_input: DecisionInput, field: str, said: str
) -> None:
    reviewer, note = (said, "read") if field == "reviewer" else ("R. Viewer", said)
    with pytest.raises(UsageError, match=f"--{field}"):
        make_decision(filed, replace(decision_input, reviewer=reviewer, note=note), previous=None)


def test_a_moment_without_a_time_zone_is_refused(
    filed: StoredProposal, decision_input: DecisionInput
) -> None:
    with pytest.raises(ValueError, match="naive"):
        make_decision(
            filed, replace(decision_input, now=decision_input.now.replace(tzinfo=None)), previous=None
        )


def test_a_decided_proposal_is_not_decided_again(
    filed: StoredProposal, decision_input: DecisionInput
) -> None:
    file_decision(filed, make_decision(filed, decision_input, previous=None))
    with pytest.raises(RefusedError, match=r"was approved by R\. Viewer"):
        make_decision(proposal_store.read_proposal(filed.folder), decision_input, previous=None)


def test_of_two_people_at_once_the_second_is_told(
    filed: StoredProposal, decision_input: DecisionInput
) -> None:
    first = make_decision(filed, decision_input, previous=None)
    second = make_decision(filed, replace(decision_input, reviewer="S. Econd"), previous=None)
    file_decision(filed, first)
    with pytest.raises(RefusedError, match="decided or superseded"):
        file_decision(filed, second)
    assert proposal_store.read_proposal(filed.folder).decision == first


def test_filing_the_same_decision_again_is_fine(filed: StoredProposal, decision_input: DecisionInput) -> None:
    decision = make_decision(filed, decision_input, previous=None)
    assert file_decision(filed, decision) == file_decision(filed, decision)


def test_a_pool_that_does_not_have_its_digest_cannot_be_decided(
    filed: StoredProposal, decision_input: DecisionInput
) -> None:
    proposal = filed.proposal
    smuggled = proposal.model_copy(update={"pool": proposal.pool.model_copy(update={"version": 3})})
    with pytest.raises(RefusedError, match="does not have the digest"):
        make_decision(replace(filed, proposal=smuggled), decision_input, previous=None)


def test_a_proposal_edited_after_it_was_read_is_not_decided(
    filed: StoredProposal, decision_input: DecisionInput
) -> None:
    decision = make_decision(filed, decision_input, previous=None)
    file = filed.folder / "proposal.json"
    file.write_text(file.read_text().replace("Price fell 42 %", "Price fell 99 %"))
    with pytest.raises(RefusedError, match="other bytes"):
        file_decision(filed, decision)
    assert not (filed.folder / "decision.json").exists()


def test_a_superseded_proposal_is_not_decided(
    draft: Draft, filed: StoredProposal, decision_input: DecisionInput, tmp_path: Path
) -> None:
    proposal_store.write_proposal(compose_proposal(replace(draft, attempt=2, seed=8)), tmp_path, PAGES)
    with pytest.raises(RefusedError, match="superseded"):
        file_decision(filed, make_decision(filed, decision_input, previous=None))


def test_deciding_loads_no_page_chart_or_table() -> None:
    script = (
        "import sys; import pipeline.review.decisions.decisions, pipeline.review.proposals.compose; "
        "import pipeline.review.proposals.proposal_store; "
        "heavy = {'jinja2', 'markupsafe', 'pandas', 'numpy', 'rich'}; "
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
