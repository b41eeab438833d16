"""A band is given only where the interval of the loss supports it; planted losses are recovered."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from pipeline.usage.fit import BandMembers, acceptance, band_of, fit
from pipeline.usage.pairs import questions
from pipeline.usage.sample import sample
from tests.usage.conftest import CHEAP, DEFAULT, FIRSTS, STRONG, Traffic, record

if TYPE_CHECKING:
    from pipeline.domain.usage import MixingReport, WorkloadRow

MARGIN = 0.1


def _fit(
    traffic: Traffic, firsts: BandMembers = FIRSTS
) -> tuple[tuple[WorkloadRow, ...], tuple[MixingReport, ...]]:
    return fit(questions(traffic.records), [firsts], MARGIN)


@pytest.mark.parametrize(
    ("simple", "hard", "band"),
    [
        ((-0.05, 0.09), None, "simple"),
        ((-0.05, 0.1), None, "medium"),
        (None, (0.11, 0.3), "complex"),
        (None, (0.1, 0.3), "medium"),
        ((-0.05, 0.05), (0.11, 0.3), "complex"),
        (None, None, "medium"),
    ],
)
def test_a_band_needs_an_interval_on_the_right_side_of_the_margin(
    simple: tuple[float, float] | None, hard: tuple[float, float] | None, band: str
) -> None:
    assert band_of(simple, hard, MARGIN) == band


def test_a_workload_that_loses_nothing_becomes_simple_and_one_that_loses_much_does_not(
    traffic: Traffic,
) -> None:
    for _ in range(200):
        traffic.pair(0.0, workload="titles")
        traffic.pair(0.3, workload="proofs")
    rows, _ = _fit(traffic)
    found = {row.workload: row for row in rows}
    assert (found["titles"].band, found["titles"].served_by) == ("simple", CHEAP)
    assert (found["proofs"].band, found["proofs"].served_by) == ("medium", DEFAULT)
    assert float(found["proofs"].evidence[0].low_points) > 100 * MARGIN


def test_a_workload_is_complex_where_the_default_itself_loses(traffic: Traffic) -> None:
    for _ in range(200):
        traffic.pair(0.3)
    firsts = BandMembers(tier="balanced", simple=CHEAP, medium=CHEAP, complex=DEFAULT)
    rows, _ = _fit(traffic, firsts)
    assert [(row.band, row.served_by) for row in rows if row.tools is None] == [("complex", DEFAULT)]


def test_many_answers_of_one_session_do_not_make_a_workload_simple(traffic: Traffic) -> None:
    for number in range(250):
        traffic.pair(0.0, workload="one", session="long")
        traffic.pair(0.0, workload="many", session=f"s{number}")
    rows, _ = _fit(traffic)
    assert {row.workload: row.band for row in rows} == {"one": "medium", "many": "simple"}


def test_few_pairs_leave_a_workload_medium_even_if_they_all_agree() -> None:
    records = [record(f"r{n}", DEFAULT, 1) for n in range(15)]
    records += [record(f"s{n}", CHEAP, 1, pair=f"r{n}") for n in range(15)]
    (row,), (report,) = fit(questions(records), [FIRSTS], MARGIN)
    assert row.band == "medium"
    assert report.pairs == 15
    assert report.pairs_needed is not None
    assert report.pairs_needed >= 15
    assert report.points is None


def test_planted_gains_of_kinds_are_recovered_and_costly_kinds_are_not_simple(traffic: Traffic) -> None:
    for number in range(2000):
        several = number % 2
        traffic.pair(0.3 * several, tools=4 if several else 1, chars=60 * 2 ** (number % 3))
    rows, (report,) = _fit(traffic)
    assert report.better_than_mixing
    assert {(row.tools, row.band) for row in rows if row.tools} == {("one", "simple"), ("several", "medium")}


def test_where_every_kind_loses_alike_none_gets_a_band_of_its_own() -> None:
    gains = 0
    for seed in range(40):
        traffic = Traffic(random.Random(seed))  # noqa: S311 - a simulation
        for number in range(100):
            traffic.pair(0.2, tools=number % 3, chars=50 * 2 ** (number % 4))
        rows, (report,) = _fit(traffic)
        gains += report.better_than_mixing
        assert (len(rows) > 1) == report.better_than_mixing
    assert gains <= 4, "2.5 % are expected"


def test_pairs_of_variants_that_do_not_stand_first_say_nothing(traffic: Traffic) -> None:
    for _ in range(50):
        traffic.pair(0.0)
    assert _fit(traffic, replace(FIRSTS, simple=STRONG)) == ((), ())
    assert _fit(traffic, replace(FIRSTS, simple=DEFAULT)) == ((), ())


def test_graders_who_contradict_each_other_are_not_counted() -> None:
    first = record("r", DEFAULT, 1)
    second = record("s", CHEAP, 1, pair="r")
    against = record("s", CHEAP, 0, pair="r", grader="somebody else")
    assert len(fit(questions([first, second]), [FIRSTS], MARGIN)[0]) == 1
    assert fit(questions([first, second, against]), [FIRSTS], MARGIN) == ((), ())


def test_acceptance_counts_graded_answers_alone() -> None:
    records = [record("a", CHEAP, 1), record("b", CHEAP, 0), record("c", CHEAP), record("d", DEFAULT, 1)]
    assert acceptance(records) == {DEFAULT: (1, 1), CHEAP: (2, 1)}


def test_a_sample_goes_where_traffic_is_large_and_pairs_are_few() -> None:
    records = [record(f"a{n}", DEFAULT, session=f"a{n}", workload="common") for n in range(30)]
    records += [record(f"b{n}", DEFAULT, session=f"b{n}", workload="rare") for n in range(10)]
    found = sample(questions(records), [FIRSTS], 8)
    assert [line.workload for line in found].count("common") == 6
    assert {(line.answered_by, line.answer_again_by) for line in found} == {(DEFAULT, CHEAP)}
    assert found == sample(questions(reversed(records)), [FIRSTS], 8), "the same ones, whatever the order"


def test_a_sample_takes_one_request_of_a_session_and_none_that_was_paired(traffic: Traffic) -> None:
    traffic.pair(0.0)
    records = [*traffic.records, *(record(f"a{n}", CHEAP, session="one") for n in range(5))]
    (line,) = sample(questions(records), [FIRSTS], 10)
    assert line.answer_again_by == DEFAULT
