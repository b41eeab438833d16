"""A reading is compared with what is expected and with the last good one; each guard speaks in numbers."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.checks.expectations import MovementLimit, RowExpectation, SourceExpectation
from pipeline.checks.reading_checks import check_reading
from pipeline.checks.reading_stats import (
    EarlierReading,
    EarlierReadingStats,
    compare_recent,
    coverage,
    numbers_digest,
)
from pipeline.domain.ids import LMARENA_TEXT, MetricName, Sha256, SourceKey, SourceModelName, arena_metric
from pipeline.domain.observation import Entry, Finding, Observation, Price, Reading, Severity

if TYPE_CHECKING:
    from collections.abc import Callable

NOW = datetime(2026, 8, 15, tzinfo=UTC)
OVERALL = arena_metric("text", "overall")
CODING = arena_metric("text", "coding")
DIGEST = Sha256("0" * 64)

EXPECTED = SourceExpectation(
    min_names=80,
    min_rows=80,
    coverage={OVERALL: 0.9},
    max_coverage_drop=0.1,
    canaries=("m0", "m1", "m2"),
    min_canaries=2,
    max_vanished=0.1,
    max_shift={OVERALL: 10.0},
    warn_shift={CODING: 10.0},
    max_moved={OVERALL: MovementLimit(by=4.0, share=0.4)},
    max_age_days=21,
    warn_unchanged=2,
    hold_unchanged=3,
    rows=RowExpectation(shift={}, creep={}, factor={}, creep_factor={}),
)


def entry(key: str) -> Entry:
    return Entry(source=LMARENA_TEXT, key=SourceKey(key), name=SourceModelName(key))


def observation(key: str, value: float, metric: MetricName = OVERALL, scale: str = "board") -> Observation:
    return Observation(
        source=LMARENA_TEXT,
        key=SourceKey(key),
        name=SourceModelName(key),
        metric=metric,
        scale=scale,
        value=value,
        low=None,
        high=None,
        votes=None,
        observed_on=date(2026, 8, 12),
        capture=DIGEST,
    )


def reading(  # noqa: PLR0913 - what a test may change
    count: int = 100,
    *,
    skip: int = 0,
    shift: float = 0.0,
    covered: int | None = None,
    coded: int = 0,
    scale: str = "board",
    day: date = date(2026, 8, 12),
) -> Reading:
    keys = [f"m{number}" for number in range(skip, count)]
    return Reading(
        source=LMARENA_TEXT,
        scale=scale,
        published_on=day,
        fetched_at=NOW,
        captures=(DIGEST,),
        observations=(
            *(observation(key, 1000.0 + at + shift, scale=scale) for at, key in enumerate(keys[:covered])),
            *(observation(key, 900.0 + shift, CODING, scale) for key in keys[:coded]),
        ),
        entries=tuple(entry(key) for key in keys),
    )


def found(
    new: Reading,
    last: Reading | None = None,
    now: datetime = NOW,
    expectation: SourceExpectation = EXPECTED,
) -> dict[str, Finding]:
    findings = check_reading(new, expectation, last=last, now=now)
    assert all(one.subject == LMARENA_TEXT and one.message.startswith("lmarena-text: ") for one in findings)
    return {one.kind: one for one in findings}


def test_a_whole_reading_passes_in_silence() -> None:
    assert found(reading()) == {}
    assert found(reading(shift=4.0), reading(day=date(2026, 8, 5))) == {}


def test_too_few_names_and_rows_hold_the_source() -> None:
    findings = found(reading(71))
    assert findings["too-few-names"].severity is Severity.HOLD
    assert "71 names, at least 80 are expected" in findings["too-few-names"].message
    assert "71 rows, at least 80 are expected" in findings["too-few-rows"].message


def test_exactly_the_floor_passes() -> None:
    assert found(reading(80)) == {}


def test_missing_canaries_hold_the_source_and_are_named() -> None:
    assert found(reading(120, skip=1)) == {}
    finding = found(reading(120, skip=2))["canary-missing"]
    assert finding.severity is Severity.HOLD
    assert "1 of 3 names that were always there are present" in finding.message
    assert "missing: m0, m1" in finding.message


def test_a_column_that_is_there_but_empty_holds_the_source() -> None:
    finding = found(reading(100, covered=89))["low-coverage"]
    assert finding.severity is Severity.HOLD
    assert "89.0% of the names have arena-text/overall, at least 90.0% are expected" in finding.message
    assert found(reading(100, covered=90)) == {}


def test_price_coverage_needs_both_prices() -> None:
    def price(key: str, output: int | None) -> Price:
        return Price(
            source=LMARENA_TEXT,
            key=SourceKey(key),
            name=SourceModelName(key),
            input_microusd_per_mtok=1,
            output_microusd_per_mtok=output,
            cache_read_microusd_per_mtok=None,
            observed_on=date(2026, 8, 12),
            capture=DIGEST,
        )

    priced = replace(reading(), prices=tuple(price(f"m{n}", 1 if n < 40 else None) for n in range(100)))
    expected = EXPECTED.model_copy(update={"coverage": {"price": 0.5}})
    (finding,) = check_reading(priced, expected, last=None, now=NOW)
    assert "40.0% of the names have price" in finding.message


def test_coverage_that_falls_holds_or_warns_by_what_the_metric_is_for() -> None:
    last = reading(day=date(2026, 8, 5), coded=80)
    finding = found(reading(coded=16), last)["coverage-drop"]
    assert finding.severity is Severity.WARN
    assert "arena-text/coding fell from 80.0% to 16.0% of the names" in finding.message
    loose = EXPECTED.model_copy(update={"coverage": {OVERALL: 0.1}})
    (held,) = check_reading(reading(covered=85, coded=80), loose, last=last, now=NOW)
    assert (held.kind, held.severity) == ("coverage-drop", Severity.HOLD)
    assert "arena-text/overall fell from 100.0% to 85.0% of the names" in held.message


def test_a_fuller_list_whose_new_names_lack_a_field_passes() -> None:
    """From the embedded sample to the whole list the share of prices falls; no name lost its own."""
    last = reading(day=date(2026, 8, 5), coded=80)
    assert coverage(reading(200, coded=80))[CODING] < coverage(last)[CODING] - EXPECTED.max_coverage_drop
    assert "coverage-drop" not in found(reading(200, coded=80), last)


def test_many_vanished_names_hold_the_source() -> None:
    last = reading(200, day=date(2026, 8, 5))
    assert found(reading(180), last) == {}
    finding = found(reading(179), last)["vanished"]
    assert finding.severity is Severity.HOLD
    assert "21 of 200 names are gone (10.5%, at most 10.0% are believable)" in finding.message
    assert "m179, m180, m181, m182, m183 and 16 more" in finding.message


def test_new_names_are_no_reason_to_hold() -> None:
    assert found(reading(300), reading(100, day=date(2026, 8, 5))) == {}


def test_a_changed_scale_is_told_and_its_values_are_never_compared() -> None:
    findings = found(reading(shift=-500.0, scale="aa-4.1"), reading(scale="aa-4.0", day=date(2026, 8, 5)))
    assert list(findings) == ["scale-change"]
    assert findings["scale-change"].severity is Severity.WARN
    assert "from aa-4.0 to aa-4.1" in findings["scale-change"].message


@pytest.mark.parametrize("shift", [10.5, -10.5, 59.9])
def test_a_common_shift_within_one_scale_holds_the_source(shift: float) -> None:
    findings = found(reading(shift=shift), reading(day=date(2026, 8, 5)))
    assert set(findings) == {"scale-shift", "rows-moved"}
    finding = findings["scale-shift"]
    assert finding.severity is Severity.HOLD
    assert f"moved by {shift:+.2f} in the median of 100 common names, more than 10" in finding.message


def test_a_common_shift_of_a_side_metric_warns() -> None:
    last = reading(day=date(2026, 8, 5), coded=50)
    moved = replace(
        reading(coded=50),
        observations=(
            *reading().observations,
            *(replace(one, value=one.value + 11) for one in last.observations if one.metric == CODING),
        ),
    )
    finding = found(moved, last)["scale-shift"]
    assert finding.severity is Severity.WARN
    assert "arena-text/coding moved by +11.00" in finding.message


def test_a_few_common_names_say_nothing_about_the_scale() -> None:
    new = reading(119, skip=0, shift=50.0)
    last = reading(19, day=date(2026, 8, 5))
    assert found(new, last) == {}


def test_one_model_that_moves_far_is_no_shift() -> None:
    new = reading(shift=0.5)
    moved = replace(new, observations=(observation("m0", 2000.0), *new.observations[1:]))
    assert found(moved, reading(day=date(2026, 8, 5))) == {}


def test_content_older_than_the_one_in_force_holds_the_source() -> None:
    findings = found(reading(day=date(2026, 8, 5)), reading())
    assert list(findings) == ["older"]
    assert findings["older"].severity is Severity.HOLD
    assert "2026-08-05 is older than the one in force, of 2026-08-12" in findings["older"].message


def seen(new: Reading, trail: EarlierReadingStats) -> dict[str, Finding]:
    return {one.kind: one for one in check_reading(new, EXPECTED, last=None, now=NOW, trail=trail)}


@pytest.mark.parametrize(
    ("earlier", "severity"), [(1, Severity.WARN), (2, Severity.HOLD), (5, Severity.HOLD)]
)
def test_the_same_numbers_week_after_week_warn_then_hold(earlier: int, severity: Severity) -> None:
    finding = seen(reading(), EarlierReadingStats(unchanged=earlier))["unchanged"]
    assert finding.severity is severity
    assert f"the same numbers in {earlier + 1} weekly runs in a row" in finding.message
    patient = EXPECTED.model_copy(update={"warn_unchanged": 7, "hold_unchanged": 9})
    (noted,) = check_reading(
        reading(), patient, last=None, now=NOW, trail=EarlierReadingStats(unchanged=earlier)
    )
    assert noted.severity is Severity.NOTE


def steps(*readings: Reading | None) -> list[EarlierReading]:
    def step(place: int, one: Reading | None) -> EarlierReading:
        said = Sha256("") if one is None else numbers_digest(one)
        return EarlierReading(week=f"2026-W{40 - place}", names=100, numbers=said, read=lambda: one)

    return [step(place, one) for place, one in enumerate(readings)]


def test_earlier_weeks_are_told_apart_by_their_numbers_only() -> None:
    new, other = reading(), reading(shift=1.0)
    again = replace(new, fetched_at=NOW - timedelta(days=7), captures=(Sha256("1" * 64),), entries=())
    assert compare_recent(new, []) == EarlierReadingStats()
    assert compare_recent(new, steps(other, other)).unchanged == 0
    assert compare_recent(new, steps(again, again, other, again)) == EarlierReadingStats(
        names=(100,) * 4, unchanged=2
    )
    assert compare_recent(new, steps(other, None, again)) == EarlierReadingStats(
        names=(100,) * 3, replayed="2026-W38"
    )
    assert compare_recent(new, steps(None)) == EarlierReadingStats(names=(100,))


def test_no_earlier_week_is_read_again_to_compare_its_numbers() -> None:
    def never() -> Reading | None:
        raise AssertionError

    same = EarlierReading(week="2026-W33", names=99, numbers=numbers_digest(reading()), read=never)
    assert compare_recent(reading(), [same]) == EarlierReadingStats(names=(99,), unchanged=1)


def test_the_numbers_of_an_earlier_week_hold_the_source() -> None:
    finding = seen(reading(), EarlierReadingStats(replayed="2026-W30"))["replayed"]
    assert finding.severity is Severity.HOLD
    assert "it repeats the numbers of 2026-W30, although it said others since" in finding.message


def test_a_board_that_loses_a_little_every_week_is_held() -> None:
    weeks = (91, 95, 99, 104, 109)
    finding = seen(reading(89), EarlierReadingStats(names=weeks))["shrunk"]
    assert finding.severity is Severity.HOLD
    assert "89 names with a number, where the median of the last 5 weeks is 99" in finding.message
    assert seen(reading(90), EarlierReadingStats(names=weeks)) == {}
    assert seen(reading(89), EarlierReadingStats(names=(300, 300))) == {}, (
        "two weeks have no median worth the name"
    )


def test_a_name_given_twice_holds_the_source() -> None:
    new = reading()
    for twice in (
        replace(new, observations=(*new.observations, new.observations[7])),
        replace(new, entries=(*new.entries, new.entries[7])),
    ):
        finding = found(twice)["duplicate-row"]
        assert finding.severity is Severity.HOLD
        assert "1 names are given several times: m7" in finding.message


def test_many_small_moves_under_one_median_hold_the_source() -> None:
    new, last = reading(), reading(day=date(2026, 8, 5))
    some = [replace(one, value=one.value + 5) if at < 41 else one for at, one in enumerate(new.observations)]
    finding = found(replace(new, observations=tuple(some)), last)["rows-moved"]
    assert finding.severity is Severity.HOLD
    assert (
        "41% of 100 common names moved by more than 4 in arena-text/overall, at most 40%" in finding.message
    )
    fewer = replace(new, observations=(replace(some[0], value=1000.0), *some[1:]))
    assert found(fewer, last) == {}


def moved_to(rank: float, residual: float, move: Callable[[int, float], float]) -> dict[str, Finding]:
    """Move every name of the second board, where moving together is let through."""
    limit = MovementLimit(by=0.05, share=0.4, min_rank_correlation=rank, max_residual=residual)
    patient = EXPECTED.model_copy(update={"max_moved": {OVERALL: limit}})
    new, last = reading(), reading(day=date(2026, 8, 5))
    some = [replace(one, value=move(at, one.value)) for at, one in enumerate(new.observations)]
    return found(replace(new, observations=tuple(some)), last, expectation=patient)


def test_names_that_moved_together_are_a_refresh_and_not_another_scale() -> None:
    told = moved_to(0.999, 0.75, lambda _, value: 1.04 * (value - 1000) + 1000.3)
    assert told.keys() == {"refreshed"}
    assert told["refreshed"].severity is Severity.NOTE
    assert "100% of 100 common names moved by more than 0.05" in told["refreshed"].message
    assert "rank correlation 1.0000, 95 % within 0.00 after equating" in told["refreshed"].message


def test_names_that_moved_each_for_itself_hold_the_source() -> None:
    """Every second name 2.3 up: after equating about 1.15 is left, and the order is nearly kept."""

    def scattered(at: int, value: float) -> float:
        return value + (2.3 if at % 2 else 0.0)

    held = moved_to(0.9, 1.1, scattered)["rows-moved"]
    assert held.severity is Severity.HOLD
    assert "after equating" in held.message
    assert moved_to(0.9, 1.3, scattered).keys() == {"refreshed"}
    assert moved_to(0.9999, 1.3, scattered).keys() == {"rows-moved"}


def test_a_board_without_spread_keeps_no_order() -> None:
    assert moved_to(0.9, 1.0, lambda _at, _value: 1050.0).keys() == {"rows-moved"}


def test_equal_values_share_their_places() -> None:
    """Two halves of equal values, one point apart where they were two: the same order on a narrower scale."""
    assert moved_to(1.0, 60.0, lambda at, _value: 1040.0 + (at > 49)).keys() == {"rows-moved"}
    assert moved_to(0.8, 60.0, lambda at, _value: 1040.0 + (at > 49)).keys() == {"refreshed"}


def test_old_content_is_a_warning_and_future_content_is_held() -> None:
    assert found(reading(), now=NOW + timedelta(days=18)) == {}
    stale = found(reading(), now=NOW + timedelta(days=19))["stale-content"]
    assert (stale.severity, "22 days old, more than 21" in stale.message) == (Severity.WARN, True)
    future = found(reading(), now=NOW - timedelta(days=10))["future"]
    assert (future.severity, "dated 2026-08-12, after today" in future.message) == (Severity.HOLD, True)


def test_without_a_publish_date_the_newest_value_dates_the_content() -> None:
    undated = replace(reading(), published_on=None)
    assert "22 days old" in found(undated, now=NOW + timedelta(days=19))["stale-content"].message


@given(st.permutations(range(30)))
def test_the_order_of_rows_does_not_matter(order: list[int]) -> None:
    last, new = reading(100, day=date(2026, 8, 5)), reading(85, shift=11.0)
    mixed = replace(
        new,
        observations=tuple(new.observations[at] for at in order) + new.observations[30:],
        entries=tuple(new.entries[at] for at in order) + new.entries[30:],
    )
    assert check_reading(mixed, EXPECTED, last=last, now=NOW) == check_reading(
        new, EXPECTED, last=last, now=NOW
    )
