"""What a pick loses in value, on weeks that one can add up in the head."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pipeline.backtest.metrics import regret, stability
from pipeline.backtest.metrics.reference_values import ReferenceValues
from pipeline.backtest.simulate.universe import Holdings, TierWorth, VariantStanding, WeekUniverse
from pipeline.domain.ids import AA_INTELLIGENCE
from tests.backtest.toys import table

WORTH = TierWorth(lambda_usd=0.1, bands={"simple": 0.5, "medium": 1.0, "complex": 2.0})
Goods = dict[str, tuple[float, float, str]]
"""By model: q, dollars per task, vendor."""

NOW: Goods = {"dear": (0.50, 0.02, "x"), "fair": (0.45, 0.01, "y"), "cheap": (0.35, 0.001, "y")}


def mark(goods: tuple[float, float, str], family: str, half: float = 0.04) -> ReferenceValues:
    quality, usd, vendor = goods
    return ReferenceValues(
        quality=quality,
        usd=usd,
        theta=4 * quality,
        half=half,
        half_with_model=4 * half,
        boards=frozenset(),
        alone={},
        confirmed=True,
        vendor=vendor,
        family=family,
    )


def offer(place: int, goods: Goods, *, outside: str = "") -> WeekUniverse:
    """One week; whoever is named `outside` is below the floor."""
    references = {model: mark(one, model) for model, one in goods.items()}
    week = table(place, dict.fromkeys(goods, (1300.0, 1.0)))
    return WeekUniverse(
        table=week,
        standings={model: VariantStanding(row=week.rows[model], usd=1.0) for model in goods},
        references=references,
        universe=frozenset(goods) - {*outside.split()},
        worth=WORTH,
    )


def held(*weeks: Goods, by: str, outside: str = "", k: int = 2) -> Holdings:
    """The same members in every week, four weeks apart."""
    offers = [offer(4 * place, goods, outside=outside) for place, goods in enumerate(weeks)]
    return Holdings(offers=offers, lineups=[tuple(by.split())] * len(weeks), k=k)


def test_the_first_pick_loses_what_the_best_is_worth_more_at_the_later_price() -> None:
    # V at $0.1: dear .50 - .2 = .30, fair .45 - .1 = .35, cheap .35 - .01 = .34.
    assert regret.value_regret_first(held(NOW, NOW, by="dear fair"), 4) == pytest.approx(5)
    assert regret.value_regret_first(held(NOW, NOW, by="fair dear"), 4) == 0
    assert regret.value_regret_first(held(NOW, NOW, by="dear"), 4) == pytest.approx(5), "held or not"
    cut: Goods = {**NOW, "dear": (0.50, 0.005, "x")}  # .45
    assert regret.value_regret_first(held(NOW, cut, by="fair dear"), 4) == pytest.approx(10)


def test_who_was_not_to_be_had_at_pick_time_counts_only_among_launches() -> None:
    later: Goods = {**NOW, "new": (0.55, 0.01, "z")}
    assert regret.value_regret_first(held(NOW, later, by="fair"), 4) == 0
    assert regret.value_regret_with_launches(held(NOW, later, by="fair"), 4) == pytest.approx(10)


def test_who_is_below_the_floor_is_no_rival_yet_counts_where_it_is_held() -> None:
    assert regret.value_regret_first(held(NOW, NOW, by="dear", outside="fair cheap"), 4) == 0
    assert regret.value_regret_first(
        held(NOW, NOW, by="dear fair", outside="fair cheap"), 4
    ) == pytest.approx(5)


def test_a_pick_without_a_later_score_or_price_is_not_judged() -> None:
    gone = {model: one for model, one in NOW.items() if model != "fair"}
    assert regret.value_regret_first(held(NOW, gone, by="fair"), 4) is None
    assert regret.first_losses(held(NOW, NOW, gone, by="fair"), 4) == (0, None, None)


def test_each_band_is_judged_at_its_own_price_and_served_by_its_best_member() -> None:
    # At $0.05: dear .10, fair .25, cheap .33. At $0.2: dear .40, fair .40, cheap .345.
    holdings = held(NOW, NOW, by="dear fair")
    assert dict(holdings.serving(0)) == {"simple": "fair", "medium": "fair", "complex": "dear"}
    assert regret.value_regret_bands(holdings, 4) == pytest.approx((33 - 25 + 0 + 0) / 3)
    said = Holdings(
        offers=holdings.offers,
        lineups=holdings.lineups,
        k=2,
        firsts=[{"simple": "dear", "medium": "dear", "complex": "dear"}] * 2,
    )
    assert regret.value_regret_bands(said, 4) == pytest.approx((23 + 5 + 0) / 3), "as the policy says"


def test_with_the_first_vendor_down_the_next_of_another_vendor_answers() -> None:
    three: Goods = {**NOW, "other": (0.40, 0.02, "z")}  # .20
    assert regret.value_regret_vendor_down(held(three, three, by="dear other"), 4) == pytest.approx(15)
    assert regret.value_regret_vendor_down(held(three, three, by="dear cheap other"), 4) == pytest.approx(1)


def test_where_nobody_of_another_vendor_is_held_no_request_is_answered() -> None:
    assert regret.value_regret_vendor_down(held(NOW, NOW, by="fair cheap"), 4) == pytest.approx(30)
    alone = {model: one for model, one in NOW.items() if model != "dear"}
    assert regret.value_regret_vendor_down(held(alone, alone, by="fair"), 4) is None, "nobody could have"


def test_one_board_alone_has_its_own_quality() -> None:
    references = {model: mark(goods, model) for model, goods in NOW.items()}
    for model, points in {"dear": 0.6, "cheap": 0.3}.items():
        references[model] = replace(references[model], alone={AA_INTELLIGENCE: points})
    weeks = [replace(offer(place, NOW), references=references) for place in (0, 4)]
    holdings = Holdings(offers=weeks, lineups=[("cheap", "fair", "dear")] * 2, k=3)
    assert regret.value_by_board(holdings, 4, AA_INTELLIGENCE) == pytest.approx(
        {"value_first": 29, "value_best_held": 40, "value_regret_first": 11}
    )


def swapped(before: str, after: str, goods: Goods, later: Goods | None = None) -> Holdings:
    offers = [offer(0, goods), offer(1, goods), offer(13, later or goods)]
    return Holdings(
        offers=offers, lineups=[tuple(before.split()), tuple(after.split()), tuple(after.split())], k=1
    )


@pytest.mark.parametrize(
    ("quality", "usd", "noise"),
    [(0.50, 0.01, 1.0), (0.513, 0.01, 1.0), (0.516, 0.01, 0.0), (0.50, 0.0107, 1.0), (0.50, 0.011, 0.0)],
)
def test_a_swap_is_noise_where_no_band_sees_a_difference_beyond_the_error_of_quality(
    quality: float, usd: float, noise: float
) -> None:
    """Half an interval of q is .04 x .25 for each, 1.4 answers in 100 for both; simple pays double."""
    goods: Goods = {"old": (0.50, 0.01, "x"), "new": (quality, usd, "y")}
    assert stability.noise_swaps(swapped("old", "new", goods)) == noise


def test_models_on_unlike_boards_are_less_well_told_apart() -> None:
    holdings = swapped("old", "new", {"old": (0.50, 0.01, "x"), "new": (0.54, 0.01, "y")})
    assert stability.noise_swaps(holdings) == 0
    before, week, after = holdings.offers
    unlike = replace(week.references["new"], boards=frozenset({AA_INTELLIGENCE}))
    week = replace(week, references={**week.references, "new": unlike})
    assert stability.noise_swaps(replace(holdings, offers=(before, week, after))) == 1


def test_an_entrant_is_wrong_when_the_leaver_is_worth_more_twelve_weeks_later() -> None:
    goods: Goods = {"old": (0.50, 0.01, "x"), "new": (0.55, 0.01, "y")}
    fallen: Goods = {**goods, "new": (0.49, 0.01, "y")}
    assert stability.wrong_entrants(swapped("old", "new", goods), 12) == 0
    assert stability.wrong_entrants(swapped("old", "new", goods, fallen), 12) == 1


def test_who_fell_below_the_floor_did_not_leave_by_choice() -> None:
    goods: Goods = {"old": (0.50, 0.01, "x"), "new": (0.50, 0.01, "y")}
    offers = [offer(0, goods), offer(1, goods, outside="old")]
    assert stability.noise_swaps(Holdings(offers=offers, lineups=[("old",), ("new",)], k=1)) is None


BETTER: Goods = {"a": (0.30, 0.01, "x"), "b": (0.30, 0.01, "y"), "rival": (0.40, 0.01, "z")}


@pytest.mark.parametrize(
    ("rival", "outside", "beaten"),
    [
        ((0.40, 0.01, "z"), "", 1.0),
        ((0.40, 0.0101, "z"), "", 0.0),  # dearer
        ((0.32, 0.01, "z"), "", 0.0),  # inside both intervals
        ((0.40, 0.01, "z"), "rival", 0.0),  # below the floor
        ((0.40, 0.01, "y"), "", 0.5),  # a second place of its vendor is one too many: only b's seat is free
    ],
)
def test_a_pick_is_beaten_by_an_outsider_only_if_that_one_could_take_the_seat(
    rival: tuple[float, float, str], outside: str, beaten: float
) -> None:
    holdings = held({**BETTER, "rival": rival}, by="a b", outside=outside)
    assert stability.outsider_dominated_share(holdings) == beaten


def test_a_sibling_of_a_member_cannot_take_another_seat() -> None:
    week = offer(0, BETTER)
    week = replace(
        week, references={**week.references, "rival": replace(week.references["rival"], family="a")}
    )
    holdings = Holdings(offers=[week], lineups=[("a", "b")], k=2)
    assert stability.outsider_dominated_share(holdings) == 0.5, "its own sibling's seat it could take"


def test_an_outsider_over_the_ceiling_cannot_take_a_seat() -> None:
    week = offer(0, BETTER)
    able = {model: standing for model, standing in week.standings.items() if model != "rival"}
    holdings = Holdings(offers=[replace(week, standings=able)], lineups=[("a", "b")], k=2)
    assert stability.outsider_dominated_share(holdings) == 0


@pytest.mark.parametrize(
    ("vendors", "k", "beaten"),
    [
        ("x y y z", 4, 0.5),  # half of four places: only another y may make room for a y
        ("x y", 3, 0.5),  # in a's seat it would leave one vendor
        ("x y", 2, 0.5),
        ("y", 3, 1.0),  # there is one vendor already
    ],
)
def test_an_outsider_takes_no_seat_that_its_vendor_may_not_hold(vendors: str, k: int, beaten: float) -> None:
    goods: Goods = {f"m{place}": (0.30, 0.01, one) for place, one in enumerate(vendors.split())}
    holdings = held({**goods, "rival": (0.40, 0.01, "y")}, by=" ".join(goods), k=k)
    assert stability.outsider_dominated_share(holdings) == beaten


def test_dollars_are_those_of_the_first_pick_in_the_middle_week() -> None:
    cut: Goods = {**NOW, "dear": (0.50, 0.004, "x")}
    assert stability.usd_per_1000_tasks(held(NOW, cut, NOW, by="dear fair")) == pytest.approx(20)
    assert stability.usd_per_1000_tasks(held(NOW, by="")) is None


def test_nothing_to_judge_is_none_and_not_zero() -> None:
    nobody = held(NOW, NOW, by="")
    assert regret.value_regret_first(nobody, 4) is None
    assert regret.value_regret_bands(nobody, 4) is None
    assert regret.value_regret_vendor_down(nobody, 4) is None
    assert stability.noise_swaps(nobody) is None
    assert stability.wrong_entrants(nobody, 12) is None
