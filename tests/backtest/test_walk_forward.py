"""Chosen on earlier weeks, reported on later ones: no later week chooses, and luck is shown as such."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from pipeline.backtest.history import History, clip_weeks, read_history
from pipeline.backtest.metrics.regret import value_regret_first
from pipeline.backtest.metrics.scorecard import SOON
from pipeline.backtest.simulate.universe import Holdings
from pipeline.backtest.tuning.folds import Fold, Span, Sweep, TierMeasures, folds, measure
from pipeline.backtest.tuning.grid import Grid, read_grid
from pipeline.backtest.tuning.walk_forward import (
    LimitViolation,
    Objective,
    figures,
    over_tiers,
    pareto_front,
    walk_forward,
)
from pipeline.domain.calendar import Week
from tests.backtest.policy_runs import evaluate_policy, simulate
from tests.backtest.toys import Cell, caps, history, seen
from tests.backtest.tuning import grid, toy_weeks

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.domain.policy import Policy

ASKED = Objective(
    limits={"dominated": {"a": 0.1, "b": 0.2}, "filled": {"a": 1.0}, "noise_swaps": {"a": 0.0}},
    minimise={"regret_pool": 1.0, "churn": 10.0},
)


def tier(
    pool: float | None, churn: float = 0.1, beaten: float = 0.0, filled: float = 1.0
) -> dict[str, float | None]:
    return {
        "regret_pool": pool,
        "churn": churn,
        "dominated": beaten,
        "filled": filled,
        "noise_swaps": None,
    }


def test_a_limit_is_passed_above_it_and_for_filled_below_it() -> None:
    found = figures(ASKED, {"a": tier(1, beaten=0.11, filled=0.99), "b": tier(2, beaten=0.2, filled=0.5)})
    assert found.missed == (
        LimitViolation(tier="a", measure="dominated", found=0.11, limit=0.1),
        LimitViolation(tier="a", measure="filled", found=0.99, limit=1.0),
    )


def test_the_sum_weighs_the_mean_of_the_tiers() -> None:
    found = figures(ASKED, {"a": tier(1, churn=0.1), "b": tier(3, churn=0.3)})
    assert found.value == pytest.approx(2 + 10 * 0.2)
    assert found.key == (0, found.value)


def test_what_could_not_be_counted_is_worse_than_any_number_and_no_swap_is_no_noise() -> None:
    found = figures(ASKED, {"a": tier(None), "b": tier(1)})
    assert (found.value, found.key) == (None, (0, math.inf))
    assert over_tiers({"a": tier(1)}, "noise_swaps") == 0.0
    assert over_tiers({"a": tier(None)}, "regret_pool") is None


def test_the_frontier_keeps_who_is_best_at_something_and_one_of_equals() -> None:
    points = [(1.0, 5.0), (2.0, 2.0), (2.0, 2.0), (2.0, 3.0), (5.0, 1.0), (5.0, 4.0)]
    assert pareto_front(points) == (0, 1, 4)


def cells(folder: Path) -> Grid:
    """Four cells: both constants changed, one, the other, and the shipped one."""
    return replace(read_grid(grid(folder)), objective=ASKED, frontier=("regret_pool", "churn"))


FOLD = Fold(
    split=Week("2026-W05"), choosing=Span(start=0, end=4, seen=4), reporting=Span(start=4, end=8, seen=8)
)


def found(*pools: tuple[float, float, float]) -> list[list[TierMeasures]]:
    """For each cell its regret where it is chosen, where it is reported, and on all weeks."""
    return [[{"a": tier(pool)} for pool in cell] for cell in pools]


def test_the_best_of_the_choosing_span_is_reported_with_what_came_after(tmp_path: Path) -> None:
    result = walk_forward(cells(tmp_path), [FOLD], found((3, 1, 2), (1, 9, 5), (2, 2, 2), (4, 5, 4)))
    (choice,) = result.choices
    assert result.tried == 4
    assert choice.chosen.cell.name == "change.swap_intervals=0.2"
    assert (choice.chosen.rank_choosing, choice.chosen.rank_reporting) == (1, 4)
    assert (choice.shipped.rank_choosing, choice.shipped.rank_reporting) == (4, 3)
    assert (choice.lead_choosing, choice.lead_reporting, choice.optimism) == (3.0, -4.0, 7.0)
    assert [trade.cell.name for trade in result.frontier] == ["change.cooldown_weeks=0"]


def test_a_passed_limit_weighs_more_than_any_sum(tmp_path: Path) -> None:
    sides = found((1, 1, 1), (9, 1, 1), (9, 1, 1), (9, 1, 1))
    sides[0][0]["a"]["dominated"] = 0.5
    (choice,) = walk_forward(cells(tmp_path), [FOLD], sides).choices
    assert choice.chosen.cell.shipped
    assert choice.standings[0].rank_choosing == 4


def test_of_equals_the_shipped_policy_wins(tmp_path: Path) -> None:
    (choice,) = walk_forward(cells(tmp_path), [FOLD], found(*[(1, 1, 1)] * 4)).choices
    assert choice.chosen is choice.shipped
    assert {one.rank_choosing for one in choice.standings} == {1}


def test_the_choosing_side_is_the_backtest_of_the_weeks_up_to_the_split(tmp_path: Path) -> None:
    past = read_history(toy_weeks(tmp_path))
    one, _, whole = swept(past)
    card = evaluate_policy(clip_weeks(past, None, Week("2026-W05")), caps(), horizon=2)
    assert one == dict(card.tiers)
    assert whole == dict(evaluate_policy(past, caps(), horizon=2).tiers)


def test_no_week_after_the_split_changes_the_choosing_side(tmp_path: Path) -> None:
    past = read_history(toy_weeks(tmp_path))
    other = read_history(toy_weeks(tmp_path, weeks=7))
    planted = History(
        tables=(*past.tables[:4], *(replace(t, rows=past.tables[0].rows) for t in past.tables[4:]))
    )
    assert swept(past)[0] == swept(other)[0] == swept(planted)[0]
    assert swept(past)[1] != swept(planted)[1]


def swept(past: History) -> tuple[TierMeasures, ...]:
    (fold,) = folds(past, [Week("2026-W05")], horizon=2)
    whole = Span(start=0, end=len(past.tables), seen=len(past.tables))
    spans = (fold.choosing, fold.reporting, whole)
    return measure(Sweep(history=past, policies=(caps(),), yardstick=caps(), spans=spans, horizon=2), 0)


def test_neighbouring_cells_share_the_scored_weeks_unless_they_score_otherwise(tmp_path: Path) -> None:
    past, base = read_history(toy_weeks(tmp_path)), caps()
    calmer = base.model_copy(update={"change": base.change.model_copy(update={"cooldown_weeks": 2})})
    wider = base.model_copy(update={"quality": base.quality.model_copy(update={"tau_floor_elo": 30.0})})
    span = Span(start=0, end=len(past.tables), seen=len(past.tables))
    sweep = Sweep(history=past, policies=(base, calmer, wider), yardstick=base, spans=(span,), horizon=2)
    measure(sweep, 0)
    (first,) = sweep.scored
    measure(sweep, 1)
    assert sweep.scored[0] is first
    found = measure(sweep, 2)
    assert sweep.scored[0] is not first
    assert found == measure(replace(sweep, scored=[]), 2)


def test_the_reporting_side_starts_with_the_pools_held_before() -> None:
    """A pool of the week before the split is carried; a cold start would have taken c at once."""
    weeks: list[dict[str, Cell]] = [
        {"a": (1300.0, 0.1, 30.0), "b": (1290.0, 0.1, 30.0), "c": (1280.0 + 4 * week, 0.1, 30.0)}
        for week in range(8)
    ]
    past = history(*weeks)
    policy = caps().model_copy(
        update={"tiers": {"frugal": caps().tiers["frugal"].model_copy(update={"k": 1})}}
    )
    sweep = Sweep(
        history=past,
        policies=(policy,),
        yardstick=policy,
        spans=(Span(start=0, end=6, seen=6), Span(start=6, end=8, seen=8)),
        horizon=1,
    )
    _, after = measure(sweep, 0)
    assert after["frugal"]["regret_first"] == 8.0
    assert (
        evaluate_policy(clip_weeks(past, past.tables[6].week, None), policy, horizon=1).tiers["frugal"][
            "regret_first"
        ]
        == 0.0
    )


def test_folds_roll_forward_and_report_up_to_the_next_split(tmp_path: Path) -> None:
    past = read_history(toy_weeks(tmp_path, weeks=12))
    one, two = folds(past, [Week("2026-W05"), Week("2026-W08")], horizon=2)
    assert (one.choosing, one.reporting) == (Span(start=0, end=4, seen=4), Span(start=4, end=7, seen=12))
    assert (two.choosing, two.reporting) == (Span(start=0, end=7, seen=7), Span(start=7, end=12, seen=12))


def test_a_pick_just_before_the_next_split_is_judged_by_the_weeks_after_it(tmp_path: Path) -> None:
    past = read_history(toy_weeks(tmp_path, weeks=12))
    short, long = (
        measure(
            Sweep(
                history=past,
                policies=(caps(),),
                yardstick=caps(),
                spans=(Span(start=4, end=7, seen=seen),),
                horizon=2,
            ),
            0,
        )[0]["balanced"]
        for seen in (7, 12)
    )
    assert short["value_regret_first"] is None
    assert long["value_regret_first"] is not None
    assert short["churn"] == long["churn"]


def test_a_policy_is_judged_by_the_shipped_worth_of_an_answer_and_not_by_its_own(tmp_path: Path) -> None:
    """Cheap answers would make the cheapest pick look free of loss; it is judged as everybody else is."""
    past, span = read_history(toy_weeks(tmp_path)), Span(start=0, end=8, seen=8)
    stingy = {
        name: tier.model_copy(update={"lambda_usd": tier.lambda_usd / 100})
        for name, tier in caps().tiers.items()
    }
    policies = (caps(), caps().model_copy(update={"tiers": stingy}))
    sweep = Sweep(history=past, policies=policies, yardstick=caps(), spans=(span,), horizon=2)
    (ours,), (its,) = measure(sweep, 0), measure(sweep, 1)
    assert its["premium"]["value_regret_first"] == pytest.approx(
        judge_course(past, policies[1], by=caps(), tier="premium")
    )
    assert (its["premium"]["value_regret_first"] or 0) > (ours["premium"]["value_regret_first"] or 0)


def judge_course(past: History, policy: Policy, *, by: Policy, tier: str) -> float | None:
    """What the first picks of one policy lost, judged by another."""
    held = simulate(past.tables, policy)[tier]
    return value_regret_first(Holdings(offers=seen(past, by)[tier], lineups=held, k=3), SOON)
