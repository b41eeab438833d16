"""When a pool changes and when it does not: method 7, rule by rule, on worlds of a few variants.

Half-widths are 5 Elo, so the joint interval of two variants is 7.07 Elo.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest

from pipeline.domain.memory import Memory
from pipeline.domain.names import TierName
from pipeline.domain.pool import Cause
from pipeline.domain.week import Week
from tests.pools.factories import TIER, One, after, change, members, policy, published, tier, why

if TYPE_CHECKING:
    from pipeline.pools.brief import Selection

A = One(name="a", elo=120.0, usd=0.010)
B = One(name="b", elo=110.0, usd=0.006)
C = One(name="c", elo=100.0, usd=0.005)
POOL = published(A, B, C)
WIDE = policy({TIER: tier(floor_elo_below_reference=1000.0)})


def held(selection: Selection) -> list[str]:
    """Who is in the pool; the order has tests of its own."""
    return sorted(members(selection))


def with_new(new: One, **changes: object) -> list[str]:
    return held(after(POOL, [A, B, C, new], **changes))


def test_the_same_week_again_changes_nothing() -> None:
    assert after(POOL, [A, B, C]).changes == ()


@pytest.mark.parametrize(
    ("elo", "expected"),
    [
        pytest.param(127.0, ["a", "b", "c"], id="inside the joint interval of the best"),
        pytest.param(127.2, ["a", "b", "new"], id="beyond it"),
    ],
)
def test_a_challenger_enters_for_the_worst_when_it_clearly_beats_the_best(
    elo: float, expected: list[str]
) -> None:
    assert with_new(One(name="new", elo=elo, usd=0.014)) == expected


@pytest.mark.parametrize(
    ("elo", "expected"),
    [
        pytest.param(59.0, ["a", "b", "weak"], id="59 Elo above the worst"),
        pytest.param(61.0, ["a", "b", "new"], id="61 Elo above the worst"),
    ],
)
def test_a_challenger_enters_when_it_beats_the_worst_by_the_margin(elo: float, expected: list[str]) -> None:
    weak = One(name="weak", elo=0.0, usd=0.001)
    pool = published(A, B, weak)
    assert held(after(pool, [A, B, weak, One(name="new", elo=elo, usd=0.004)])) == expected


def test_the_margin_does_not_help_a_challenger_whose_interval_is_wide() -> None:
    weak = One(name="weak", elo=0.0, usd=0.001)
    vague = One(name="new", elo=65.0, usd=0.004, ci=66.0)
    assert after(published(A, B, weak), [A, B, weak, vague]).changes == ()


def test_a_challenger_that_a_cheaper_variant_beats_is_not_admissible() -> None:
    weak = One(name="weak", elo=0.0, usd=0.001)
    pool = published(A, B, weak)
    shadowed = One(name="new", elo=100.0, usd=0.0061)
    assert after(pool, [A, B, weak, shadowed]).changes == ()
    near = dataclasses.replace(shadowed, elo=106.0)
    assert held(after(pool, [A, B, weak, near])) == ["a", "b", "new"]


def test_a_challenger_takes_the_place_of_a_dominated_member_rather_than_of_the_worst() -> None:
    dominated = One(name="b", elo=108.0, usd=0.012)
    pool = published(A, dominated, C)
    new = One(name="new", elo=130.0, usd=0.014)
    value = One(name="value", elo=96.0, usd=0.0005)
    assert held(after(pool, [A, dominated, C, new, value])) == ["a", "c", "new"]


@pytest.mark.parametrize(("elo", "enters"), [(95.0, False), (105.0, True)])
def test_a_challenger_must_be_within_reach_of_the_best_eligible(elo: float, *, enters: bool) -> None:
    """The best eligible, 300, is a sibling of a member and therefore no challenger itself."""
    best = One(name="best", elo=300.0, usd=0.014)
    weak = One(name="weak", elo=0.0, usd=0.001)
    pool = published(best, B, weak)
    new = One(name="new", elo=elo, usd=0.004)
    found = members(after(pool, [best, B, weak, new], policy=WIDE))
    assert ("new" in found) is enters


@pytest.mark.parametrize(
    ("left", "enters"),
    [("2026-W32", False), ("2026-W25", False), ("2026-W24", True)],
)
def test_a_challenger_does_not_come_back_within_eight_weeks(left: str, *, enters: bool) -> None:
    new = One(name="new", elo=140.0, usd=0.014)
    memory = Memory(left_pool={(TierName(TIER), new.id): Week(left)})
    assert ("new" in with_new(new, memory=memory)) is enters


def test_who_left_another_tier_may_enter_this_one() -> None:
    new = One(name="new", elo=140.0, usd=0.014)
    memory = Memory(left_pool={(TierName("frugal"), new.id): Week("2026-W32")})
    assert "new" in with_new(new, memory=memory)


def test_a_cooldown_of_zero_weeks_is_none() -> None:
    new = One(name="new", elo=140.0, usd=0.014)
    memory = Memory(left_pool={(TierName(TIER), new.id): Week("2026-W33")})
    assert "new" in with_new(new, memory=memory, policy=policy(change=change(cooldown_weeks=0)))


def test_a_dominated_member_leaves_for_the_best_value_at_once() -> None:
    shade = One(name="shade", elo=98.0, usd=0.0049)
    weak = One(name="weak", elo=80.0, usd=0.0050)
    pool = published(A, B, weak)
    better = One(name="better", elo=99.0, usd=0.0030)
    selection = after(pool, [A, B, weak, shade, better])
    assert held(selection) == ["a", "b", "better"]
    gone = next(one for one in selection.changes if one.variant == weak.id)
    assert gone.cause is Cause.DOMINATED
    assert "not dearer ($0.003 against $0.005 per task) and better by 19.0 Elo (joint 7.1)" in gone.reason


def test_a_dominated_member_leaves_upwards_although_a_cheap_one_below_is_better_value() -> None:
    weak = One(name="weak", elo=80.0, usd=0.0050)
    better = One(name="better", elo=99.0, usd=0.0030)
    cheap = One(name="cheap", elo=60.0, usd=0.0003)
    assert held(after(published(A, B, weak), [A, B, weak, better, cheap])) == ["a", "b", "better"]


def test_a_member_that_is_beaten_inside_the_joint_interval_stays() -> None:
    pool = published(A, B, C)
    assert after(pool, [A, B, C, One(name="new", elo=106.9, usd=0.004)]).changes == ()


def test_a_dominated_member_leaves_even_for_one_that_left_lately_when_nobody_else_is_admissible() -> None:
    new = One(name="new", elo=108.0, usd=0.0045)
    memory = Memory(left_pool={(TierName(TIER), new.id): Week("2026-W32")})
    assert with_new(new, memory=memory) == ["a", "b", "new"]
    other = One(name="other", elo=107.5, usd=0.0049)
    assert held(after(POOL, [A, B, C, new, other], memory=memory)) == ["a", "b", "other"]


def test_a_dominated_member_leaves_for_a_cheaper_one_below_when_nobody_above_fits() -> None:
    """B is dominated by A, which is a member already: the only way out is down, within the margin."""
    cheap_a = dataclasses.replace(A, usd=0.0055)
    below = One(name="below", elo=80.0, usd=0.002)
    selection = after(published(A, B, C), [cheap_a, B, C, below])
    assert held(selection) == ["a", "below", "c"]


def test_a_dominated_member_stays_with_a_finding_when_only_much_worse_ones_are_left() -> None:
    cheap_a = dataclasses.replace(A, usd=0.0055)
    far = One(name="far", elo=49.0, usd=0.002)
    selection = after(published(A, B, C), [cheap_a, B, C, far])
    assert held(selection) == ["a", "b", "c"]
    assert [one.subject for one in selection.findings if one.kind == "dominated-member"] == [
        "balanced/b@high"
    ]


def test_a_vacancy_goes_to_the_best_value() -> None:
    pool = published(A, B, One(name="gone", elo=90.0, usd=0.004))
    dear = One(name="dear", elo=109.0, usd=0.0059)
    good = One(name="good", elo=104.0, usd=0.003)
    away = policy({TIER: tier(vendors_denied=("vendor-of-gone",))})
    selection = after(pool, [A, B, One(name="gone", elo=90.0, usd=0.004), dear, good], policy=away)
    assert held(selection) == ["a", "b", "good"]
    assert next(one.cause for one in selection.changes if one.variant == good.id) is Cause.VACANCY
    assert "best value: 104.0 Elo at $0.003 per task" in why(selection, "good")


def test_a_challenger_takes_a_vacant_place_before_anybody_must_leave() -> None:
    gone = One(name="gone", elo=90.0, usd=0.004)
    away = policy({TIER: tier(vendors_denied=("vendor-of-gone",))})
    best = One(name="best", elo=140.0, usd=0.014)
    cheap = One(name="cheap", elo=100.0, usd=0.0005)
    selection = after(published(A, B, gone), [A, B, gone, best, cheap], policy=away)
    assert held(selection) == ["a", "b", "best"]
    assert why(selection, "best").startswith(
        "Enters a vacant place because it beats a@high by 20.0 Elo (joint 7.1)"
    )


def test_a_vacancy_prefers_who_is_nearly_beaten_to_who_is_dominated() -> None:
    gone = One(name="gone", elo=90.0, usd=0.004)
    away = policy({TIER: tier(vendors_denied=("vendor-of-gone",))})
    good = dataclasses.replace(B, usd=0.003)
    near = One(name="near", elo=104.0, usd=0.009)
    dominated = One(name="dominated", elo=101.0, usd=0.0035)
    selection = after(published(A, good, gone), [A, good, gone, near, dominated], policy=away)
    assert held(selection) == ["a", "b", "near"]


def test_a_vacancy_takes_a_dominated_variant_only_when_nothing_else_is_left() -> None:
    gone = One(name="gone", elo=90.0, usd=0.004, confirmed=True)
    pool = published(A, B, gone)
    away = policy({TIER: tier(vendors_denied=("vendor-of-gone",))})
    dominated = One(name="dominated", elo=90.0, usd=0.007)
    free = One(name="free", elo=41.0, usd=0.001)
    assert held(after(pool, [A, B, gone, dominated, free], policy=away)) == ["a", "b", "free"]
    alone = after(pool, [A, B, gone, dominated], policy=away)
    assert held(alone) == ["a", "b", "dominated"]
    assert "although b@high is not dearer" in why(alone, "dominated")


def test_one_swap_is_not_large_and_a_better_challenger_goes_first() -> None:
    one = One(name="one", elo=140.0, usd=0.013)
    two = One(name="two", elo=150.0, usd=0.014)
    selection = after(POOL, [A, B, C, one, two])
    assert held(selection) == ["a", "b", "two"]
    assert (selection.large, selection.tiers[TIER].large) == (False, False)


def test_two_members_that_leave_at_once_make_the_tier_large() -> None:
    weak = [One(name=f"weak{n}", elo=5.0 + n, usd=0.001 + n / 10_000) for n in range(2)]
    strong = [One(name=f"strong{n}", elo=100.0 + n, usd=0.004 + n / 10_000) for n in range(2)]
    pool = published(A, *weak)
    selection = after(pool, [A, *weak, *strong])
    assert held(selection) == ["a", "strong0", "strong1"]
    assert (selection.large, selection.tiers[TIER].large) == (True, True)
    assert "2 voluntary swaps at once" in next(
        one.message for one in selection.findings if one.kind == "large"
    )
    allowed = after(pool, [A, *weak, *strong], policy=policy(change=change(voluntary_swaps=2)))
    assert not allowed.large


def test_members_that_must_leave_do_not_make_a_tier_large() -> None:
    away = policy({TIER: tier(vendors_denied=("vendor-of-b", "vendor-of-c"))})
    others = [One(name=f"other{n}", elo=90.0 + n, usd=0.004 + n / 1000) for n in range(3)]
    selection = after(POOL, [A, B, C, *others], policy=away)
    assert len(selection.changes) == 4
    assert not selection.large


def test_a_cost_swap_needs_its_switch() -> None:
    cheaper = One(name="cheaper", elo=99.0, usd=0.001)
    assert after(POOL, [A, B, C, cheaper]).changes == ()
    on = policy(change=change(cost_swaps=True, voluntary_swaps=0))
    selection = after(POOL, [A, B, C, cheaper], policy=on)
    assert held(selection) == ["a", "b", "cheaper"]
    assert not selection.large
    assert [one.kind for one in selection.findings] == ["cost-swap"]
    assert "costs $0.001 instead of $0.005 per task at -1.0 Elo" in why(selection, "cheaper")


def test_an_entrant_of_a_member_s_family_may_only_replace_that_member() -> None:
    sibling = One(name="new", elo=135.0, usd=0.0101, family="a")
    assert with_new(sibling) == ["b", "c", "new"]
    weaker = One(name="new", elo=118.0, usd=0.0101, family="a")
    assert with_new(weaker) == ["a", "b", "c"]


def test_an_entrant_counts_against_its_vendor_s_places() -> None:
    same = [dataclasses.replace(one, vendor="v") for one in (A, B)]
    pool = published(*same, C)
    new = One(name="new", elo=140.0, usd=0.014, vendor="v")
    assert held(after(pool, [*same, C, new])) == ["a", "c", "new"]


def test_a_price_cut_is_adopted_in_the_same_week() -> None:
    dear = One(name="dear", elo=125.0, usd=0.020)
    pool = published(A, B, C)
    assert after(pool, [A, B, C, dear]).changes == ()
    cut = after(pool, [A, B, C, dataclasses.replace(dear, usd=0.004)])
    assert "dear" in members(cut)


def test_everybody_gone_is_a_first_proposal_without_its_name() -> None:
    away = policy({TIER: tier(vendors_denied=("vendor-of-a", "vendor-of-b", "vendor-of-c"))})
    best = One(name="best", elo=140.0, usd=0.014)
    cheap = [One(name=f"cheap{n}", elo=110.0 + n, usd=0.001 + n / 1000) for n in range(3)]
    selection = after(POOL, [A, B, C, best, *cheap], policy=away)
    assert members(selection)[0] == "best"
    assert {one.cause for one in selection.changes if one.rank_before is None} == {Cause.VACANCY}
