"""What a set of members is worth: each number by hand once, and the fast way equal to the plain one."""

from __future__ import annotations

import dataclasses
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.domain.ids import AA_INTELLIGENCE
from pipeline.pools.worth.worth import WorthWith, gain_half_width, servers_of, weights_of, worth
from tests.pools.factories import WORTH, One, at, candidates
from tests.pools.worlds import worlds

# Values at b = .3, 1 and 3, an answer at $.05:   simple    default   complex
A = at("a", 0.50, 0.0100, vendor="north")  #     -.1667     .30       .4333
B = at("b", 0.40, 0.0015, vendor="north")  #      .30       .37       .39
C = at("c", 0.35, 0.0030, vendor="south")  #      .15       .29       .33


def test_worked_example_of_value_in_the_three_bands() -> None:
    """.50 - .01/.015 = -.1667, .50 - .01/.05 = .30, .50 - .01/.15 = .4333 answers per request."""
    (one,) = candidates(A)
    assert (one.simple, one.value, one.complex) == pytest.approx((-1 / 6, 0.30, 0.5 - 1 / 15))
    assert [one.at(multiplier) for multiplier in (0.3, 1.0, 3.0)] == [one.simple, one.value, one.complex]
    assert one.half_width == pytest.approx(0.01)


@pytest.mark.parametrize(
    ("members", "parts"),
    [
        pytest.param((), (0.0, 0.0, 0.0, 0.0, 0.0), id="nobody"),
        pytest.param((C,), (0.29, 0.15, 0.33, 0.0, 0.29), id="one member has no stand-in"),
        pytest.param((A, B), (0.37, 0.30, 0.43333, 0.0, 0.67), id="one vendor has no stand-in"),
        pytest.param((A, B, C), (0.37, 0.30, 0.43333, 0.29, 0.96), id="each purpose has its best"),
    ],
)
def test_worked_example_of_what_a_set_is_worth(members: tuple[One, ...], parts: tuple[float, ...]) -> None:
    """1/2 default + 1/4 simple + 1/4 complex + 1/10 stand-in + 1/100 of everybody's own value."""
    shares = (0.5, 0.25, 0.25, 0.1, 0.01)
    expected = math.fsum(share * part for share, part in zip(shares, parts, strict=True))
    assert worth(WORTH, candidates(*members)) == pytest.approx(expected, abs=1e-5)


def test_the_whole_example_adds_up_to_the_number_written_here() -> None:
    assert worth(WORTH, candidates(A, B, C)) == pytest.approx(0.406933, abs=1e-6)


def test_the_shares_are_the_policy_s() -> None:
    """Only the stand-in counts, at its full value."""
    shares = WORTH.model_copy(
        update={"default": 0.0, "simple": 0.0, "complex": 0.0, "stand_in": 1.0, "spare": 0.0}
    )
    assert worth(shares, candidates(A, B, C)) == pytest.approx(0.29)


def test_the_stand_in_is_the_best_of_another_vendor_than_the_default_s() -> None:
    servers = servers_of(candidates(A, B, C))
    found = (servers.default, servers.simple, servers.complex, servers.stand_in)
    assert [one and one.id for one in found] == [B.id, B.id, A.id, C.id]
    assert servers_of([]).default is None
    assert servers_of(candidates(A, B)).stand_in is None


def test_equal_value_serves_by_the_cheaper_then_by_id() -> None:
    dear, cheap, twin = candidates(at("aa", 0.41, 0.0020), at("cc", 0.40, 0.0015), at("bb", 0.40, 0.0015))
    servers = servers_of(
        [dataclasses.replace(one, simple=0.3, value=0.37, complex=0.39) for one in (dear, cheap, twin)]
    )
    assert {one and one.id for one in (servers.default, servers.simple, servers.complex)} == {twin.id}


def test_worked_example_of_the_weights() -> None:
    """B serves default and simple, A complex, C stands in; each has 1/100 for its own value."""
    assert weights_of(WORTH, candidates(A, B, C)) == pytest.approx({A.id: 0.26, B.id: 0.76, C.id: 0.11})


D = at("d", 0.41, 0.0015, vendor="north")


def test_worked_example_of_the_interval_of_a_gain() -> None:
    """D takes B's .76: two changes of .76 at half-widths of .01 make .76 * .01 * sqrt(2) = .01075."""
    a, b, c, d = candidates(A, B, C, D)
    assert gain_half_width(WORTH, [a, b, c], [a, c, d], d) == pytest.approx(0.76 * 0.01 * math.sqrt(2))


def test_who_keeps_its_weight_adds_nothing_to_the_interval() -> None:
    vague = at("c", 0.35, 0.0030, vendor="south", half=0.2)
    a, b, c, d = candidates(A, B, vague, D)
    assert gain_half_width(WORTH, [a, b, c], [a, c, d], d) == pytest.approx(0.76 * 0.01 * math.sqrt(2))


def test_the_disagreement_of_boards_is_part_of_the_interval_where_other_boards_judge() -> None:
    """B then has hypot(.01, .03): .76 * sqrt(.0001 + .0009 + .0001) = .0252."""
    other = at("d", 0.41, 0.0015, vendor="north", boards=(AA_INTELLIGENCE,), between=0.03)
    a, b, c, d = candidates(A, B, C, other)
    assert gain_half_width(WORTH, [a, b, c], [a, c, d], d) == pytest.approx(0.76 * math.sqrt(0.0011))
    same = at("d", 0.41, 0.0015, vendor="north", between=0.03)
    a, b, c, d = candidates(A, B, C, same)
    assert gain_half_width(WORTH, [a, b, c], [a, c, d], d) == pytest.approx(0.76 * 0.01 * math.sqrt(2))


@settings(max_examples=60, deadline=None)
@given(world=worlds.filter(bool), data=st.data())
def test_one_member_more_is_worth_the_same_the_fast_way(world: tuple[One, ...], data: st.DataObject) -> None:
    everybody = candidates(*(one for one in world if one.confirmed and not one.unpriced))
    if not everybody:
        return
    entrant = data.draw(st.sampled_from(everybody))
    others = [one for one in everybody if one is not entrant]
    rest = data.draw(
        st.lists(st.sampled_from(others), unique_by=lambda one: one.id) if others else st.just([])
    )
    assert WorthWith(WORTH, rest).worth_with(entrant) == pytest.approx(worth(WORTH, [*rest, entrant]))
