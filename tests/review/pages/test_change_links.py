"""Each change says whether it can be held by itself, and which others it goes with or follows from."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pipeline.domain.pool import Cause, CauseStep
from pipeline.domain.proposal import ProposalKind
from pipeline.review.pages.change_links import change_links
from pipeline.review.pages.page import proposal_markdown, report_html
from pipeline.review.pages.proposal_view import proposal_view
from pipeline.review.proposals.compose import compose_proposal

if TYPE_CHECKING:
    from pipeline.review.proposals.compose import Draft


def test_a_change_says_what_it_goes_with_or_follows_from(draft: Draft) -> None:
    """In frugal `alpha-2@low` replaces `old-1@none`; in premium an entrant pushes the default down."""
    proposal = compose_proposal(replace(draft, kind=ProposalKind.CHANGE))
    view = proposal_view(proposal)
    told = {one.variant: (one.number, one.link) for one in view.changes}
    leaver, entrant = told["old-1@none"][0], told["alpha-2@low"][0]
    first, second = told["gamma-9@max"][0], told["alpha-2@high"][0]
    assert change_links(proposal) == {
        leaver: f"can be held, goes with {entrant}",
        entrant: f"can be held, goes with {leaver}",
        first: "can be held",
        second: f"follows from {first}",
    }
    for page in (proposal_markdown(view), report_html(view)):
        assert f"; can be held, goes with {leaver}" in page
        assert f"; follows from {first}" in page


def test_who_leaves_by_a_rule_cannot_be_held_and_a_place_that_is_freed_is_no_rise(draft: Draft) -> None:
    leaver = next(one for one in draft.changes if one.variant == "old-1@none")
    retired = leaver.model_copy(update={"tier": "premium", "variant": "gone-1@none", "cause": Cause.RETIRED})
    rises = next(one for one in draft.changes if one.variant == "alpha-2@high")
    freed = rises.model_copy(update={"rank_before": 3, "rank_after": 2})
    kept = replace(draft, kind=ProposalKind.CHANGE, changes=(retired, freed))
    shown = {one.variant: (one.number, one.link) for one in proposal_view(compose_proposal(kept)).changes}
    assert shown["gone-1@none"][1] == "by a rule, cannot be held"
    assert shown["alpha-2@high"][1] == f"follows from {shown['gone-1@none'][0]}"


def test_nothing_is_marked_where_nothing_can_be_held(draft: Draft) -> None:
    assert change_links(compose_proposal(replace(draft, kind=ProposalKind.FACTS))) == {}


def test_a_change_of_order_names_the_causes_that_were_attributed_to_it(draft: Draft) -> None:
    step = CauseStep(cause=Cause.PRICE, rank_before=1, rank_after=2)
    moved = [
        change.model_copy(update={"steps": (step,)}) if change.cause is Cause.ORDER else change
        for change in draft.changes
    ]
    causes = [
        {view.variant: view.cause for view in proposal_view(compose_proposal(one)).changes}
        for one in (draft, replace(draft, changes=tuple(moved)))
    ]
    assert [one["alpha-2@high"] for one in causes] == ["order only", "price moved"]
