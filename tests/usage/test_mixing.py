"""An order of requests is judged by the answers it gains over mixing at the same money."""

from __future__ import annotations

import pytest

from pipeline.usage.mixing import Gain, ScoredPair, over_mixing, pool_gains


def _pairs(*rows: tuple[float, int, float]) -> list[ScoredPair]:
    return [
        ScoredPair(score=score, difference=difference, extra_usd=usd, session=str(index))
        for index, (score, difference, usd) in enumerate(rows)
    ]


def test_half_of_the_money_goes_to_the_highest_scores() -> None:
    found = over_mixing(_pairs((2, 1, 1.0), (1, 0, 1.0), (2, 1, 1.0), (1, 0, 1.0)))
    assert found is not None
    # Mixing gains 1 of the 2 answers for half of the money, the order gains both: 1 of 4 requests more.
    assert found.points == pytest.approx(25.0)


def test_requests_of_one_score_are_not_told_apart() -> None:
    found = over_mixing(_pairs((1, 1, 1.0), (1, 0, 3.0), (1, -1, 2.0)))
    assert found is not None
    assert (found.points, found.certain) == (0.0, False)


def test_a_dear_request_takes_more_of_the_money() -> None:
    found = over_mixing(_pairs((2, 1, 3.0), (1, 1, 1.0)))
    assert found is not None
    # The budget of 2 pays two thirds of the first; mixing would pay half of both.
    assert found.points == pytest.approx(100 * (2 / 3 - 1) / 2)


def test_where_the_better_one_is_not_dearer_there_is_nothing_to_route() -> None:
    assert over_mixing(_pairs((1, 1, -1.0), (2, 0, 1.0))) is None
    assert over_mixing([]) is None
    assert pool_gains([None, None]) is None


def test_a_session_is_one_observation_however_long_it_is() -> None:
    rows = [(float(index % 2), index % 2, 1.0) for index in range(40)]
    apart = over_mixing(_pairs(*rows))
    one = over_mixing([pair._replace(session="good" if pair.score else "bad") for pair in _pairs(*rows)])
    assert apart is not None
    assert one is not None
    assert apart.points == one.points
    assert one.standard_error > 4 * apart.standard_error
    assert apart.certain
    assert not one.certain


def test_parts_are_pooled_by_their_size() -> None:
    small = Gain(pairs=1, points=9.0, learnt=9.0, standard_error=4.0)
    large = Gain(pairs=3, points=1.0, learnt=1.0, standard_error=0.0)
    assert pool_gains([small, None, large]) == Gain(pairs=4, points=3.0, learnt=3.0, standard_error=1.0)
