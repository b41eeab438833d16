"""What a proposal says beside the line-up: the loss of a vendor, ends, the database's log."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

from pipeline.domain.observation import ENDS
from pipeline.flow.run.retirements import retirements
from pipeline.publish.versions import version_in_force
from pipeline.review.proposals import proposal_store
from pipeline.workspace import Workspace
from tests.databases import changed_rows

if TYPE_CHECKING:
    from pipeline.domain.pool import Pool
    from tests.example import Example

TODAY = date(2026, 8, 15)


def test_the_drill_is_in_the_proposal_and_at_the_command_line(ran: Example) -> None:
    proposal = proposal_store.read_proposal(ran.folder / "reviews/2026-W33").proposal
    found = ran("whatif", "--vendor-outage", "--json").json["tiers"]
    assert isinstance(found, dict)
    assert list(found) == ["frugal", "balanced", "balanced-coding", "premium", "premium-coding"]
    for name, report in proposal.tiers.items():
        assert found[name]["losses"] == [one.model_dump(mode="json") for one in report.losses or ()]
        vendors = {member.vendor for member in proposal.pool.tiers[name].members}
        assert {one.vendor for one in report.losses or ()} == vendors
    said = ran("whatif", "--vendor-outage").out
    assert "still answers" in said
    assert "chosen again" in said


def test_the_drill_follows_the_other_suppositions(ran: Example) -> None:
    found = ran("whatif", "--vendor-outage", "--set", "tiers.premium.k=1", "--json").json["tiers"]
    assert isinstance(found, dict)
    (loss,) = found["premium"]["losses"]
    assert loss["left"]["variants"] == []
    assert len(loss["chosen_again"]["variants"]) == 1


def _ending(pool: Pool, end: date) -> Pool:
    tier = pool.tiers["premium"]
    first = tier.members[0].model_copy(update={"retires_on": end.isoformat()})
    changed = tier.model_copy(update={"members": (first, *tier.members[1:])})
    return pool.model_copy(update={"tiers": {"premium": changed}})


@pytest.mark.parametrize(("days", "near"), [(61, False), (60, True), (0, True), (-9, True)])
def test_a_member_in_force_is_named_within_the_days_of_its_tier(
    example: Example, days: int, *, near: bool
) -> None:
    latest = version_in_force(example.folder / "data/pools")
    assert latest is not None
    pool = _ending(latest.pool, TODAY + timedelta(days=days))
    found = retirements(Workspace(example.folder), pool, None, today=TODAY)
    first = latest.pool.tiers["premium"].members[0].variant
    assert [one.variant for one in found] == ([first] if near else [])


def _allow_short_ends(example: Example) -> None:
    policy = example.folder / "data/policy/tiers.toml"
    policy.write_text(policy.read_text().replace("retirement_days = 60", "retirement_days = 0"))


@pytest.mark.parametrize(("days", "near"), [(21, True), (22, False)])
def test_a_member_that_ends_while_the_pool_is_valid_is_named_whatever_the_policy_allows(
    example: Example, days: int, *, near: bool
) -> None:
    _allow_short_ends(example)
    latest = version_in_force(example.folder / "data/pools")
    assert latest is not None
    pool = _ending(latest.pool, date.fromisoformat(latest.pool.expires_on) + timedelta(days=days - 21))
    found = retirements(Workspace(example.folder), pool, None, today=date(2026, 6, 1))
    assert [f"valid until {pool.expires_on}" in one.said for one in found] == ([True] if near else [])


def test_a_route_that_ends_before_the_next_renewal_is_told_in_the_proposal_and_by_status(
    example: Example,
) -> None:
    _allow_short_ends(example)
    latest = version_in_force(example.folder / "data/pools")
    assert latest is not None
    member = latest.pool.tiers["premium"].members[0]
    route = member.routes["openrouter"]
    catalogue = example.folder / "data/sample/2026-W33/2026-06-15-openrouter.json"
    answer = json.loads(catalogue.read_bytes())
    (row,) = (
        one for one in answer["data"] if one["id"] == (route if isinstance(route, str) else route.model)
    )
    row["expiration_date"] = "2026-09-05"
    catalogue.write_text(json.dumps(answer))
    assert example.run().code in {10, 20}
    found = proposal_store.read_proposal(example.folder / "reviews/2026-W33").proposal
    told = [
        one.message
        for one in found.findings
        if one.kind == ENDS and one.subject == f"premium/{member.variant}"
    ]
    assert [one[:64] for one in told] == ["It ends on 2026-09-05, while this pool is valid until 2026-09-05"]
    said = " ".join(example("status", "--now", "2026-08-15T13:00:00Z").out.split())
    assert f"WARN {member.variant} in premium ends soon. It ends on 2026-09-05" in said


def test_while_the_policy_cannot_be_read_every_announced_end_is_named(example: Example) -> None:
    latest = version_in_force(example.folder / "data/pools")
    assert latest is not None
    (example.folder / "data/policy/tiers.toml").write_text("format = ")
    pool = _ending(latest.pool, TODAY + timedelta(days=900))
    assert retirements(Workspace(example.folder), pool, None, today=TODAY)
    assert example("status").code == 0


def test_verify_compares_the_runs_in_the_database_where_there_is_one(ran: Example) -> None:
    assert ran("verify", "--json").json["runs"] == 2
    assert changed_rows(ran.folder, "DELETE FROM price WHERE run_id = 2 AND source = 'openrouter'") > 0
    refused = ran("verify")
    assert refused.code == 30
    assert "the database and the files differ: price of 2026-W33" in " ".join(refused.err.split())
    assert ran("rebuild").code == 0
    assert ran("verify").code == 0


@pytest.mark.usefixtures("_sqlite_file")  # a server is never missing
def test_a_database_that_is_missing_is_no_failure_and_none_is_made(ran: Example) -> None:
    (ran.folder / "data/pipeline.sqlite").unlink()
    assert ran("verify", "--json").json["runs"] is None
    assert "acts" not in ran("verify").out
    assert not (ran.folder / "data/pipeline.sqlite").exists()
