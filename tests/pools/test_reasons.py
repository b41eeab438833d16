"""Every change carries its cause and the numbers that decided; the counterfactual is true."""

from __future__ import annotations

import dataclasses

import pytest
from pipeline.pools.numbers import price_limit

from pipeline.domain.memory import LastScore, Memory
from pipeline.domain.names import AA_INTELLIGENCE, MetricName, TierName
from pipeline.domain.pool import Cause
from pipeline.pools.moved import what_moved
from pipeline.pools.tier_selection import select_tier
from pipeline.pools.words import elo, signed_usd, usd
from tests.pools.factories import (
    ARENA,
    TIER,
    One,
    after,
    brief,
    change,
    digest_of,
    members,
    policy,
    published,
    score,
    why,
)

A = One(name="a", elo=120.0, usd=0.010)
B = One(name="b", elo=110.0, usd=0.006)
WEAK = One(name="weak", elo=20.0, usd=0.001)
NEW = One(name="new", elo=96.0, usd=0.004)
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


def cause(memory: Memory) -> tuple[Cause, str]:
    selection = after(POOL, [A, B, WEAK, NEW], memory=memory)
    assert sorted(members(selection)) == ["a", "b", "new"]
    return next(one.cause for one in selection.changes if one.variant == NEW.id), why(selection, "new")


def test_a_variant_nobody_knew_is_new() -> None:
    found, reason = cause(Memory(last_scores={A.id: last(A)}))
    assert found is Cause.NEW
    assert "it had no score then" in reason


def test_a_changed_price_is_the_cause_and_the_worst_axis_is_named_first() -> None:
    dear = last(NEW, input_microusd_per_mtok=1_600_000, output_microusd_per_mtok=20_000_000)
    found, reason = cause(Memory(last_scores={NEW.id: dear}))
    assert found is Cause.PRICE
    assert reason.endswith(
        "output price $20.00 -> $4.00 per Mtok (-80%); input price $1.60 -> $0.80 per Mtok (-50%)."
    )


def test_a_value_on_another_scale_is_a_cause_and_never_a_difference() -> None:
    found, reason = cause(Memory(last_scores={NEW.id: last(NEW, values={ARENA: ("older-board", 1200.0)})}))
    assert found is Cause.SCALE
    assert "changed its scale older-board -> arena-text-style-control, not compared" in reason
    assert "1200" not in reason


def test_a_moved_score_is_the_cause() -> None:
    moved = last(NEW, values={ARENA: ("arena-text-style-control", 1370.0)})
    found, reason = cause(Memory(last_scores={NEW.id: moved}))
    assert found is Cause.SCORE
    assert "arena-text/overall 1370 -> 1396" in reason


def test_the_price_goes_before_the_scale_and_the_scale_before_the_score() -> None:
    one = score(NEW, 150.0)
    values = {ARENA: ("older-board", 1.0), MetricName(AA_INTELLIGENCE): ("aa-4.1", 40.0)}
    both = last(NEW, values=values, output_microusd_per_mtok=1)
    assert what_moved(Memory(last_scores={NEW.id: both}), one).cause is Cause.PRICE
    assert what_moved(Memory(last_scores={NEW.id: last(NEW, values=values)}), one).cause is Cause.SCALE


def test_an_entrant_that_did_not_move_itself_is_a_matter_of_score() -> None:
    assert cause(Memory(last_scores={NEW.id: last(NEW)}))[0] is Cause.SCORE
    assert cause(Memory())[0] is Cause.SCORE


def test_a_variant_that_was_known_and_never_scored_is_new() -> None:
    assert cause(Memory(last_scores={NEW.id: last(NEW, values={})}))[0] is Cause.NEW


def test_a_variant_that_became_priced_enters_for_its_price() -> None:
    unpriced = last(NEW, input_microusd_per_mtok=None, output_microusd_per_mtok=None)
    found, reason = cause(Memory(last_scores={NEW.id: unpriced}))
    assert found is Cause.PRICE
    assert "had no agreed price" in reason


def test_a_board_that_is_new_for_a_variant_is_told() -> None:
    one = score(NEW, 150.0)
    bare = last(NEW, values={MetricName("aa/intelligence"): ("aa-4.1", 40.0)})
    assert "arena-text/overall 1396 is new" in what_moved(Memory(last_scores={NEW.id: bare}), one).words


