"""A kind of request borrows from its neighbours, less the more it knows itself."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.usage.smoothing import Kind, inverse, kind_of, smooth


@pytest.mark.parametrize(
    ("tools", "chars", "kind"),
    [
        (0, 0, Kind("none", 0)),
        (1, 64, Kind("one", 6)),
        (7, 127, Kind("several", 6)),
        (None, 5, None),
        (1, None, None),
    ],
)
def test_a_kind_is_the_tools_and_a_doubling_of_the_length(
    tools: int | None, chars: int | None, kind: Kind | None
) -> None:
    assert kind_of(tools, chars) == kind


def test_few_pairs_move_a_kind_less_than_many() -> None:
    common = [(Kind("one", 5), 0)] * 60
    few = smooth([*common, *[(Kind("one", 9), 1)] * 2]).loss(Kind("one", 9))
    many = smooth([*common, *[(Kind("one", 9), 1)] * 60]).loss(Kind("one", 9))
    assert 0 < few.mean < many.mean < 1
    assert few.deviation > many.deviation


def test_a_kind_that_nobody_saw_is_guessed_from_its_neighbours_with_a_doubt() -> None:
    pairs = [(Kind("one", octave), int(octave > 6)) for octave in (4, 5, 8, 9) for _ in range(40)]
    model = smooth(pairs)
    seen, unseen = model.loss(Kind("one", 8)), model.loss(Kind("several", 8))
    assert model.loss(Kind("one", 4)).mean < unseen.mean < seen.mean
    assert unseen.deviation > seen.deviation


def test_pairs_that_never_differ_still_leave_a_doubt() -> None:
    assert smooth([(Kind("one", 5), 0)] * 30).loss(Kind("one", 5)).deviation > 0


@given(st.lists(st.tuples(st.integers(0, 12), st.sampled_from((-1, 0, 1))), min_size=1, max_size=30))
def test_whatever_the_pairs_are_every_estimate_is_finite(pairs: list[tuple[int, int]]) -> None:
    model = smooth([(Kind("one", octave), difference) for octave, difference in pairs])
    for octave in range(13):
        loss = model.loss(Kind("one", octave))
        assert math.isfinite(loss.mean)
        assert loss.deviation >= 0


def test_an_inverse_times_its_matrix_is_one() -> None:
    matrix = [[4.0, 1.0, 0.5], [1.0, 3.0, 0.2], [0.5, 0.2, 2.0]]
    product = [
        sum(a * b for a, b in zip(row, column, strict=True))
        for row in matrix
        for column in zip(*inverse(matrix), strict=True)
    ]
    assert product == pytest.approx([1, 0, 0, 0, 1, 0, 0, 0, 1])


def test_a_matrix_without_an_inverse_is_refused() -> None:
    with pytest.raises(ValueError, match="not positive definite"):
        inverse([[1.0, 1.0], [1.0, 1.0]])
