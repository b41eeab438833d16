"""The product's rules walk the weeks: with memory, without a look at later weeks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pipeline.backtest.history import History
from pipeline.backtest.history_adapter import NOT_SOLD, judgeable_tiers, score_weeks
from pipeline.backtest.simulate.simulate import lineups_of, simulate_scored
from pipeline.errors import UsageError
from tests.backtest.policy_runs import evaluate_policy, simulate
from tests.backtest.toys import Cell, caps, history, table

if TYPE_CHECKING:
    from pipeline.domain.policy import Policy

# Twelve anchors, so that the board has a steady middle.
REST: dict[str, Cell] = {f"rest{place:02}": (1100 + place, 50) for place in range(12)}
START: dict[str, Cell] = {"a": (1300, 2), "b": (1295, 1.5), "c": (1290, 1), **REST}


def balanced(past: History, policy: Policy | None = None) -> list[str]:
    lineups = simulate(past.tables, policy or caps())["balanced"]
    return [" ".join(sorted(lineup)) for lineup in lineups]


def test_the_pool_of_a_week_follows_that_of_the_week_before() -> None:
    inside: dict[str, Cell] = {**START, "d": (1301, 2)}
    clear: dict[str, Cell] = {**START, "d": (1310, 2)}
    assert balanced(history(START, inside, clear)) == ["a b c", "a b c", "b c d"]


def test_the_first_pick_is_the_best_value() -> None:
    """A is 1.4 answers in 100 better than c; its task costs $0.004 more, which is eight answers at $0.05."""
    assert [lineup[0] for lineup in simulate(history(START).tables, caps())["balanced"]] == ["c"]


def test_who_left_stays_out_until_the_cooldown_is_over() -> None:
    clear: dict[str, Cell] = {**START, "d": (1310, 2)}
    worst: dict[str, Cell] = {**clear, "a": (1400, 2.5)}  # dearer than all others: it dominates nobody
    weeks = caps().change.cooldown_weeks

    def back_after(pause: int) -> bool:
        tables = (table(0, START), table(1, {**clear, "a": (1230, 2)}), table(1 + pause, worst))
        return "a" in balanced(History(tables=tables))[-1]

    assert (back_after(weeks), back_after(weeks + 1)) == (False, True)


def test_a_member_without_data_is_carried_then_asked_about_and_then_replaced() -> None:
    gone: dict[str, Cell] = {**{name: cell for name, cell in START.items() if name != "c"}, "d": (1250, 2.9)}
    assert caps().change.missing_runs == 1
    assert balanced(history(START, gone, gone, gone)) == ["a b c", "a b c", "a b c", "a b d"]


def test_a_member_that_returns_before_the_answer_stays() -> None:
    gone: dict[str, Cell] = {name: cell for name, cell in START.items() if name != "c"}
    assert balanced(history(START, gone, gone, START)) == ["a b c"] * 4


def test_a_price_that_passes_the_cap_ends_a_place_at_once() -> None:
    dear: dict[str, Cell] = {**START, "c": (1290, 3.01), "d": (1280, 1)}
    assert balanced(history(START, dear)) == ["a b c", "a b d"]


@pytest.mark.parametrize("planted", ["row", "price", "score"])
def test_what_is_planted_in_a_later_week_changes_no_earlier_week(planted: str) -> None:
    later: dict[str, dict[str, Cell]] = {
        "row": {**START, "new": (1500, 0.1)},
        "price": {**START, "c": (1290, 0.01)},
        "score": {**START, "b": (1500, 1.5)},
    }
    quiet = simulate(history(START, START, START).tables, caps())
    told = simulate(history(START, START, later[planted]).tables, caps())
    for tier in quiet:
        assert told[tier][:2] == quiet[tier][:2]
    assert told != quiet


def test_a_shift_of_the_whole_board_changes_no_pool() -> None:
    def shifted(points: float) -> dict[str, Cell]:
        return {name: (cell[0] + points, *cell[1:]) for name, cell in START.items()}

    assert balanced(history(START, shifted(59.9), shifted(13.9))) == ["a b c"] * 3


def test_models_that_were_never_sold_are_in_no_pool() -> None:
    (phantom,) = NOT_SOLD
    assert balanced(history({**START, phantom: (1500, 1)})) == ["a b c"]


def test_without_intervals_and_votes_the_week_is_still_judged() -> None:
    bare = history(START).tables[0]
    rows = {
        name: type(row)(
            model=name,
            score=row.score,
            low=None,
            high=None,
            votes=None,
            price=row.price,
            index=None,
            index_estimated=False,
        )
        for name, row in bare.rows.items()
    }
    past = History(tables=(type(bare)(week=bare.week, day=bare.day, rows=rows, number=bare.number),))
    assert balanced(past) == ["a b c"]


def test_draws_and_reasons_do_not_change_a_line_up() -> None:
    past = history(START, {**START, "d": (1310, 2)})
    policy = caps().model_copy(update={"draws": 100})
    assert simulate(past.tables, policy, draws=True) == simulate(past.tables, policy)


def test_weeks_that_were_scored_once_serve_every_policy_that_differs_in_tiers_and_changes() -> None:
    past = history(START, {**START, "d": (1310, 2)}, {**START, "d": (1310, 2), "e": (1320, 0.2)})
    weeks = tuple(score_weeks(past.tables, judgeable_tiers(caps())))
    change = caps().change.model_copy(update={"swap_intervals": 9.0, "cooldown_weeks": 0})
    tiers = {name: tier.model_copy(update={"k": 2, "lambda_usd": 1.0}) for name, tier in caps().tiers.items()}
    others = [
        caps().model_copy(update=update) for update in ({"change": change}, {"tiers": tiers}, {"seed": 1})
    ]
    for policy in (caps(), *others):
        assert lineups_of(simulate_scored(weeks, policy), policy) == simulate(past.tables, policy)
        assert evaluate_policy(past, policy, horizon=1, weeks=weeks) == evaluate_policy(
            past, policy, horizon=1
        )


@pytest.mark.parametrize("part", ["quality", "cost", "task_mix", "evidence"])
def test_weeks_that_were_scored_by_other_constants_are_refused(part: str) -> None:
    policy = caps()
    general = policy.evidence["general"]
    updates: dict[str, object] = {
        "quality": policy.quality.model_copy(update={"confirmed_votes": 1}),
        "cost": policy.cost.model_copy(update={"fee_usd_per_task": 0.1}),
        "task_mix": (policy.task_mix[0].model_copy(update={"tokens_in": 1.0}),),
        "evidence": {"other": general},
    }
    tiers = {name: tier.model_copy(update={"evidence": "other"}) for name, tier in policy.tiers.items()}
    more = {"tiers": tiers} if part == "evidence" else {}
    other = policy.model_copy(update={part: updates[part], **more})
    weeks = tuple(score_weeks(history(START).tables, judgeable_tiers(other)))
    with pytest.raises(ValueError, match="scored by other constants"):
        simulate_scored(weeks, policy)


def test_a_tier_that_believes_another_board_is_refused() -> None:
    policy = caps()
    coding = {"balanced": policy.tiers["balanced"].model_copy(update={"evidence": "coding"})}
    with pytest.raises(UsageError, match="arena-webdev"):
        simulate(history(START).tables, policy.model_copy(update={"tiers": coding}))


def test_what_a_history_does_not_state_is_not_asked_for() -> None:
    """The shipped tiers ask for context; a history knows none, and still judges them."""
    policy = caps()
    asking = policy.tiers["balanced"].model_copy(
        update={"min_context_tokens": 64000, "needs_tools": True, "vendors_allowed": ("x",)}
    )
    assert balanced(history(START), policy.model_copy(update={"tiers": {"balanced": asking}})) == ["a b c"]
