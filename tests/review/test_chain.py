"""The chain of decisions: what it notices, and what only a published pool can notice."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from pipeline.domain.proposal import Verdict
from pipeline.errors import RefusedError
from pipeline.review.decisions.chain import DecisionChain, latest_decision
from pipeline.review.decisions.decisions import (
    DecisionInput,
    file_decision,
    make_decision,
)
from pipeline.review.proposals import proposal_store
from pipeline.review.proposals.compose import compose_proposal
from pipeline.review.proposals.proposal_store import RenderedPages

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from pipeline.review.proposals.compose import Draft

PAGES = RenderedPages(markdown="# page\n", html="<!doctype html>\n", open_names="source\r\n")


@pytest.fixture
def chain(draft: Draft, tmp_path: Path, now: datetime) -> list[Path]:
    """Four decided attempts; the files of their decisions, oldest first."""
    files = []
    for attempt in range(1, 5):
        folder = proposal_store.write_proposal(
            compose_proposal(replace(draft, attempt=attempt, seed=attempt)), tmp_path, PAGES
        )
        found, latest = proposal_store.read_proposal(folder), latest_decision(tmp_path)
        decision_input = DecisionInput(
            verdict=Verdict.REJECTED,
            digest_start=found.proposal.pool_sha256[:8],
            reviewer="R. Viewer",
            note=f"attempt {attempt}",
            now=now + timedelta(minutes=attempt),
        )
        files.append(
            file_decision(found, make_decision(found, decision_input, previous=latest[1] if latest else None))
        )
    return files


def test_a_decision_must_follow_the_last_one(
    chain: list[Path], draft: Draft, now: datetime, tmp_path: Path
) -> None:
    folder = proposal_store.write_proposal(
        compose_proposal(replace(draft, attempt=5, seed=5)), tmp_path, PAGES
    )
    found, latest = proposal_store.read_proposal(folder), latest_decision(tmp_path)
    assert latest is not None
    typed = DecisionInput(
        verdict=Verdict.APPROVED,
        digest_start=found.proposal.pool_sha256[:8],
        reviewer="R. Viewer",
        note="read",
        now=now + timedelta(hours=1),
    )
    with pytest.raises(RefusedError, match="follows nothing"):
        file_decision(found, make_decision(found, typed, previous=None))
    early = replace(typed, now=now - timedelta(days=1))
    with pytest.raises(RefusedError, match="the clock says"):
        file_decision(found, make_decision(found, early, previous=latest[1]))
    file_decision(found, make_decision(found, typed, previous=latest[1]))
    DecisionChain.below(tmp_path).verify()


def test_a_whole_chain_verifies(chain: list[Path], tmp_path: Path) -> None:
    latest = latest_decision(tmp_path)
    assert latest is not None
    assert latest[0].attempt == 4
    DecisionChain.below(tmp_path).verify(anchored=[latest[1]])


def test_nothing_decided_is_a_whole_chain(tmp_path: Path) -> None:
    assert latest_decision(tmp_path) is None
    DecisionChain.below(tmp_path).verify()


def edit(files: list[Path]) -> None:
    files[1].write_text(files[1].read_text().replace("attempt 2", "attempt two"))


def cut(files: list[Path]) -> None:
    files[1].unlink()


def cut_head(files: list[Path]) -> None:
    shutil.rmtree(files[0].parent)


def reorder(files: list[Path]) -> None:
    text = files[2].read_text()
    files[2].write_text(text.replace("12:03:00", "12:01:30"))


def swap(files: list[Path]) -> None:
    one, two = files[1].read_bytes(), files[2].read_bytes()
    files[1].write_bytes(two)
    files[2].write_bytes(one)


def change_verdict(files: list[Path]) -> None:
    files[0].write_text(files[0].read_text().replace('"rejected"', '"approved"'))


@pytest.mark.parametrize("tamper", [edit, cut, cut_head, reorder, swap, change_verdict])
def test_an_edited_cut_or_reordered_chain_is_refused(
    chain: list[Path], tmp_path: Path, tamper: Callable[[list[Path]], None]
) -> None:
    tamper(chain)
    with pytest.raises(RefusedError, match=r"decision|2026-W33"):
        DecisionChain.below(tmp_path).verify()


def test_a_cut_tail_is_found_by_the_head_a_published_pool_recorded(chain: list[Path], tmp_path: Path) -> None:
    latest = latest_decision(tmp_path)
    assert latest is not None
    chain[-1].unlink()
    DecisionChain.below(tmp_path).verify()
    with pytest.raises(RefusedError, match=latest[1][:12]):
        DecisionChain.below(tmp_path).verify(anchored=[latest[1]])


def test_a_decided_proposal_is_compared_by_its_digest(chain: list[Path], tmp_path: Path) -> None:
    assert [one.folder for one in DecisionChain.below(tmp_path).decided] == [file.parent for file in chain]
    proposal = chain[1].with_name("proposal.json")
    body = proposal.read_bytes()
    proposal.write_bytes(body.replace(b'"seed":2', b'"seed":3'))
    for check in (_decided, DecisionChain.verify):
        with pytest.raises(RefusedError, match="the decision is about other bytes"):
            check(DecisionChain.below(tmp_path))
    proposal.unlink()
    for check in (_decided, DecisionChain.verify):
        with pytest.raises(RefusedError, match="cannot be read"):
            check(DecisionChain.below(tmp_path))


def _decided(chain: DecisionChain) -> None:
    assert chain.decided


def test_a_later_week_reads_of_a_decided_run_what_it_asks(chain: list[Path]) -> None:
    folder = chain[1].parent
    whole, _ = proposal_store.Reviews(folder.parent).run_in(folder)
    outline = proposal_store.Reviews(folder.parent).outline_in(folder)
    assert (outline.week, outline.attempt) == (whole.week, whole.attempt)
    assert (outline.inputs, outline.findings) == (whole.inputs, whole.findings)
    proposal = chain[1].with_name("proposal.json")
    proposal.write_bytes(proposal.read_bytes().replace(b'"seed":2', b'"seed":3'))
    with pytest.raises(RefusedError, match="the decision is about other bytes"):
        proposal_store.Reviews(folder.parent).outline_in(folder)
