"""What was rejected before is said again: by whom, when, why, and what moved since."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from pipeline.domain.calendar import Week, moment_text
from pipeline.domain.proposal import Verdict
from pipeline.review.decisions.decisions import DecisionInput, consent, file_decision, make_decision
from pipeline.review.decisions.earlier_answers import earlier_answers
from pipeline.review.pages.page import proposal_markdown, report_html
from pipeline.review.pages.proposal_view import ReviewRecord, proposal_view
from pipeline.review.proposals import proposal_store
from pipeline.review.proposals.compose import compose_proposal
from pipeline.review.proposals.proposal_store import RenderedPages

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from pipeline.domain.proposal import Proposal
    from pipeline.review.proposals.compose import Draft

PAGES = RenderedPages(markdown="# page\n", html="<!doctype html>\n", open_names="source\r\n")


def _decided(draft: Draft, reviews: Path, verdict: Verdict, now: datetime) -> None:
    """File the proposal of the week before, and the answer to it."""
    before = now - timedelta(days=7)
    pool = draft.pool.model_copy(update={"week": "2026-W32", "as_of": moment_text(before)})
    proposal = compose_proposal(replace(draft, week=Week("2026-W32"), as_of=before, pool=pool))
    filed = proposal_store.read_proposal(proposal_store.write_proposal(proposal, reviews, PAGES))
    said = DecisionInput(
        verdict=verdict,
        digest_start=consent(proposal),
        reviewer="R. Viewer",
        note="Too new, wait.",
        now=before,
    )
    file_decision(filed, make_decision(filed, said, previous=None))


def _dearer(draft: Draft) -> Proposal:
    report = draft.tiers["frugal"]
    standings = tuple(
        one.model_copy(update={"usd_per_task": "0.0013"}) if one.variant == "alpha-2@low" else one
        for one in report.standings
    )
    tiers = {**draft.tiers, "frugal": report.model_copy(update={"standings": standings})}
    return compose_proposal(replace(draft, tiers=tiers))


def test_a_rejected_change_says_who_when_why_and_what_moved(
    draft: Draft, tmp_path: Path, now: datetime
) -> None:
    _decided(draft, tmp_path, Verdict.REJECTED, now)
    proposal = _dearer(draft)
    answers = earlier_answers(tmp_path, proposal)
    assert [one.change for one in answers] == list(proposal.changes)
    view = proposal_view(proposal, ReviewRecord(answers=answers))
    for page in (proposal_markdown(view), report_html(view)):
        assert "Rejected before" in page
        assert "on 2026-08-08 by R. Viewer (2026-W32): Too new, wait." in page
        assert "cost per task $0.0012 → $0.0013" in page
        assert "nothing moved" in page
        assert page.index("Rejected before") < page.index("modelpool approve")


def test_an_approval_is_no_rejection_and_another_change_was_not_asked(
    draft: Draft, tmp_path: Path, now: datetime
) -> None:
    _decided(draft, tmp_path / "approved", Verdict.APPROVED, now)
    assert earlier_answers(tmp_path / "approved", compose_proposal(draft)) == ()
    _decided(draft, tmp_path / "rejected", Verdict.REJECTED, now)
    other = tuple(one.model_copy(update={"variant": f"{one.variant}x"}) for one in draft.changes)
    assert earlier_answers(tmp_path / "rejected", compose_proposal(replace(draft, changes=other))) == ()
