"""Judgements that come with a proposal: in its bytes, its digest and its pages, or nowhere."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from pipeline.domain.crosswalk import ProvisionalMatch
from pipeline.domain.ids import SourceKey, SourceModelName, SourceName, VariantId
from pipeline.domain.proposal import Verdict
from pipeline.errors import RefusedError
from pipeline.review.decisions.decisions import DecisionInput, consent, consent_digest, make_decision
from pipeline.review.pages.page import proposal_markdown, report_html
from pipeline.review.pages.proposal_view import proposal_view
from pipeline.review.proposals import proposal_store
from pipeline.review.proposals.compose import compose_proposal
from pipeline.review.proposals.documents import document_bytes
from pipeline.review.proposals.proposal_store import RenderedPages

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from pipeline.domain.proposal import Proposal
    from pipeline.review.proposals.compose import Draft

PAGES = RenderedPages(markdown="# page\n", html="<!doctype html>\n", open_names="source\r\n")


def _carrying(draft: Draft, *names: str) -> Proposal:
    agreed = tuple(
        ProvisionalMatch(
            source=SourceName("lmarena-text"),
            key=SourceKey(name),
            name=SourceModelName(name),
            variant=VariantId("delta-7@high"),
            evidence=("spells delta-7 to the letter", "effort high"),
            touches=("premium: delta-7@high - -> 1",),
        )
        for name in names
    )
    return compose_proposal(replace(draft, resolution=replace(draft.resolution, provisional=agreed)))


def test_a_proposal_without_judgements_has_the_bytes_it_always_had(draft: Draft) -> None:
    proposal = compose_proposal(draft)
    assert b"provisional" not in document_bytes(proposal)
    assert consent_digest(proposal) == proposal.pool_sha256


def test_the_same_pool_beside_another_list_asks_for_another_digest(draft: Draft) -> None:
    found = [
        compose_proposal(draft),
        _carrying(draft, "delta-7-high"),
        _carrying(draft, "delta-7-high", "delta 7 (high)"),
    ]
    assert len({one.pool_sha256 for one in found}) == 1
    assert len({consent_digest(one) for one in found}) == 3


def test_only_the_digest_of_the_whole_is_consent(draft: Draft, tmp_path: Path, now: datetime) -> None:
    filed = proposal_store.read_proposal(
        proposal_store.write_proposal(_carrying(draft, "delta-7-high"), tmp_path, PAGES)
    )
    assert filed.sha256 == consent_digest(filed.proposal)
    decision_input = DecisionInput(
        verdict=Verdict.APPROVED,
        digest_start=filed.proposal.pool_sha256,
        reviewer="R. Viewer",
        note="Fine.",
        now=now,
    )
    with pytest.raises(RefusedError, match=consent(filed.proposal)):
        make_decision(filed, decision_input, previous=None)
    typed = replace(decision_input, digest_start=filed.sha256[:8])
    assert make_decision(filed, typed, previous=None).proposal_sha256 == filed.sha256


def test_both_pages_list_each_name_before_the_command(draft: Draft) -> None:
    arranged = proposal_view(_carrying(draft, "delta-7-high"))
    for text in (proposal_markdown(arranged), report_html(arranged)):
        for word in ("delta-7-high", "delta-7@high", "effort high", "Whoever rejects", "accepts every one"):
            assert word.lower() in text.lower()
        assert f"modelpool approve {arranged.asked[:8]}" in text
    plain = proposal_markdown(arranged)
    assert plain.index("`delta-7-high`") < plain.index("modelpool approve")
    assert "accepted with this proposal" not in proposal_markdown(proposal_view(compose_proposal(draft)))
