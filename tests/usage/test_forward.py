"""A fit is judged on later requests, and a session is never on both sides."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from pipeline.usage.mixing import judge, splits
from pipeline.usage.pairs import Pair, pairs_of, questions
from pipeline.usage.smoothing import Kind
from tests.usage.conftest import CHEAP, DEFAULT

if TYPE_CHECKING:
    from tests.usage.conftest import Traffic


def _pair(number: int, session: str, minute: int, difference: int = 0) -> Pair:
    return Pair(
        request=str(number),
        session=session,
        time=f"2026-08-01T{minute // 60:02}:{minute % 60:02}:00Z",
        kind=Kind("one", 6),
        chars=100,
        difference=difference,
        extra_usd=0.01,
    )


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 600)), min_size=1, max_size=60))
def test_what_is_fitted_on_is_earlier_and_of_other_sessions(drawn: list[tuple[int, int]]) -> None:
    pairs = sorted(
        (_pair(number, str(session), minute) for number, (session, minute) in enumerate(drawn)),
        key=lambda pair: pair.time,
    )
    for side in splits(pairs):
        assert side.earlier
        assert side.later
        assert not {pair.session for pair in side.earlier} & {pair.session for pair in side.later}
        assert max(pair.time for pair in side.earlier) < min(pair.time for pair in side.later)


def test_a_session_that_goes_on_after_a_cut_is_not_fitted_on_from_there() -> None:
    long = [_pair(number, "long", number * 10) for number in range(50)]
    short = [_pair(100 + number, f"s{number}", number * 10 + 5) for number in range(50)]
    sides = splits(sorted([*long, *short], key=lambda pair: pair.time))
    assert sides
    for side in sides:
        of_long = [pair for pair in side.earlier if pair.session == "long"]
        assert 0 < len(of_long) < len(long), "its start is known then, its end is not"


def test_a_planted_gain_is_found_on_later_sessions(traffic: Traffic) -> None:
    for number in range(600):
        long = number % 2
        traffic.pair(0.4 * long, chars=1000 if long else 40, session=f"s{number // 3}")
    verdict = judge(pairs_of(questions(traffic.records).values(), cheaper=CHEAP, better=DEFAULT))
    assert verdict.fitted is not None
    assert verdict.fitted.certain
    # Half of the money buys all of the long half: .4 * .5 - .5 * .2 of the answers.
    assert 7 < verdict.fitted.points < 13


def test_where_every_kind_loses_alike_there_is_no_gain(traffic: Traffic) -> None:
    for number in range(300):
        traffic.pair(0.3, chars=40 * 2 ** (number % 4), session=f"s{number}")
    verdict = judge(pairs_of(questions(traffic.records).values(), cheaper=CHEAP, better=DEFAULT))
    assert verdict.fitted is not None
    assert not verdict.fitted.certain


def test_too_few_pairs_are_not_judged() -> None:
    pairs = [_pair(number, str(number), number) for number in range(19)]
    assert judge(pairs).judged == 0
    assert judge([*pairs, _pair(19, "19", 19)]).judged > 0
