"""One row per variant and scale, whoever came first."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import permutations
from typing import TYPE_CHECKING

from pipeline.domain.ids import AA_CODING, AA_INTELLIGENCE
from pipeline.scoring.quality.boards import board_of, board_table, by_scale, largest_scale

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pipeline.domain.crosswalk import Measure
    from tests.scoring.conftest import Make


def renamed(measure: Measure, **changes: object) -> Measure:
    return replace(measure, observation=replace(measure.observation, **changes))  # type: ignore[arg-type]  # fields by name


def spoken(measures: Iterable[Measure]) -> list[tuple[str, str, float]]:
    rows = list(measures)
    scales = by_scale(rows, rows[0].observation.metric)
    return [(scale, m.variant, m.observation.value) for scale, group in scales.items() for m in group]


def test_two_names_of_one_variant_are_read_as_the_one_with_more_votes_not_the_higher_rating(
    make: Make,
) -> None:
    rows = [make.arena("a", 1400, votes=2500), make.arena("a", 1370, votes=3500), make.arena("b", 1, votes=1)]
    for order in permutations(rows):
        assert spoken(order) == [("v1", "a", 1370.0), ("v1", "b", 1.0)]


def test_a_row_with_votes_speaks_before_one_without(make: Make) -> None:
    rows = [make.arena("a", 1400, votes=None), make.arena("a", 1370, votes=0)]
    for order in permutations(rows):
        assert spoken(order) == [("v1", "a", 1370.0)]


def test_a_measured_row_speaks_before_an_estimated_one_and_a_younger_before_an_older(make: Make) -> None:
    older = renamed(make.index("a", 50), observed_on=date(2026, 8, 1))
    rows = [renamed(make.index("a", 60), estimated=True), make.index("a", 40), older]
    for order in permutations(rows):
        assert spoken(order) == [("aa-4.1", "a", 40.0)]


def test_only_the_metric_asked_for_is_read(make: Make) -> None:
    assert by_scale([make.index("a", 40)], AA_CODING) == {}


def test_scales_stay_apart_and_the_largest_is_named_with_ties_by_name(make: Make) -> None:
    rows = [make.index("a", 40, scale="v2"), make.index("b", 41, scale="v1"), make.index("a", 60, scale="v1")]
    scales = by_scale(rows, AA_INTELLIGENCE)
    assert spoken(rows) == [("v1", "a", 60.0), ("v1", "b", 41.0), ("v2", "a", 40.0)]
    assert largest_scale(scales) == "v1"
    assert largest_scale({"v2": scales["v2"], "v1": scales["v1"][:1]}) == "v1"
    assert largest_scale({}) is None


def test_what_was_not_published_is_not_a_number_in_the_table_and_nothing_else_is(make: Make) -> None:
    table = board_table([make.arena("a", 1300, half_width=None, votes=None), make.arena("b", 1300)])
    assert table["half_width"].isna().tolist() == [True, False]
    assert table["votes"].isna().tolist() == [True, False]
    assert table["half_width"].tolist()[1] == 4.0


def test_a_board_in_columns_says_what_its_table_says(make: Make) -> None:
    measures = [make.arena("a", 1300.5, half_width=None, votes=None), make.arena("b", 1310.5, votes=7)]
    board, table = board_of(measures), board_table(measures)
    assert (board.variants, board.votes) == (("a", "b"), (None, 7))
    for name in ("published", "half_width"):
        assert str(getattr(board, name).tolist()) == str(table[name].tolist())
    assert (list(board.scales), list(board.estimated)) == (
        table["scale"].tolist(),
        table["estimated"].tolist(),
    )
