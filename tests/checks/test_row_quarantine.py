"""A row that moved too far from what was approved keeps its approved value; nothing else changes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.checks.expectations import RowExpectation
from pipeline.checks.row_quarantine import (
    QuarantineResult,
    quarantine_rows,
    quarantined_metrics,
    restore_quarantined,
    subject_of,
)
from pipeline.domain.ids import (
    AA_INTELLIGENCE,
    AA_USD_PER_TASK,
    ARTIFICIAL_ANALYSIS,
    MetricName,
    Sha256,
    SourceKey,
    SourceModelName,
)
from pipeline.domain.observation import Observation, Price, Reading, Severity
from pipeline.domain.run import ApprovedRows

NOW = datetime(2026, 8, 15, tzinfo=UTC)
OLD, NEW = Sha256("a" * 64), Sha256("b" * 64)
ROWS = RowExpectation(
    shift={AA_INTELLIGENCE: 3.0},
    creep={AA_INTELLIGENCE: 6.0},
    factor={AA_USD_PER_TASK: 2.0},
    creep_factor={AA_USD_PER_TASK: 4.0},
)


def score(
    value: float,
    *,
    key: str = "m",
    metric: MetricName = AA_INTELLIGENCE,
    scale: str = "aa-4.1",
    capture: Sha256 = NEW,
) -> Observation:
    return Observation(
        source=ARTIFICIAL_ANALYSIS,
        key=SourceKey(key),
        name=SourceModelName(f"Model {key}"),
        metric=metric,
        scale=scale,
        value=value,
        low=None,
        high=None,
        votes=None,
        observed_on=date(2026, 8, 8),
        capture=capture,
    )


def price(
    per_input: int | None,
    per_output: int | None = 10_000_000,
    *,
    key: str = "m",
    note: str = "",
    capture: Sha256 = NEW,
) -> Price:
    return Price(
        source=ARTIFICIAL_ANALYSIS,
        key=SourceKey(key),
        name=SourceModelName(f"Model {key}"),
        input_microusd_per_mtok=per_input,
        output_microusd_per_mtok=per_output,
        cache_read_microusd_per_mtok=100_000,
        observed_on=date(2026, 8, 8),
        capture=capture,
        note=note,
    )


def reading(*rows: Observation | Price) -> Reading:
    return Reading(
        source=ARTIFICIAL_ANALYSIS,
        scale="aa-4.1",
        published_on=None,
        fetched_at=NOW,
        captures=(NEW,),
        observations=tuple(row for row in rows if isinstance(row, Observation)),
        prices=tuple(row for row in rows if isinstance(row, Price)),
    )


def approved(*rows: Observation | Price, weeks: int = 1, by_name: bool = False) -> ApprovedRows:
    old = [replace(row, capture=OLD) for row in rows]
    return ApprovedRows(
        as_of=NOW - timedelta(weeks=weeks),
        by_name=by_name,
        observations=tuple(row for row in old if isinstance(row, Observation)),
    )


def held(now: Observation | Price, *before: ApprovedRows) -> QuarantineResult:
    return quarantine_rows(reading(now), ROWS, before, routed={"m"})


def is_kept(now: Observation | Price, *before: ApprovedRows) -> bool:
    out = held(now, *before)
    rows = (*out.reading.observations, *out.reading.prices)
    assert len(rows) == 1
    assert bool(out.findings) == (rows[0] != now) == bool(out.captures)
    return rows[0] != now


@pytest.mark.parametrize(("value", "kept"), [(43.0, False), (43.1, True), (37.0, False), (36.9, True)])
def test_a_score_within_three_points_passes_and_beyond_is_kept(value: float, *, kept: bool) -> None:
    assert is_kept(score(value), approved(score(40.0))) is kept


def test_measured_dollars_are_compared_by_their_factor() -> None:
    assert is_kept(score(0.4, metric=AA_USD_PER_TASK), approved(score(1.0, metric=AA_USD_PER_TASK)))
    assert not is_kept(score(0.5, metric=AA_USD_PER_TASK), approved(score(1.0, metric=AA_USD_PER_TASK)))


def test_values_of_two_scales_are_never_compared() -> None:
    assert not is_kept(score(60.0), approved(score(40.0, scale="aa-4.0")))


def test_a_new_name_passes_until_somebody_judges_it() -> None:
    assert not is_kept(score(99.0), approved(score(40.0, key="other")))
    assert not is_kept(score(99.0))


def test_small_steps_add_up_over_the_approvals_of_eight_weeks() -> None:
    steps = [approved(score(40.0 + 2.5 * at), weeks=3 - at) for at in (2, 1, 0)]
    assert is_kept(score(47.5), *steps)
    assert not is_kept(score(46.0), *steps)
    (finding,) = held(score(47.5), *steps).findings
    assert "40 of 2026-08-08 was approved: more than 6 within 8 weeks; 45 is kept" in finding.message


def test_what_a_person_accepted_by_name_is_where_comparing_starts_again() -> None:
    named = approved(score(60.0), weeks=1, by_name=True)
    before = approved(score(40.0), weeks=2)
    assert is_kept(score(60.0), before)
    assert not is_kept(score(60.0), named, before)
    assert not is_kept(score(62.0), named, before)
    assert is_kept(score(64.0), named, before)


def test_a_held_row_names_both_values_the_model_and_where_the_kept_one_is_from() -> None:
    out = held(score(60.0), approved(score(40.0)))
    (finding,) = out.findings
    assert (finding.kind, finding.severity) == ("held-row", Severity.WARN)
    assert finding.subject == "artificial-analysis:aa/intelligence:m" == subject_of(score(1.0))
    assert finding.message == (
        "artificial-analysis: Model m: aa/intelligence is 60, where 40 of 2026-08-08 was approved: more than "
        "3 since the last approval; 40 is kept (capture aaaaaaaaaaaa)"
    )
    assert out.captures == (OLD,)
    assert out.reading.observations == (score(40.0, capture=OLD),)


def test_a_price_is_never_held_row_by_row() -> None:
    out = held(price(50_000))
    assert (out.findings, out.reading.prices) == ((), (price(50_000),))


def after(*values: float) -> QuarantineResult:
    """What becomes of a score of 60 that 40 was approved for, where the source said these before."""
    said = [reading(score(value)) for value in values]
    return quarantine_rows(reading(score(60.0)), ROWS, [approved(score(40.0))], routed={"m"}, earlier=said)


def test_a_hold_ends_when_the_source_stays_with_what_it_says() -> None:
    out = after(60.0, 61.0, 58.0)
    assert out.reading.observations[0].value == 60.0
    (finding,) = out.findings
    assert (finding.kind, finding.severity) == ("held-row-ended", Severity.NOTE)
    assert "1 values that were held are used" in finding.message


@pytest.mark.parametrize("values", [(60.0, 60.0), (60.0, 60.0, 56.9), (60.0, 40.0, 60.0), ()])
def test_a_hold_does_not_end_before_or_where_the_source_wavers(values: tuple[float, ...]) -> None:
    out = after(*values)
    assert out.reading.observations[0].value == 40.0
    assert [one.kind for one in out.findings] == ["held-row"]


def test_a_held_row_that_nobody_routes_is_only_noted() -> None:
    out = quarantine_rows(reading(score(60.0)), ROWS, [approved(score(40.0))], routed=frozenset())
    assert [one.severity for one in out.findings] == [Severity.NOTE]


def test_the_metrics_that_are_compared_are_those_of_the_rules() -> None:
    assert quarantined_metrics(ROWS) == (AA_INTELLIGENCE, AA_USD_PER_TASK)


ROW = st.builds(score, st.floats(1, 90), key=st.sampled_from("abc"))


def _distinct(rows: list[Observation | Price]) -> list[Observation | Price]:
    return list({subject_of(row): row for row in rows}.values())


@given(st.lists(ROW), st.lists(ROW), st.lists(ROW))
def test_a_run_is_rebuilt_from_its_findings(
    now: list[Observation | Price], first: list[Observation | Price], second: list[Observation | Price]
) -> None:
    before = [approved(*_distinct(first)), approved(*_distinct(second), weeks=2)]
    said = reading(*_distinct(now))
    out = quarantine_rows(said, ROWS, before, routed=frozenset())
    last: dict[str, Observation] = {}
    for one in reversed(before):
        last.update((subject_of(row), row) for row in one.observations)
    kept = restore_quarantined(said.observations, out.findings, list(last.values()))
    assert replace(said, observations=kept) == out.reading
