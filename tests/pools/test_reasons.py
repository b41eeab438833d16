"""Every change carries its cause and the numbers that decided; the counterfactual is true."""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings

from pipeline.domain.ids import AA_INTELLIGENCE, MetricName, TierName, VariantId
from pipeline.domain.pool import Cause, Pool
from pipeline.domain.run import LastScore, PriorState
from pipeline.domain.score import Cost
from pipeline.pools.changes.changes import change_cause
from pipeline.pools.changes.policy_relaxation import price_limit
from pipeline.pools.reasons.number_format import answers, per_100, usd, usd_per_1000
from pipeline.pools.select import select, select_fast
from pipeline.pools.tier_selection import select_tier
from tests.pools.factories import (
    ARENA,
    BEFORE,
    TIER,
    One,
    after,
    at,
    digest_of,
    inputs,
    members,
    policy,
    published,
    score,
    tier,
    why,
)
from tests.pools.worlds import policies, worlds

if TYPE_CHECKING:
    from pipeline.domain.policy import Policy
    from pipeline.pools.selection_input import SelectionInput

A = at("a", 0.50, 0.001)
"""The default: V = .48."""
B = at("b", 0.40, 0.001)
"""The stand-in: V = .38."""
WEAK = at("weak", 0.39, 0.001)
"""A spare: V = .37."""
NEW = at("new", 0.45, 0.001)
"""V = .43: a better stand-in."""
POOL = published(A, B, WEAK)
TIER_NAME = TierName(TIER)


def last(one: One, **changes: object) -> LastScore:
    price = score(one, 150.0).cost.price  # type: ignore[union-attr] # reason: it has a price
    made = LastScore(
        values={ARENA: ("arena-text-style-control", 1300 + one.elo)},
        input_microusd_per_mtok=price.input_microusd_per_mtok,
        output_microusd_per_mtok=price.output_microusd_per_mtok,
    )
    return dataclasses.replace(made, **changes)  # type: ignore[arg-type] # reason: names of LastScore


def cause(memory: PriorState) -> tuple[Cause, str]:
    selection = after(POOL, [A, B, WEAK, NEW], memory=memory)
    assert sorted(members(selection)) == ["a", "b", "new"]
    return next(one.cause for one in selection.changes if one.variant == NEW.id), why(selection, "new")


def test_a_variant_nobody_knew_is_new() -> None:
    found, reason = cause(PriorState(last_scores={A.id: last(A)}))
    assert found is Cause.NEW
    assert "it had no score then" in reason


def test_a_changed_price_is_the_cause_and_the_worst_axis_is_named_first() -> None:
    dear = last(NEW, input_microusd_per_mtok=1_600_000, output_microusd_per_mtok=20_000_000)
    found, reason = cause(PriorState(last_scores={NEW.id: dear}))
    assert found is Cause.PRICE
    assert reason.endswith(
        "output price $20.00 -> $1.00 per Mtok (-95%); input price $1.60 -> $0.20 per Mtok (-88%)."
    )


def test_a_value_on_another_scale_is_a_cause_and_never_a_difference() -> None:
    found, reason = cause(
        PriorState(last_scores={NEW.id: last(NEW, values={ARENA: ("older-board", 1200.0)})})
    )
    assert found is Cause.SCALE
    assert "changed its scale older-board -> arena-text-style-control, not compared" in reason
    assert "1200" not in reason


def test_a_moved_score_is_the_cause() -> None:
    moved = last(NEW, values={ARENA: ("arena-text-style-control", 1370.0)})
    found, reason = cause(PriorState(last_scores={NEW.id: moved}))
    assert found is Cause.SCORE
    assert "arena-text/overall 1370 -> 1415" in reason


def test_the_price_goes_before_the_scale_and_the_scale_before_the_score() -> None:
    one = score(NEW, 150.0)
    values = {ARENA: ("older-board", 1.0), MetricName(AA_INTELLIGENCE): ("aa-4.1", 40.0)}
    both = last(NEW, values=values, output_microusd_per_mtok=1)
    assert change_cause(PriorState(last_scores={NEW.id: both}), one).cause is Cause.PRICE
    assert change_cause(PriorState(last_scores={NEW.id: last(NEW, values=values)}), one).cause is Cause.SCALE


def test_an_entrant_that_did_not_move_itself_is_a_matter_of_value() -> None:
    assert cause(PriorState(last_scores={NEW.id: last(NEW)}))[0] is Cause.VALUE
    assert cause(PriorState())[0] is Cause.VALUE


