"""The same walk, told: the measures are those of the plain one, the reasons those of the product."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pipeline.backtest.history import clip_weeks, read_history
from pipeline.backtest.metrics import regret, stability
from pipeline.backtest.simulate.weekly_log import evaluate_weekly, evaluate_with_log, worth_of_refresh
from pipeline.domain.calendar import Week
from pipeline.domain.pool import Cause
from pipeline.flow.backtests.backtest import attach_names
from pipeline.policy.load import load_lateness
from pipeline.workspace import Workspace
from tests.backtest.policy_runs import evaluate_policy, simulate
from tests.backtest.test_simulate import START
from tests.backtest.toys import ROOT, Cell, caps, history, holdings, shipped

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.domain.pool import Change

CLEAR: dict[str, Cell] = {**START, "d": (1310, 2)}
CHEAP: dict[str, Cell] = {**CLEAR, "b": (1295, 0.5)}
DEAR: dict[str, Cell] = {**CLEAR, "d": (1310, 9)}


def moves(*weeks: dict[str, Cell], tier: str = "balanced") -> list[list[Change]]:
    turns = evaluate_with_log(history(*weeks), caps(), horizon=1).turns[tier]
    return [list(turn.changes) for turn in turns]


def test_telling_changes_no_line_up_and_no_measure() -> None:
    past = history(START, CLEAR, CHEAP, DEAR, START)
    story = evaluate_with_log(past, caps(), horizon=2)
    assert story.card == evaluate_policy(past, caps(), horizon=2)
    assert story.worth == evaluate_weekly(past, caps(), horizon=2).worth
    told = {tier: tuple(turn.held for turn in turns) for tier, turns in story.turns.items()}
    assert told == simulate(past.tables, caps())


def test_each_entry_and_departure_has_the_products_cause_and_reason() -> None:
    first, second, third = moves(START, CLEAR, DEAR)
    assert {change.cause for change in first} == {Cause.FIRST}
    assert [(one.variant, one.rank_after, one.cause) for one in second if one.rank_before is None] == [
        ("d@default", 3, Cause.NEW)
    ]
    (entry,) = (one for one in second if one.rank_before is None)
    assert entry.reason.startswith("Replaces a@default: ")
    assert [(one.variant, one.cause) for one in third if one.rank_after is None] == [
        ("d@default", Cause.PRICE)
    ]


def test_what_moved_is_told_against_the_week_of_the_pool_in_force() -> None:
    risen: dict[str, Cell] = {**START, "d": (1200, 2)}
    quiet: dict[str, Cell] = {**START, "d": (1201, 2)}
    entering = [one for one in moves(risen, quiet, CLEAR)[2] if one.rank_before is None]
    assert "arena-text/overall 1200 -> 1310" in entering[0].reason, "not since last week's 1201"


def test_a_change_of_order_is_no_move() -> None:
    turned: dict[str, Cell] = {**START, "b": (1301, 0.5)}
    turns = evaluate_with_log(history(START, turned), caps(), horizon=1).turns["balanced"]
    assert turns[0].held[0] == "c"
    assert turns[1].held[0] == "b"
    assert turns[1].changes == ()


def test_weekly_losses_and_turnover_add_up_to_the_measures() -> None:
    past = history(START, CLEAR, CHEAP, START, CLEAR, CLEAR, CLEAR)
    story = evaluate_with_log(past, caps(), horizon=2)
    for tier, turns in story.turns.items():
        first = [turn.loss_first for turn in turns if turn.loss_first is not None]
        bands = [turn.loss_bands for turn in turns if turn.loss_bands is not None]
        assert [turn.loss_first for turn in turns[-4:]] == [None] * 4
        measures = story.card.tiers[tier]
        assert sum(first) / len(first) == measures["value_regret_first"]
        assert sum(bands) / len(bands) == pytest.approx(measures["value_regret_bands"])
        assert sum(turn.turnover for turn in turns) / 6 == pytest.approx(story.card.tiers[tier]["churn"])


def test_losses_keep_the_place_of_a_week_that_cannot_be_judged() -> None:
    gone: dict[str, Cell] = {"b": (1290, 1)}
    held = holdings(history(START, gone, gone), "a b", "a b", "b a")
    assert regret.losses(held, 1, first=True) == (None, None, None)
    assert regret.losses(held, 1, first=False) == (0, 0, None)
    assert stability.turnover(held) == (0, 0, 0)


def test_the_worth_of_a_refresh_is_the_lead_of_the_best_over_an_old_first_pick() -> None:
    held = holdings(history(START, CLEAR, {**START, "e": (1340, 2)}), "a b", "a b", "a b")
    worth = worth_of_refresh(held)
    assert worth["1"] == (10 + 40) / 2
    assert worth["2"] == 40
    assert worth["4"] is None


def test_the_shipped_constants_of_lateness_are_those_that_are_measured(history: Path) -> None:
    """Prices as they were known, vendors and efforts by name."""
    whole = read_history(history / "arena_text_weekly.csv.gz")
    past = clip_weeks(attach_names(whole, Workspace(ROOT)), Week("2024-W10"), None)
    lateness = load_lateness(ROOT / "data/policy/lateness.toml")
    assert lateness is not None
    worth = evaluate_weekly(past, shipped(), horizon=12).worth_answers
    far = [
        (tier, age, told, round(measured, 1))
        for tier, numbers in lateness.answers_lost.items()
        for age, told in zip(lateness.age_weeks, numbers, strict=True)
        if abs((measured := worth[tier][str(age)] or 0.0) - told) > max(0.2, 0.1 * told)
    ]
    assert far == []
    assert set(worth) == set(lateness.answers_lost)
