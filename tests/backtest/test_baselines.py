"""Naive policies pick what their names say, on a table one can read."""

from __future__ import annotations

import pytest

from pipeline.backtest.baselines import PICKS, TWO_BOARD_PICKS, simulate_baseline
from pipeline.backtest.history import History
from tests.backtest.toys import Cell, caps, history, seen, table

WEEK: dict[str, Cell] = {
    "best": (1300, 2, 5),
    "near": (1292, 1, 5),
    "mid": (1285, 0.9, 2),
    "low": (1255, 0.5, 2),
    "dear-low": (1254, 2.5, 2),
    "bottom": (1000, 0.02, 2),
}


def held(name: str, past: History, k: int = 3) -> list[str]:
    pick = {**PICKS, **TWO_BOARD_PICKS}[name]
    lineups = simulate_baseline(name, pick, seen(past, caps())["balanced"], k=k, seed=1)
    return [" ".join(lineup) for lineup in lineups]


@pytest.mark.parametrize(
    ("name", "picked"),
    [
        ("top-score", "best near mid"),
        ("lower-bound", "best near mid"),
        ("pareto", "best near mid"),
        ("tied-cheapest", "near best"),
        ("within-20", "mid near best"),
        ("within-50", "low mid near"),
        ("log-price", "near mid low"),  # 1292 - 0, 1285 + 4.6, 1255 + 30.1
        ("points-per-dollar", "low mid near"),
        ("score-per-dollar", "bottom low mid"),
        ("cheapest-above-floor", "bottom low mid"),
        # A dollar per Mtok costs 8 answers in 100 at $0.05: V is .42, .42, .41; .51 - .16 for the best.
        ("best-value", "near mid low"),
    ],
)
def test_a_policy_picks_what_its_name_says(name: str, picked: str) -> None:
    assert held(name, history(WEEK)) == [picked]


def test_pareto_leaves_out_whom_somebody_cheaper_beats() -> None:
    assert held("pareto", history(WEEK), k=9) == ["best near mid low bottom"]


def test_a_policy_that_refreshes_every_four_weeks_looks_every_four_calendar_weeks() -> None:
    turned: dict[str, Cell] = {**WEEK, "low": (1400, 0.5)}
    tables = (table(0, WEEK), *(table(place, turned) for place in (1, 3, 5)))
    assert held("refresh-4", History(tables=tables), k=1) == ["best", "best", "best", "low"]
    assert held("never", History(tables=tables), k=1) == ["best"] * 4
    assert held("top-score", History(tables=tables), k=1) == ["best", "low", "low", "low"]


def test_hysteresis_keeps_who_is_tied_and_lets_go_who_is_beaten() -> None:
    tied: dict[str, Cell] = {"a": (1300, 1, 3), "b": (1305, 1, 4)}
    apart: dict[str, Cell] = {"a": (1300, 1, 3), "b": (1306, 1, 4)}
    start: dict[str, Cell] = {"a": (1300, 1, 3)}
    assert held("hysteresis", history(start, tied), k=1) == ["a", "a"]
    assert held("hysteresis", history(start, apart), k=1) == ["a", "b"]


def test_the_dice_are_seeded() -> None:
    offer = seen(history(*[WEEK] * 5), caps())["balanced"]
    one, same, other = (
        simulate_baseline("random", PICKS["random"], offer, k=2, seed=seed) for seed in (1, 1, 2)
    )
    assert one == same != other
    assert len(set(one)) > 1


def test_who_looks_at_both_boards_needs_both() -> None:
    past = History(tables=(table(0, WEEK, {"best": 40, "near": 50, "low": 60}),))
    assert held("index-top", past) == ["low near best"]
    # Ranks of three: best 3 + 1, near 2 + 2, low 1 + 3: all equal, so the better rating comes first.
    assert held("percentile-rank", past) == ["best near low"]
    # Ratings are .83, .48 and -1.31 standard deviations, index -1.22, 0 and 1.22.
    assert held("z-score", past) == ["near low best"]