def test_a_variant_that_was_known_and_never_scored_is_new() -> None:
    assert cause(PriorState(last_scores={NEW.id: last(NEW, values={})}))[0] is Cause.NEW


def test_a_variant_that_became_priced_enters_for_its_price() -> None:
    unpriced = last(NEW, input_microusd_per_mtok=None, output_microusd_per_mtok=None)
    found, reason = cause(PriorState(last_scores={NEW.id: unpriced}))
    assert found is Cause.PRICE
    assert "had no agreed price" in reason


def test_a_board_that_is_new_for_a_variant_is_told() -> None:
    one = score(NEW, 150.0)
    bare = last(NEW, values={MetricName("aa/intelligence"): ("aa-4.1", 40.0)})
    assert "arena-text/overall 1415 is new" in change_cause(PriorState(last_scores={NEW.id: bare}), one).words


def test_a_swap_says_for_whom_what_it_serves_and_by_how_much_it_is_better() -> None:
    """New is .43 - .37 better than weak; the pool gains .1 (.43 - .38) + .01 (.43 - .37) = .0056."""
    selection = after(POOL, [A, B, WEAK, NEW])
    better = (
        "6.0 answers per 100 more at the same price of an answer (the pool as a whole gains 0.56, "
        "measurement interval 0.15)"
    )
    assert why(selection, "weak") == f"Leaves for new@high: {better}."
    assert why(selection, "new").startswith(
        f"Replaces weak@high: {better}. Stands in when vendor-of-a is down: 35.1 acceptable answers per "
        "dollar; it would not be chosen above $2."
    )
    assert why(selection, "new").endswith("per 1,000 tasks (weak@high would stay).")


def test_who_serves_a_band_is_compared_with_the_next_at_that_band_s_price() -> None:
    """A miss counts $.15: able gives 1 / (.005 + .42 * .15) answers per dollar, A 1 / (.001 + .5 * .15)."""
    able = at("able", 0.58, 0.005)
    selection = after(POOL, [A, B, WEAK, able])
    expected = (1 / (0.005 + 0.42 * 0.15)) / (1 / (0.001 + 0.5 * 0.15)) - 1
    assert (
        "Serves complex requests; stands in when vendor-of-a is down: 14.7 acceptable answers per dollar (a "
        f"miss counted at $0.15), {expected:.0%} more than the next, a@high"
    ) in why(selection, "able")


def test_who_moves_to_the_first_place_says_what_it_serves() -> None:
    better = dataclasses.replace(B, elo=A.elo + 20)
    selection = after(POOL, [A, better, WEAK])
    assert why(selection, "b").startswith("Serves the default route, simple requests and complex requests:")
    assert why(selection, "a") == (
        "Moves to place 2: 38.5 acceptable answers per dollar; b@high before it has 40.7."
    )


def limit_of(made: SelectionInput, name: str) -> tuple[object, str] | None:
    choice = select_tier(made, TIER_NAME)
    return price_limit(made, choice, next(one for one in choice.steps if one.entrant.startswith(name)))


def on(pool: Pool | None, *world: One, **changes: object) -> SelectionInput:
    digest = digest_of(pool) if pool else None
    return inputs(world, published=pool, published_sha256=digest, **changes)


def test_worked_example_of_the_price_above_which_a_swap_would_not_pass() -> None:
    """It adds .1 (V - .38) + .01 (V - .37) = .00149 at V = .3926, that is .45 - C / .05 at C = $.00287."""
    found = limit_of(on(POOL, A, B, WEAK, NEW), "new")
    level = (0.0417 + 0.01 * math.sqrt(0.11**2 + 0.1**2 + 0.01**2)) / 0.11
    assert found == (pytest.approx(0.05 * (0.45 - level), rel=1e-4), "weak@high would stay")


def test_the_next_in_line_bounds_the_price_of_a_swap() -> None:
    """The other one of V = .42 would take the place as soon as new adds less than it."""
    other = at("other", 0.44, 0.001)
    found = limit_of(on(POOL, A, B, WEAK, NEW, other), "new")
    assert found == (pytest.approx(0.0015, rel=1e-4), "other@high would enter instead")


