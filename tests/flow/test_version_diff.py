"""Any two published versions can be compared; and the policy's volume reaches the page."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from pipeline.flow.record.review_page import review_record
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
    back = ran("diff", "v0002", "v0001", "--json").json["moves"]
    assert isinstance(back, list)
    mirrored = [{**one, "rank_before": one["rank_after"], "rank_after": one["rank_before"]} for one in back]
    assert sorted(mirrored, key=str) == order
    assert "the same members" in ran("diff", "v0002", "v0002").out
    refused = ran("diff", "v0001", "v0009")
    assert (refused.code, "v0009 is not published here" in refused.err) == (30, True)
    assert ran("diff", "v0001", "latest").code == 2


def test_the_volume_that_the_policy_states_is_on_record_for_the_page(example: Example) -> None:
    policy = example.folder / "data/policy/tiers.toml"
    proposal = read_proposal(example.folder / "reviews/2026-W22").proposal
    place = Workspace(example.folder)
    assert review_record(place, proposal).requests == {}
    policy.write_text(policy.read_text() + "\n# Our traffic.\n[volume]\n# Of last month.\nfrugal = 250000\n")
    assert review_record(place, proposal).requests == {"frugal": 250_000}
    policy.write_text("not toml")
    assert review_record(place, proposal).requests == {}
