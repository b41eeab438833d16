"""The story of a run, told once per place."""

from __future__ import annotations

from pipeline.domain.names import VariantId
from pipeline.pools.step import Rule, Step, merged

A, B, C, D = (VariantId(f"{name}@high") for name in "abcd")


def step(entrant: VariantId, leaver: VariantId | None, rule: Rule = Rule.CHALLENGE) -> Step:
    return Step(rule=rule, entrant=entrant, leaver=leaver)


def test_a_step_takes_the_leaver_s_place_or_the_vacant_one() -> None:
    assert step(C, A).applied((A, B)) == (C, B)
    assert step(C, None).applied((A, B)) == (A, B, C)


def test_who_takes_a_place_and_loses_it_again_is_not_told() -> None:
    assert merged([step(C, A, Rule.DOMINATION), step(D, C)]) == (step(D, A),)
    assert merged([step(C, None, Rule.VACANCY), step(D, C)]) == (step(D, None),)


def test_who_loses_a_place_and_takes_another_has_not_moved() -> None:
    assert merged([step(C, A), step(A, B, Rule.DOMINATION)]) == (step(C, B),)
    assert merged([step(C, A), step(A, None, Rule.VACANCY)]) == (step(C, None),)


def test_both_at_once_are_untangled() -> None:
    assert merged([step(C, A), step(D, B), step(A, D)]) == (step(C, B),)


def test_steps_that_do_not_touch_are_all_told() -> None:
    steps = (step(C, A), step(D, B))
    assert merged(steps) == steps
