"""What became of each member: points of versions, gaps where it was none, lines that say it aloud."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pipeline.domain.pool import TierPool
from pipeline.review.pages.charts.history import draw_history, member_histories
from pipeline.review.pages.page import report_html
from pipeline.review.pages.proposal_view import PageContext, proposal_view
from pipeline.review.proposals.compose import compose_proposal

if TYPE_CHECKING:
    from pipeline.domain.pool import Pool
    from pipeline.review.pages.proposal_view import ProposalView
    from pipeline.review.proposals.compose import Draft

TIER = "frugal"


def past(pool: Pool, version: int, day: str, quality: str | None) -> Pool:
    """A published version in which the first member had another quality, or was none."""
    first = pool.tiers[TIER].members[0]
    members = (first.model_copy(update={"quality": quality}),) if quality else ()
    tier = TierPool(evidence="general", k=3, members=members, bands={})
    return pool.model_copy(update={"version": version, "as_of": f"{day}T12:00:00Z", "tiers": {TIER: tier}})


def view_of(draft: Draft, *pools: Pool) -> ProposalView:
    return proposal_view(compose_proposal(draft), PageContext(pools=pools))


def test_each_version_is_a_point_and_an_absence_breaks_the_line(draft: Draft) -> None:
    pools = (
        past(draft.pool, 1, "2025-12-01", "0.1000"),
        past(draft.pool, 2, "2026-07-18", "0.3000"),
        past(draft.pool, 3, "2026-07-25", None),
        past(draft.pool, 4, "2026-08-08", "0.3500"),
    )
    first = member_histories(TIER, view_of(draft, *pools))[0]
    assert first.variant == draft.pool.tiers[TIER].members[0].variant
    assert [[one.quality for one in run] for run in first.runs] == [
        ["0.3000"],
        ["0.3500", draft.pool.tiers[TIER].members[0].quality],
    ]
    assert [round(one.weeks_ago, 2) for one in first.points] == [4.0, 1.0, 0.0]


def test_without_an_earlier_version_nothing_is_drawn(draft: Draft) -> None:
    assert member_histories(TIER, view_of(draft)) == ()
    assert "26 weeks" not in report_html(view_of(draft))


def test_the_chart_says_every_point_and_the_page_lists_them(draft: Draft) -> None:
    view = view_of(draft, past(draft.pool, 4, "2026-08-08", "0.3500"))
    found = member_histories(TIER, view)
    for width in (900, 330):
        drawn = draw_history(found, width, "History")
        assert drawn.count("<circle") == 3 * sum(len(one.points) for one in found)
        assert "quality 35 %" in drawn
        assert f"{found[0].variant} since" in drawn
    page = report_html(view)
    assert "The last 26 weeks of each member" in page
    assert "v0004 of 2026-W33" in page


def test_a_moment_within_one_week_draws_too(draft: Draft) -> None:
    same = replace(draft, pool=draft.pool)
    view = view_of(same, past(draft.pool, 4, draft.pool.as_of[:10], "0.3500"))
    assert draw_history(member_histories(TIER, view), 900, "History").startswith("<svg")