def test_who_leaves_says_for_whom_and_by_how_much() -> None:
    selection = after(POOL, [A, B, WEAK, NEW])
    assert why(selection, "weak") == "Leaves for new@high, which is better by 76.0 Elo (joint 7.1)."
    assert why(selection, "new").startswith(
        "Enters for weak@high because it beats weak@high by 76.0 Elo (joint 7.1); "
        "would not above $0.006 per task (b@high would then be better and not dearer)."
    )


@pytest.mark.parametrize(("usd_per_task", "enters"), [(0.0059, True), (0.006, False)])
def test_the_price_in_the_reason_is_where_the_answer_turns(usd_per_task: float, *, enters: bool) -> None:
    selection = after(POOL, [A, B, WEAK, dataclasses.replace(NEW, usd=usd_per_task)])
    assert ("new" in members(selection)) is enters


def test_the_runner_up_bounds_the_price_of_a_best_value() -> None:
    """Both dominate the third member; the entrant's price may rise until the other is worth more."""
    third = One(name="third", elo=80.0, usd=0.0055)
    pool = published(A, B, third)
    one = One(name="one", elo=100.0, usd=0.003)
    other = One(name="other", elo=101.0, usd=0.0045)
    made = brief([A, B, third, one, other], published=pool, published_sha256=digest_of(pool))
    step = next(step for step in select_tier(made, TIER_NAME).steps)
    limit = price_limit(select_tier(made, TIER_NAME).field, step)
    assert step.runner_up == other.id
    assert limit is not None
    assert limit[0] == pytest.approx(0.0045 * 10 ** (-1 / 50))
    for factor, entrant in ((0.999, "one"), (1.001, "other")):
        priced = dataclasses.replace(one, usd=limit[0] * factor)
        assert entrant in members(after(pool, [A, B, third, priced, other]))


def test_costs_of_the_place_before_and_after_are_shown() -> None:
    selection = after(POOL, [A, B, WEAK, NEW])
    weak = next(one for one in selection.changes if one.variant == WEAK.id)
    assert weak.usd_per_task_before == "0.001000"
    assert weak.usd_per_task_after in {"0.004000", "0.006000"}


def test_a_member_s_price_move_is_a_finding_even_when_nothing_changes() -> None:
    tripled = dataclasses.replace(B, listed=(1_200_000, 18_000_000))
    memory = Memory(last_scores={B.id: last(B)})
    selection = after(published(A, B), [A, tripled], memory=memory)
    assert selection.changes == ()
    found = [one.message for one in selection.findings if one.kind == "price-moved"]
    assert found == ["A member's output price $6.00 -> $18.00 per Mtok (+200%)."]


def test_numbers_read_well() -> None:
    assert [usd(0.0021), usd(0.5), usd(12.346)] == ["$0.0021", "$0.50", "$12.35"]
    assert [signed_usd(-0.01), signed_usd(0.01)] == ["-$0.01", "$0.01"]
    assert elo(-0.04) == "0.0 Elo"


def test_who_only_fills_a_vacancy_is_not_told_a_limit_it_already_passed() -> None:
    dominated = One(name="d", elo=90.0, usd=0.007)
    selection = after(published(A, B), [A, B, dominated])
    assert why(selection, "d").endswith(
        "below $0.006 nobody would be; would not above $0.015 per task (the tier's ceiling)."
    )


def test_a_cost_swap_ends_where_the_incumbent_is_the_better_value() -> None:
    third = One(name="third", elo=105.0, usd=0.004)
    cheap = One(name="cheap", elo=102.0, usd=0.002)
    switch = policy(change=change(cost_swaps=True))
    level = 0.004 * 10 ** (-3 / 50)
    assert f"would not above {usd(level)} per task (third@high" in why(
        after(published(A, B, third), [A, B, third, cheap], policy=switch), "cheap"
    )
    for factor, entrant in ((0.999, "cheap"), (1.001, "third")):
        priced = dataclasses.replace(cheap, usd=level * factor)
        found = members(after(published(A, B, third), [A, B, third, priced], policy=switch))
        assert entrant in found