def test_the_next_in_line_bounds_the_price_of_a_vacancy() -> None:
    """At V = .42 the other one adds as much; nobody else can be replaced."""
    other, second = at("other", 0.44, 0.001), at("b", 0.46, 0.001)
    made = on(published(A, second), A, second, NEW, other)
    found = limit_of(made, "new")
    assert found == (pytest.approx(0.0015, rel=1e-4), "other@high would enter instead")


def test_who_has_no_rival_is_bounded_by_the_ceiling_alone_or_by_nothing() -> None:
    assert limit_of(inputs([NEW]), "new") == (0.015, "the tier's ceiling")
    free = policy({TIER: tier(ceiling_usd_per_task=None)})
    made = inputs([NEW], policy=free)
    assert limit_of(made, "new") is None
    assert "it would not be chosen above" not in why(select(made), "new")


@settings(max_examples=40, deadline=None)
@given(before=worlds, world=worlds, rules=policies)
def test_just_below_the_price_in_a_reason_a_variant_enters_and_just_above_it_does_not(
    before: tuple[One, ...], world: tuple[One, ...], rules: Policy
) -> None:
    """In the first pool and in a later one, whatever the purpose, whoever is next."""
    pool = select_fast(inputs(before, policy=rules, week=BEFORE))
    for made in (inputs(world, policy=rules), on(pool, *world, policy=rules)):
        for name in map(TierName, rules.tiers):
            choice = select_tier(made, name)
            for step in choice.steps:
                limit = price_limit(made, choice, step)
                for factor in (0.9999, 1.0001) if limit else ():
                    priced = at_cost(made, step.entrant, limit[0] * factor if limit else 0.0)
                    entrants = {one.entrant for one in select_tier(priced, name).steps}
                    assert (step.entrant in entrants) is (factor < 1)


def at_cost(made: SelectionInput, variant: VariantId, usd_per_task: float) -> SelectionInput:
    """The same week with one variant at another cost; not cheaper than it is."""
    board = made.scoreboards["general"]
    row = board.scores[variant]
    assert isinstance(row.cost, Cost)
    usd_per_task = max(usd_per_task, row.cost.usd_per_task)
    priced = dataclasses.replace(row, cost=dataclasses.replace(row.cost, usd_per_task=usd_per_task))
    scores = {**board.scores, variant: priced}
    return dataclasses.replace(made, scoreboards={"general": dataclasses.replace(board, scores=scores)})


def test_a_change_states_the_variant_s_own_costs_and_those_of_whom_it_replaces() -> None:
    dear, cheap = at("weak", 0.39, 0.0012), at("new", 0.45, 0.0008)
    nearer, other = at("a", 0.40, 0.0011), at("b", 0.50, 0.0009)
    selection = after(published(A, B, dear), [nearer, other, dear, cheap])
    costs = {
        one.variant: (one.usd_per_task_before, one.usd_per_task_after, one.replaces)
        for one in selection.changes
    }
    moved = [one.variant for one in selection.changes if one.rank_before and one.rank_after]
    assert set(moved) == {A.id, B.id}
    assert costs == {
        A.id: ("0.001000", "0.001100", None),
        B.id: ("0.001000", "0.000900", None),
        dear.id: ("0.001200", None, None),
        cheap.id: ("0.001200", "0.000800", dear.id),
    }


def test_a_member_s_price_move_is_a_finding_even_when_nothing_changes() -> None:
    tripled = dataclasses.replace(B, listed=(200_000, 3_000_000))
    memory = PriorState(last_scores={B.id: last(B)})
    selection = after(published(A, B), [A, tripled], memory=memory)
    assert selection.changes == ()
    found = [one.message for one in selection.findings if one.kind == "price-moved"]
    assert found == ["A member's output price $1.00 -> $3.00 per Mtok (+200%)."]


def test_numbers_read_well() -> None:
    assert [usd(0.0021), usd(0.5), usd(12.346)] == ["$0.0021", "$0.50", "$12.35"]
    assert [per_100(0.0472), per_100(0.0023)] == ["4.7 answers per 100", "0.23 answers per 100"]
    assert [answers(386.6), answers(38.66), answers(1.918)] == ["387", "38.7", "1.92"]


@pytest.mark.parametrize(
    ("usd_per_task", "said"),
    [(0.001516, "$1.52"), (0.000051234, "$0.0512"), (0.015, "$15.00"), (1.2345, "$1,234.50")],
)
def test_a_limit_is_told_for_a_thousand_tasks(usd_per_task: float, said: str) -> None:
    assert usd_per_1000(usd_per_task) == said
