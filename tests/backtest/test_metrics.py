"""Each measure on a history that one can add up in the head."""

from __future__ import annotations

import pytest

from pipeline.backtest.history import History
from pipeline.backtest.metrics import regret, stability
from pipeline.backtest.metrics.stability import weeks_to_adopt
from tests.backtest.toys import Cell, history, holdings, table

FLAT: dict[str, Cell] = {"a": (1300, 1), "b": (1290, 1), "c": (1200, 1), "d": (1100, 1)}
LATER: dict[str, Cell] = {"a": (1310, 1), "b": (1330, 1), "c": (1200, 1), "new": (1400, 1)}


def test_the_first_pick_loses_what_the_best_reachable_model_has_more_on_the_later_table() -> None:
    # b has 1330 later, a has 1310; `new` was not on offer when a was picked.
    assert regret.regret_first(holdings(history(FLAT, LATER), "a b", "a b"), 1) == 20


def test_launches_since_count_only_in_their_own_measure() -> None:
    assert regret.regret_with_launches(holdings(history(FLAT, LATER), "a b", "a b"), 1) == 90


def test_the_pool_is_compared_with_as_many_best_ones() -> None:
    # The best two later have 1330 and 1310, ours 1310 and 1200: 1320 - 1255.
    assert regret.regret_pool(holdings(history(FLAT, LATER), "a c", "a c"), 1) == 65
    assert regret.regret_pool(holdings(history(FLAT, LATER), "b a", "b a"), 1) == 0


def test_a_member_that_is_gone_later_is_left_out_of_the_pools_regret() -> None:
    # d is not listed later: only a is compared, with the best one.
    assert regret.regret_pool(holdings(history(FLAT, LATER), "a d", "a d"), 1) == 20


def test_a_first_pick_that_is_gone_later_cannot_be_judged() -> None:
    assert regret.regret_first(holdings(history(FLAT, LATER), "d a", "d a"), 1) is None


def test_who_was_not_under_the_cap_was_not_reachable() -> None:
    dear: dict[str, Cell] = {**FLAT, "dear": (1500, 4)}
    past = history(dear, {**LATER, "dear": (1500, 4)})
    assert regret.regret_first(holdings(past, "b a", "b a"), 1) == 0
    assert regret.regret_first(holdings(past, "b a", "b a", tier="premium"), 1) == 170


def test_a_later_table_is_the_first_one_at_least_that_many_calendar_weeks_later() -> None:
    tables = (table(0, FLAT), table(1, FLAT), table(5, LATER))
    held = holdings(History(tables=tables), "a", "a", "a")
    assert regret.regret_first(held, 3) == 20
    assert regret.regret_first(held, 6) is None


def test_index_points_are_lost_on_the_second_board() -> None:
    tables = (table(0, FLAT, {"a": 40, "b": 50}), table(1, LATER, {"a": 41, "b": 47.5}))
    held = holdings(History(tables=tables), "a b", "a b")
    assert regret.regret_first(held, 1, regret.points) == 6.5
    assert regret.regret_pool(held, 1, regret.points) == 0


@pytest.mark.parametrize(
    ("rival", "beaten"),
    [
        ((1303, 1.0), 0.5),
        ((1303, 1.01), 0.0),
        ((1302, 1.0), 0.0),
        ((1303, 0.5), 0.5),
    ],
)
def test_a_pick_is_dominated_by_who_is_not_dearer_and_outside_both_intervals(
    rival: Cell, beaten: float
) -> None:
    week: dict[str, Cell] = {"a": (1300, 1), "b": (1310, 2), "rival": rival}
    assert stability.dominated_share(holdings(history(week), "a b")) == beaten


def test_churn_is_the_share_of_places_that_change_hands_in_a_calendar_week() -> None:
    tables = tuple(table(place, FLAT) for place in (0, 1, 4))
    held = holdings(History(tables=tables), "a b", "a c", "b d")
    # One of two places, then both, in four calendar weeks.
    assert stability.churn(held) == pytest.approx(3 / 2 / 4)


def test_a_swap_inside_the_joint_interval_is_noise_and_one_outside_is_not() -> None:
    close: dict[str, Cell] = {"a": (1300, 1, 3), "b": (1305, 1, 4), "c": (1306, 1, 4), "d": (1200, 1)}
    # a -> b is 5 apart with joint 5; a -> c is 6 apart.
    assert stability.noise_swaps_elo(holdings(history(close, close), "a", "b", k=1)) == 1
    assert stability.noise_swaps_elo(holdings(history(close, close), "a", "c", k=1)) == 0


def test_who_could_not_be_kept_did_not_leave_by_choice() -> None:
    gone: dict[str, Cell] = {"b": (1301, 1)}
    dear: dict[str, Cell] = {"a": (1300, 9), "b": (1301, 1)}
    assert stability.noise_swaps_elo(holdings(history(FLAT, gone), "a", "b", k=1)) is None
    assert stability.noise_swaps_elo(holdings(history(FLAT, dear), "a", "b", k=1)) is None


def test_a_leaver_that_returns_within_eight_weeks_is_back() -> None:
    def held(back: int) -> float | None:
        tables = tuple(table(place, FLAT) for place in (0, 1, 1 + back))
        return stability.back_within(holdings(History(tables=tables), "a", "b", "a", k=1))

    # a left and came back; b left at the end and cannot have come back.
    assert (held(8), held(9)) == (0.5, 0.0)


def test_filled_and_the_median_price_speak_of_the_places() -> None:
    week: dict[str, Cell] = {"a": (1300, 0.5), "b": (1290, 2), "c": (1200, 3)}
    held = holdings(history(week, week), "a b", "c")
    assert stability.filled_share(held) == 0.75
    assert stability.median_price(held) == 2


def test_weeks_to_adopt_run_from_the_first_week_a_model_is_the_best() -> None:
    crowned: dict[str, Cell] = {**FLAT, "new": (1400, 1)}
    past = history(FLAT, crowned, crowned, crowned)
    assert weeks_to_adopt(holdings(past, "a", "a", "a", "new", k=1)) == 2
    assert weeks_to_adopt(holdings(past, "a", "new", "new", "new", k=1)) == 0
    assert weeks_to_adopt(holdings(past, "a", "a", "a", "a", k=1)) == 2
    assert weeks_to_adopt(holdings(history(FLAT, FLAT), "a", "a", k=1)) is None


def test_nothing_to_count_is_none_and_not_zero() -> None:
    held = holdings(history(FLAT), "")
    assert regret.regret_first(held, 1) is None
    assert stability.dominated_share(held) is None
    assert stability.churn(held) is None
    assert stability.median_price(held) is None
    assert stability.filled_share(held) == 0
