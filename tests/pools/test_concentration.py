"""What one vendor may hold over all tiers."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.domain.ids import TierName
from pipeline.domain.policy import ConcentrationPolicy, Policy
from pipeline.pools.changes.policy_relaxation import relaxation_of
from pipeline.pools.select import select, select_fast
from pipeline.pools.tier_selection import select_tier, select_tiers
from pipeline.pools.worth.concentration import VendorHoldings, cross_tier_usage
from tests.pools.factories import BEFORE, One, digest_of, inputs, policy, tier, variant
from tests.pools.worlds import worlds

if TYPE_CHECKING:
    import pytest

    from pipeline.domain.pool import Pool
    from pipeline.pools.selection_input import SelectionInput

World = tuple[One, ...]
THREE = {
    "frugal": tier(k=3, ceiling_usd_per_task=0.02, lambda_usd=0.004),
    "balanced": tier(k=3, lambda_usd=0.05),
    "premium": tier(k=2, ceiling_usd_per_task=None, lambda_usd=0.5),
}
_limits = st.builds(
    ConcentrationPolicy,
    members_per_vendor=st.sampled_from([None, 1, 2, 3]),
    share_of_tiers_led=st.sampled_from([None, 0.3, 0.5, 0.67]),
)


def follow(made: SelectionInput, pool: Pool, rules: Policy) -> SelectionInput:
    return dataclasses.replace(made, policy=rules, published=pool, published_sha256=digest_of(pool))


def check(pool: Pool, limits: ConcentrationPolicy, excused: set[str]) -> None:
    vendors = [one.vendor for tier in pool.tiers.values() for one in tier.members]
    most, share = limits.members_per_vendor, limits.share_of_tiers_led
    assert most is None or all(vendors.count(vendor) <= most for vendor in vendors)
    led = len(THREE) if share is None else max(1, int(share * len(THREE) + 1e-9))
    tiers = [one for name, one in pool.tiers.items() if one.members and name not in excused]
    leaders = [one.members[0].vendor for one in tiers]
    assert all(leaders.count(vendor) <= led for vendor in leaders)


@settings(max_examples=60, deadline=None)
@given(before=worlds, world=worlds, limits=_limits)
def test_no_vendor_ever_holds_more_than_its_share_of_all_tiers(
    before: World, world: World, limits: ConcentrationPolicy
) -> None:
    """Nor after a week without limits; a tier that only one vendor could lead is named."""
    first = select_fast(inputs(before, policy=policy(THREE, draws=100), week=BEFORE))
    rules = policy(THREE, concentration=limits, draws=100)
    known = {one.id: variant(one) for one in (*before, *world)}
    made = follow(inputs(world, variants=known), first, rules)
    selection = select(made)
    excused = {one.subject for one in selection.findings if one.kind == "led-by-one-vendor"}
    check(selection.pool, limits, excused)
    assert select_fast(follow(made, selection.pool, rules)).tiers.keys() == selection.pool.tiers.keys()
    alone = {name: select_tier(made, TierName(name)).places for name in THREE}
    assert alone == {name: choice.places for name, choice in select_tiers(made).items()}


BIG = (
    One(name="a", elo=150.0, usd=0.004, vendor="big"),
    One(name="b", elo=140.0, usd=0.003, vendor="big"),
    One(name="c", elo=120.0, usd=0.005, vendor="small"),
)


def test_without_the_limit_over_all_tiers_one_vendor_would_hold_more(monkeypatch: pytest.MonkeyPatch) -> None:
    made = inputs(BIG, policy=policy(THREE, concentration=ConcentrationPolicy(members_per_vendor=2)))

    def held() -> int:
        return sum(one.vendor == "big" for tier in select_fast(made).tiers.values() for one in tier.members)

    assert held() == 2
    monkeypatch.setattr(VendorHoldings, "full", lambda *_: False)
    assert held() > 2


def test_without_the_limit_on_leading_one_vendor_would_lead_them_all(monkeypatch: pytest.MonkeyPatch) -> None:
    made = inputs(BIG, policy=policy(THREE, concentration=ConcentrationPolicy(share_of_tiers_led=0.67)))

    def leaders() -> list[str]:
        return [select_fast(made).tiers[name].members[0].vendor for name in ("premium", "balanced", "frugal")]

    assert leaders() == ["big", "big", "small"]
    monkeypatch.setattr(VendorHoldings, "may_lead", lambda *_: True)
    assert leaders() == ["big", "big", "big"]


def test_a_tier_that_only_one_vendor_can_lead_is_named() -> None:
    rules = policy(THREE, concentration=ConcentrationPolicy(share_of_tiers_led=0.34))
    selection = select(inputs(BIG[:1], policy=rules))
    told = [one for one in selection.findings if one.kind == "led-by-one-vendor"]
    assert [one.subject for one in told] == ["balanced", "frugal"]
    assert told[0].message.startswith("big leads 1 tiers already, the most the policy allows")


def test_who_is_barred_over_all_tiers_is_told_so_with_the_line_that_admits() -> None:
    made = inputs(BIG, policy=policy(THREE, concentration=ConcentrationPolicy(members_per_vendor=2)))
    name = TierName("frugal")
    standings = select(made).tiers["frugal"].standings
    told = [one for one in standings if one.rule == "vendor_total"]
    assert told
    assert "The vendor big holds 2 places over all tiers" in told[0].detail
    barred = next(one.id for one in BIG if one.id == told[0].variant)
    line = relaxation_of(made, select_tier(made, name), barred, "vendor_total")
    assert line is not None
    assert line.words == "concentration.members_per_vendor = 3"


def test_a_vendor_may_always_lead_one_tier() -> None:
    assert cross_tier_usage(ConcentrationPolicy(share_of_tiers_led=0.01), 3, []).most_led == 1
    assert cross_tier_usage(ConcentrationPolicy(share_of_tiers_led=0.6), 5, []).most_led == 3
