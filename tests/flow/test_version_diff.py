"""Any two published versions can be compared; and the policy's volume reaches the page."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from pipeline.flow.record.record_files import RecordFiles
from pipeline.flow.record.review_page import review_record
from pipeline.review.pages.number_format import answers, usd
from pipeline.review.pages.proposal_view import proposal_view
from pipeline.review.proposals.proposal_store import read_proposal
from pipeline.workspace import Workspace

if TYPE_CHECKING:
    from tests.example import Example


def test_two_versions_differ_by_what_was_approved_between_them(ran: Example) -> None:
    assert ran.approve().code == 0
    assert ran("publish").code == 0
    proposal = json.loads((ran.folder / "reviews/2026-W33/proposal.json").read_bytes())
    kept = ("tier", "variant", "rank_before", "rank_after")
    changes = [{key: one[key] for key in kept} for one in proposal["changes"]]
    told = ran("diff", "v0001", "v0002", "--json").json
    assert isinstance(told["moves"], list)
    order = sorted(told["moves"], key=str)
    assert order == sorted(changes, key=str)
    assert told["facts"] == proposal["facts"]
    shown = ran("diff", "v1", "v2").out
    assert all(one["variant"] in shown for one in changes)
    assert "at the figures of 2026-W33" in shown
    assert " - ->" not in shown
    assert _places(told["moves"]) == sorted(_places(told["moves"])), "by tier, then by the new place"
    (leaver,) = (one for one in proposal["changes"] if one["tier"] == "balanced" and not one["rank_after"])
    standings = proposal["tiers"]["balanced"]["standings"]
    (now,) = (one for one in standings if one["variant"] == leaver["variant"])
    figures = (
        f"{usd(now['usd_per_task'])} per task, {answers(now['acceptable_answers_per_usd'])} answers per $"
    )
    line = f"balanced: {leaver['variant']} leaves (was {leaver['rank_before']}); {figures}."
    assert line in " ".join(shown.split())
    back = ran("diff", "v0002", "v0001", "--json").json["moves"]
    assert isinstance(back, list)
    mirrored = [{**one, "rank_before": one["rank_after"], "rank_after": one["rank_before"]} for one in back]
    assert sorted(mirrored, key=str) == order
    assert "the same members" in ran("diff", "v0002", "v0002").out
    refused = ran("diff", "v0001", "v0009")
    assert (refused.code, "v0009 is not published here" in refused.err) == (30, True)
    assert ran("diff", "v0001", "latest").code == 2


def _places(moves: list[dict[str, Any]]) -> list[tuple[str, int]]:
    return [(one["tier"], one["rank_after"] or 99) for one in moves]


def test_the_slope_of_a_tier_states_both_sides_at_this_week_s_figures(ran: Example) -> None:
    proposal = read_proposal(ran.folder / "reviews/2026-W33").proposal
    view = proposal_view(proposal, review_record(RecordFiles(Workspace(ran.folder)), proposal))
    report, (first, *_) = proposal.tiers["balanced"], view.before("balanced")
    assert report.default_before is not None
    assert first.variant == report.default_before.variant
    stated = answers(report.default_before.acceptable_answers_per_usd)
    assert first.value == f"{stated} answers per $", "as in the table of the first screen"
    assert view.record.in_force is not None
    published = view.record.in_force.tiers["balanced"].members[0].acceptable_answers_per_usd
    assert stated != answers(published), "the figures moved, so that the two bases differ here"


def test_the_volume_that_the_policy_states_is_on_record_for_the_page(example: Example) -> None:
    policy = example.folder / "data/policy/tiers.toml"
    proposal = read_proposal(example.folder / "reviews/2026-W22").proposal
    place = Workspace(example.folder)
    assert review_record(RecordFiles(place), proposal).requests == {}
    policy.write_text(policy.read_text() + "\n# Our traffic.\n[volume]\n# Of last month.\nfrugal = 250000\n")
    assert review_record(RecordFiles(place), proposal).requests == {"frugal": 250_000}
    policy.write_text("not toml")
    assert review_record(RecordFiles(place), proposal).requests == {}
