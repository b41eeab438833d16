"""What was rejected before is said again: by whom, when, why, and what moved since."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from pipeline.domain.calendar import Week, moment_text
from pipeline.domain.proposal import ProposalKind, Verdict
from pipeline.review.decisions.chain import DecisionChain
from pipeline.review.decisions.decisions import DecisionInput, consent, file_decision, make_decision
from pipeline.review.decisions.earlier_answers import NOTHING_EARLIER, earlier_answers
from pipeline.review.pages.page import proposal_markdown, report_html
from pipeline.review.pages.proposal_view import PageContext, proposal_view
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
    earlier = earlier_answers(DecisionChain.below(tmp_path), proposal)
    assert [one.change for one in earlier.again] == list(proposal.changes)
    view = proposal_view(proposal, PageContext(earlier=earlier))
    for page in (proposal_markdown(view), report_html(view)):
        assert "Answered before" in page
        assert "was rejected on 2026-08-08 by R. Viewer (2026-W32): Too new, wait." in page
        assert "cost per task $0.0012 → $0.0013" in page
        assert "nothing moved" in page
        assert page.index("Answered before") < page.index("modelpool approve")


def test_a_first_pool_that_was_rejected_says_so_when_it_is_proposed_again(
    draft: Draft, tmp_path: Path, now: datetime
) -> None:
    first = replace(draft, kind=ProposalKind.FIRST, pool=draft.pool.model_copy(update={"base": None}))
    _decided(first, tmp_path, Verdict.REJECTED, now)
    (gone, *kept) = first.pool.tiers["premium"].members
    came = gone.model_copy(update={"variant": "new-1@high"})
    tier = first.pool.tiers["premium"].model_copy(update={"members": (came, *kept)})
    pool = first.pool.model_copy(update={"tiers": {**first.pool.tiers, "premium": tier}})
    proposal = compose_proposal(replace(first, pool=pool))
    earlier = earlier_answers(DecisionChain.below(tmp_path), proposal)
    assert earlier.first is not None
    assert earlier.first.decision.note == "Too new, wait."
    view = proposal_view(proposal, PageContext(earlier=earlier))
    total = sum(len(one.members) for one in pool.tiers.values())
    for page in (proposal_markdown(view).replace("`", ""), re.sub("<[^>]*>", "", report_html(view))):
        assert "The first pool of 2026-W32 was rejected on 2026-08-08 by R. Viewer: Too new, wait." in page
        assert f"Since then: {total - 1} of {total} members are the same" in page
        assert f"same; new: new-1@high; gone: {gone.variant}." in page


def test_an_approval_is_no_rejection_and_another_change_was_not_asked(
    draft: Draft, tmp_path: Path, now: datetime
) -> None:
    _decided(draft, tmp_path / "approved", Verdict.APPROVED, now)
    assert (
        earlier_answers(DecisionChain.below(tmp_path / "approved"), compose_proposal(draft))
        == NOTHING_EARLIER
    )
    _decided(draft, tmp_path / "rejected", Verdict.REJECTED, now)
    other = tuple(one.model_copy(update={"variant": f"{one.variant}x"}) for one in draft.changes)
    others = compose_proposal(replace(draft, changes=other))
    assert earlier_answers(DecisionChain.below(tmp_path / "rejected"), others) == NOTHING_EARLIER
