"""One price per route and week: each line of the decision table, and the laws that hold for all of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from itertools import permutations
from typing import TYPE_CHECKING

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pipeline.domain.crosswalk import JudgedPrice
from pipeline.domain.ids import (
    ARTIFICIAL_ANALYSIS,
    GENAI_PRICES,
    LITELLM_PRICES,
    MODELS_DEV,
    OPENROUTER,
    SourceKey,
)
from pipeline.domain.observation import PriceStep
from pipeline.domain.price import (
    AnnouncedPrice,
    BilledRoute,
    PriceAmounts,
    PriceCase,
    PriceStatement,
    SettledPrice,
)
from pipeline.scoring.prices.comparison import PriceQuestion
from pipeline.scoring.prices.decision import decide_price

if TYPE_CHECKING:
    from pipeline.domain.ids import SourceName
    from pipeline.domain.policy import Policy
    from pipeline.domain.price import PriceDecision

TODAY = date(2026, 8, 15)
AT_OPENROUTER = BilledRoute(catalogue=OPENROUTER, model="vendor/m", release="m")
AT_THE_VENDOR = BilledRoute(catalogue="", model="vendor/m", release="m")


def usd(per_in: float, per_out: float, cached: float | None = None) -> PriceAmounts:
    return PriceAmounts(
        input=round(per_in * 1e6),
        output=round(per_out * 1e6),
        cached=None if cached is None else round(cached * 1e6),
    )


def said(
    source: SourceName, per_in: float, per_out: float, cached: float | None = None, *, fresh: bool = True
) -> PriceStatement:
    return PriceStatement(
        source=source,
        key=SourceKey("vendor/m"),
        day=TODAY if fresh else TODAY - timedelta(days=60),
        amounts=usd(per_in, per_out, cached),
        fresh=fresh,
        confirms_only=source in {LITELLM_PRICES, MODELS_DEV},
    )


def settled(per_in: float, per_out: float, cached: float | None = None, *, days: int = 7) -> SettledPrice:
    amounts = usd(per_in, per_out, cached)
    return SettledPrice(used=amounts, baseline=amounts, seen_on=TODAY - timedelta(days=days))


def judged(per_in: float, per_out: float) -> JudgedPrice:
    return JudgedPrice(
        release="m",
        input_microusd_per_mtok=round(per_in * 1e6),
        output_microusd_per_mtok=round(per_out * 1e6),
        cache_read_microusd_per_mtok=None,
        valid_from=TODAY,
        source_url="https://vendor.example/pricing",
        decided_by="a reviewer",
        reason="read off the page",
    )


def question(*statements: PriceStatement, route: BilledRoute = AT_OPENROUTER) -> PriceQuestion:
    return PriceQuestion(
        route=route, statements=statements, on=TODAY, until=TODAY + timedelta(days=28), before=settled(1, 4)
    )


def decided(policy: Policy, asked: PriceQuestion) -> PriceDecision:
    return decide_price(asked, policy.cost)


def test_a_judged_price_counts_and_two_others_that_agree_ask(policy: Policy) -> None:
    asked = replace(question(said(OPENROUTER, 2, 8)), judged=judged(1, 4))
    alone = decided(policy, asked)
    assert (alone.case, alone.used, alone.asked) == (PriceCase.JUDGED, usd(1, 4), False)
    both = decided(policy, replace(asked, statements=(said(OPENROUTER, 2, 8), said(GENAI_PRICES, 2, 8))))
    assert (both.used, both.other, both.asked) == (usd(1, 4), usd(2, 8), True)


def test_a_judged_zero_is_free_and_stays_out(policy: Policy) -> None:
    free = decided(policy, replace(question(), judged=judged(0, 0)))
    assert (free.used, free.reason) == (None, "price_zero")


@pytest.mark.parametrize("others", [(), (said(GENAI_PRICES, 0.55, 2.2),), (said(ARTIFICIAL_ANALYSIS, 3, 9),)])
def test_a_catalogue_that_equals_the_baseline_counts(
    policy: Policy, others: tuple[PriceStatement, ...]
) -> None:
    same = decided(policy, question(said(OPENROUTER, 1, 4.1), *others))
    assert (same.case, same.used, same.asked) == (PriceCase.CATALOGUE, usd(1, 4.1), False)


def test_a_catalogue_that_another_source_equals_counts_however_far_it_fell(policy: Policy) -> None:
    cut = decided(policy, question(said(OPENROUTER, 0.2, 0.8), said(LITELLM_PRICES, 0.2, 0.8)))
    assert (cut.case, cut.used, cut.baseline) == (PriceCase.CATALOGUE, usd(0.2, 0.8), usd(0.2, 0.8))


def test_a_rise_of_the_catalogue_is_believed_the_same_week(policy: Policy) -> None:
    risen = decided(policy, question(said(OPENROUTER, 3.9, 15.6), said(ARTIFICIAL_ANALYSIS, 1, 4)))
    assert (risen.case, risen.used, risen.asked) == (PriceCase.RISE, usd(3.9, 15.6), False)
    assert risen.baseline == usd(3.9, 15.6)


def test_a_rise_above_four_times_is_asked_unless_a_second_source_rose_too(policy: Policy) -> None:
    steep = question(said(OPENROUTER, 1, 16.1))
    alone = decided(policy, steep)
    assert (alone.case, alone.used, alone.other) == (PriceCase.RISE_ASKED, usd(1, 4), usd(1, 16.1))
    assert alone.asked
    small = decided(policy, question(said(OPENROUTER, 1.2, 4.8), said(ARTIFICIAL_ANALYSIS, 9, 30)))
    assert (small.case, small.used) == (PriceCase.RISE, usd(1.2, 4.8))
    both = decided(policy, question(*steep.statements, said(GENAI_PRICES, 1, 20)))
    assert (both.case, both.used) == (PriceCase.RISE, usd(1, 16.1))


def test_a_fall_by_up_to_a_quarter_is_used_and_does_not_lower_the_baseline(policy: Policy) -> None:
    small = decided(policy, question(said(OPENROUTER, 0.75, 3)))
    assert (small.case, small.used, small.asked) == (PriceCase.SMALL_FALL, usd(0.75, 3), False)
    assert small.baseline == usd(1, 4)


def test_a_deep_fall_that_others_see_too_takes_the_dearest_of_them(policy: Policy) -> None:
    """The cut of a real summer: the catalogue showed the batch price, two others the list price."""
    cut = decided(
        policy,
        question(
            said(OPENROUTER, 0.1, 0.6), said(GENAI_PRICES, 0.2, 1.2), said(ARTIFICIAL_ANALYSIS, 0.2, 1.2)
        ),
    )
    assert (cut.case, cut.used, cut.baseline) == (PriceCase.FALL_CONFIRMED, usd(0.2, 1.2), usd(0.2, 1.2))
    assert not cut.asked


def test_a_deep_fall_that_nobody_else_sees_is_asked(policy: Policy) -> None:
    """On one axis is enough; a source above the baseline confirms nothing, nor does one that is not fresh."""
    late = said(GENAI_PRICES, 0.5, 2, fresh=False)
    alone = decided(policy, question(said(OPENROUTER, 1, 2.9), said(ARTIFICIAL_ANALYSIS, 1.1, 4.4), late))
    assert (alone.case, alone.used, alone.other) == (PriceCase.FALL_ASKED, usd(1, 4), usd(1, 2.9))
    assert alone.asked
    assert alone.baseline == usd(1, 4)


def test_an_approval_answers_for_four_weeks_and_for_that_price_alone(policy: Policy) -> None:
    asked = question(said(OPENROUTER, 0.5, 2))
    before = replace(settled(1, 4), declined=usd(0.5, 2), declined_on=TODAY - timedelta(days=28))
    assert not decided(policy, replace(asked, before=before)).asked
    late = replace(before, declined_on=TODAY - timedelta(days=29))
    assert decided(policy, replace(asked, before=late)).asked
    other = replace(before, declined=usd(0.6, 2))
    assert decided(policy, replace(asked, before=other)).asked


def test_a_person_who_takes_the_row_by_name_settles_it(policy: Policy) -> None:
    taken = decided(policy, question(replace(said(OPENROUTER, 0.1, 0.4), accepted=True)))
    assert (taken.case, taken.used, taken.baseline) == (PriceCase.ACCEPTED, usd(0.1, 0.4), usd(0.1, 0.4))


def test_without_a_catalogue_two_that_agree_count_and_of_several_pairs_the_dearer(policy: Policy) -> None:
    pair = [said(GENAI_PRICES, 0.2, 1.2, 0.02), said(ARTIFICIAL_ANALYSIS, 0.2, 1.2)]
    found = decided(policy, question(*pair, route=AT_THE_VENDOR))
    assert (found.case, found.used) == (PriceCase.TWO_SOURCES, usd(0.2, 1.2, 0.02))
    assert found.sources == (GENAI_PRICES, ARTIFICIAL_ANALYSIS)
    pairs = [
        said(GENAI_PRICES, 2, 8),
        said(LITELLM_PRICES, 2, 8),
        said(ARTIFICIAL_ANALYSIS, 3, 9),
        said(MODELS_DEV, 3, 9),
    ]
    assert decided(policy, question(*pairs, route=AT_THE_VENDOR)).used == usd(3, 9)


def test_without_a_catalogue_and_without_a_pair_the_dearest_counts(policy: Policy) -> None:
    found = decided(
        policy,
        question(said(GENAI_PRICES, 0.9, 4), said(ARTIFICIAL_ANALYSIS, 1.5, 6), route=AT_THE_VENDOR),
    )
    assert (found.case, found.used, found.baseline) == (PriceCase.DEAREST, usd(1.5, 6), usd(1, 4))


def test_without_a_catalogue_one_source_that_falls_deeply_is_asked(policy: Policy) -> None:
    found = decided(policy, question(said(GENAI_PRICES, 0.2, 1), route=AT_THE_VENDOR))
    assert (found.case, found.used, found.asked) == (PriceCase.FALL_ASKED, usd(1, 4), True)


def test_third_opinions_make_no_price_and_a_reseller_none_for_the_vendor(policy: Policy) -> None:
    new = replace(
        question(said(LITELLM_PRICES, 2, 8), said(MODELS_DEV, 2, 8), route=AT_THE_VENDOR), before=None
    )
    assert decided(policy, new).reason == "price_unknown"
    resold = replace(question(said(OPENROUTER, 2, 8), route=AT_THE_VENDOR), before=None)
    assert decided(policy, resold).reason == "price_unknown"


@pytest.mark.parametrize(("days", "asked"), [(21, False), (22, True)])
def test_where_nothing_is_fresh_the_last_price_stays_and_is_asked_after_three_weeks(
    policy: Policy, days: int, *, asked: bool
) -> None:
    stale = replace(question(said(OPENROUTER, 0.2, 1, fresh=False)), before=settled(1, 4, days=days))
    found = decided(policy, stale)
    assert (found.case, found.used, found.asked) == (PriceCase.NOTHING_FRESH, usd(1, 4), asked)
    assert found.seen_on == TODAY - timedelta(days=days)
    answered = replace(settled(1, 4, days=days), declined_on=TODAY - timedelta(days=28))
    assert not decided(policy, replace(stale, before=answered)).asked
    of_another = replace(answered, declined=usd(1, 4, 0.01))
    assert not decided(policy, replace(stale, before=of_another)).asked, (
        "a person looked at this price lately"
    )


def test_a_catalogue_that_is_not_fresh_does_not_hand_its_route_to_other_sources(policy: Policy) -> None:
    others = [said(GENAI_PRICES, 5, 20), said(ARTIFICIAL_ANALYSIS, 5, 20)]
    found = decided(policy, question(said(OPENROUTER, 1, 4, fresh=False), *others))
    assert (found.case, found.used) == (PriceCase.NOTHING_FRESH, usd(1, 4))


def late(source: SourceName, per_in: float, per_out: float, *, days: int) -> PriceStatement:
    return replace(said(source, per_in, per_out, fresh=False), day=TODAY - timedelta(days=days))


def test_what_is_newer_than_the_price_in_use_counts_where_nothing_is_fresh(policy: Policy) -> None:
    two = (late(OPENROUTER, 0.4, 0.9, days=50), late(ARTIFICIAL_ANALYSIS, 0.4, 0.9, days=9))
    before = settled(1, 4, days=60)
    found = decided(policy, replace(question(*two), before=before))
    assert (found.used, found.baseline) == (usd(0.4, 0.9), usd(0.4, 0.9))
    alone = decided(policy, replace(question(two[0]), before=before))
    assert (alone.case, alone.used, alone.asked) == (PriceCase.FALL_ASKED, usd(1, 4), True)
    same_price = decided(policy, replace(question(late(OPENROUTER, 1, 4, days=50)), before=before))
    assert (same_price.case, same_price.asked, same_price.other) == (PriceCase.CATALOGUE, True, None)
    held = replace(two[0], held=True), replace(two[1], held=True)
    assert decided(policy, replace(question(*held), before=before)).used == usd(1, 4)


def test_a_price_that_rises_on_one_axis_and_falls_on_the_other_is_used_at_the_dearer_of_each(
    policy: Policy,
) -> None:
    found = decided(policy, replace(question(said(OPENROUTER, 3, 2.8)), before=settled(1, 4)))
    assert (found.case, found.used, found.other) == (PriceCase.FALL_ASKED, usd(3, 4), usd(3, 2.8))
    assert found.asked
    assert found.baseline == usd(1, 4)
    steep = decided(policy, replace(question(said(OPENROUTER, 9, 2.8)), before=settled(1, 4)))
    assert steep.used == usd(1, 4)


def test_the_index_removes_no_step_of_a_price_and_no_other_list_lends_its_cached_input(
    policy: Policy,
) -> None:
    step = PriceStep(from_tokens=272_000, input=10_000_000, output=45_000_000, cached=1_000_000)
    known = replace(usd(5, 30, 0.5), steps=(step,))
    before = SettledPrice(used=known, baseline=known, seen_on=TODAY - timedelta(days=7))
    stated = (said(ARTIFICIAL_ANALYSIS, 5, 30), said(GENAI_PRICES, 4, 20, 0.4))
    found = decided(policy, replace(question(*stated), route=AT_THE_VENDOR, before=before))
    assert (found.case, found.used) == (PriceCase.UNCHANGED, known)


def test_a_newcomer_with_one_statement_and_no_catalogue_has_no_price(policy: Policy) -> None:
    new = replace(question(said(GENAI_PRICES, 1, 4), route=AT_THE_VENDOR), before=None)
    found = decided(policy, new)
    assert (found.case, found.used, found.reason) == (PriceCase.UNPRICED, None, "price_unknown")
    assert decided(policy, replace(question(), before=None)).reason == "price_unknown"
    listed = decided(policy, replace(question(said(OPENROUTER, 1, 4)), before=None))
    assert (listed.case, listed.baseline) == (PriceCase.CATALOGUE, usd(1, 4))
    slipped = replace(question(said(OPENROUTER, 0.01, 4), said(GENAI_PRICES, 1, 4)), before=None)
    assert decided(policy, slipped).reason == "price_conflict"


@pytest.mark.parametrize("slip", [0.001, 1000])
def test_what_no_reading_explains_leaves_the_baseline_or_a_conflict(policy: Policy, slip: float) -> None:
    odd = said(OPENROUTER, slip, 4 * slip)
    kept = decided(policy, question(odd))
    assert (kept.case, kept.used, kept.unexplained) == (PriceCase.UNEXPLAINED, usd(1, 4), (OPENROUTER,))
    new = question(said(GENAI_PRICES, slip, 4 * slip), said(ARTIFICIAL_ANALYSIS, 1, 4), route=AT_THE_VENDOR)
    assert decided(policy, replace(new, before=None)).reason == "price_conflict"


def test_input_and_output_swapped_by_a_unit_is_no_price(policy: Policy) -> None:
    swapped = replace(question(said(OPENROUTER, 1000, 1)), before=None)
    assert decided(policy, swapped).reason == "price_conflict"


def test_cached_input_is_judged_by_itself(policy: Policy) -> None:
    before = settled(1, 4, 0.5)
    alone = decided(policy, replace(question(said(OPENROUTER, 1, 4, 0.05)), before=before))
    assert (alone.used, alone.other, alone.asked) == (usd(1, 4, 0.5), usd(1, 4, 0.05), True)
    both = question(said(OPENROUTER, 1, 4, 0.05), said(GENAI_PRICES, 1, 4, 0.1))
    assert decided(policy, replace(both, before=before)).used == usd(1, 4, 0.1)
    cheaper = question(said(OPENROUTER, 0.8, 3.2, 0.4))
    assert decided(policy, replace(cheaper, before=before)).used == usd(0.8, 3.2, 0.4)


def test_an_announced_rise_inside_the_validity_of_the_pool_counts_already(policy: Policy) -> None:
    def coming(days: int) -> PriceDecision:
        later = AnnouncedPrice(on=TODAY + timedelta(days=days), amounts=usd(2, 8))
        return decided(policy, question(replace(said(OPENROUTER, 1, 4), announced=(later,))))

    assert coming(28).counted == usd(2, 8)
    assert coming(28).used == usd(1, 4)
    assert coming(29).counted == usd(1, 4)


levels = st.sampled_from([0.05, 0.2, 0.5, 0.74, 0.8, 0.96, 1.0, 1.3, 4.5, 300.0])
sources = st.sampled_from([OPENROUTER, GENAI_PRICES, ARTIFICIAL_ANALYSIS, LITELLM_PRICES, MODELS_DEV])
statements = st.lists(
    st.builds(said, sources, levels, levels, st.none() | levels, fresh=st.booleans()),
    max_size=4,
    unique_by=lambda one: one.source,
)
routes = st.sampled_from([AT_OPENROUTER, AT_THE_VENDOR])
befores = st.none() | st.builds(settled, levels, levels, st.none() | levels)


@settings(derandomize=True)
@given(stated=statements, route=routes, before=befores)
def test_the_order_of_sources_does_not_matter_and_no_price_is_zero(
    policy: Policy, stated: list[PriceStatement], route: BilledRoute, before: SettledPrice | None
) -> None:
    found = [
        replace(decided(policy, replace(question(*order, route=route), before=before)), statements=())
        for order in permutations(stated)
    ]
    assert all(one == found[0] for one in found)
    if found[0].used is not None:
        assert found[0].used.input > 0
        assert found[0].used.output > 0


@settings(derandomize=True)
@given(stated=statements, route=routes, before=befores)
def test_deciding_twice_on_what_was_settled_gives_the_same_price(
    policy: Policy, stated: list[PriceStatement], route: BilledRoute, before: SettledPrice | None
) -> None:
    """A plan that was approved is the plan of an identical next run."""
    assume(before is not None or all(one.fresh for one in stated))
    asked = replace(question(*stated, route=route), before=before)
    first = decided(policy, asked)
    if first.used is None or first.baseline is None or first.seen_on is None:
        return
    after = SettledPrice(
        used=first.used,
        baseline=first.baseline,
        seen_on=first.seen_on,
        declined=first.other,
        declined_on=TODAY,
    )
    second = decided(policy, replace(asked, before=after))
    assert second.used == first.used
    assert not second.asked or first.asked


@given(
    steps=st.lists(
        st.tuples(st.floats(0.5, 1.2), st.floats(0.5, 1.2), st.floats(0.2, 1.2)), min_size=1, max_size=12
    )
)
def test_no_chain_of_falls_walks_a_price_down_unasked(
    policy: Policy, steps: list[tuple[float, float, float]]
) -> None:
    """One source alone, approved every week, never gets below a quarter under what was settled."""
    before = settled(1, 4, 0.1)
    now = (1.0, 4.0, 0.1)
    for step in steps:
        now = (now[0] * step[0], now[1] * step[1], now[2] * step[2])
        if min(now) < 0.001:
            return
        found = decided(policy, replace(question(said(OPENROUTER, *now)), before=before))
        assert found.used is not None
        assert found.baseline is not None
        assert found.seen_on is not None
        assert found.used.input >= 750_000
        assert found.used.output >= 3_000_000
        assert (found.used.cached or found.used.input) >= 0.75 * 0.75 * 100_000
        before = SettledPrice(used=found.used, baseline=found.baseline, seen_on=found.seen_on)


def test_a_newcomer_may_rest_on_an_older_statement_and_a_settled_route_may_not(policy: Policy) -> None:
    stated = [said(GENAI_PRICES, 1, 4), said(ARTIFICIAL_ANALYSIS, 1, 4, fresh=False)]
    new = replace(question(*stated, route=AT_THE_VENDOR), before=None)
    assert decided(policy, new).used == usd(1, 4)
    cut = [said(GENAI_PRICES, 0.2, 1), said(ARTIFICIAL_ANALYSIS, 0.2, 1, fresh=False)]
    assert decided(policy, question(*cut, route=AT_THE_VENDOR)).case is PriceCase.FALL_ASKED


def test_a_fresh_statement_far_below_older_ones_that_agree_is_asked_at_once(policy: Policy) -> None:
    old = [said(OPENROUTER, 1.5, 7.5, fresh=False), said(ARTIFICIAL_ANALYSIS, 1.5, 7.5, fresh=False)]
    new = replace(question(*old, said(GENAI_PRICES, 0.75, 3.75), route=AT_THE_VENDOR), before=None)
    first = decided(policy, new)
    assert (first.used, first.other, first.asked) == (usd(1.5, 7.5), usd(0.75, 3.75), True)
    near = replace(new, statements=(*old, said(GENAI_PRICES, 1.4, 7.4)))
    assert not decided(policy, near).asked


def test_a_scaled_price_of_cached_input_does_not_shrink_week_by_week(policy: Policy) -> None:
    before, used = settled(0.8, 0.05, 0.2), set()
    for _ in range(4):
        found = decided(policy, replace(question(said(OPENROUTER, 0.74, 0.5, 0.05)), before=before))
        assert found.used is not None
        assert found.baseline is not None
        used.add(found.used.cached)
        before = SettledPrice(used=found.used, baseline=found.baseline, seen_on=TODAY)
    assert len(used) == 1
