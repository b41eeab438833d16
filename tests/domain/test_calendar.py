"""Weeks are ISO weeks in UTC: no week is skipped or counted twice, at no edge and in no zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.calendar import Week, monday, read_week, week_of
from pipeline.errors import UsageError

days = st.dates(date(2020, 1, 1), date(2040, 12, 31))


@pytest.mark.parametrize(
    ("day", "week"),
    [
        ("2027-01-01", "2026-W53"),
        ("2024-12-30", "2025-W01"),
        ("2026-12-28", "2026-W53"),
        ("2027-01-04", "2027-W01"),
        ("2026-08-15", "2026-W33"),
        ("2023-01-01", "2022-W52"),
    ],
)
def test_the_year_of_a_week_is_the_iso_year(day: str, week: str) -> None:
    assert week_of(datetime.fromisoformat(f"{day}T12:00:00+00:00")) == week


@pytest.mark.parametrize("year", range(2024, 2033))
def test_every_hour_around_the_turn_of_the_year_is_in_the_week_of_its_monday(year: int) -> None:
    start = datetime(year, 12, 20, tzinfo=UTC)
    for hours in range(24 * 24):
        moment = start + timedelta(hours=hours)
        first = monday(week_of(moment))
        assert first.weekday() == 0
        assert first <= moment.date() < first + timedelta(days=7)


ZONES = [timezone(timedelta(hours=hours)) for hours in (-12, -9.5, -8, -5, -3, 0, 1, 3, 5.5, 8, 12.75, 14)]


@pytest.mark.parametrize("zone", ZONES, ids=lambda zone: zone.tzname(None))
def test_no_week_from_2024_to_2032_is_skipped_or_counted_twice_in_any_zone(zone: timezone) -> None:
    """Every hour of the day before and of the day after each edge, as a clock in that zone says it."""
    edge, found = datetime(2024, 1, 1, tzinfo=UTC), ["2023-W52"]
    while edge.year < 2033:
        for hours in range(-24, 24):
            week = week_of((edge + timedelta(hours=hours)).astimezone(zone))
            if week != found[-1]:
                found.append(week)
            assert monday(week) == (edge - timedelta(weeks=1 if hours < 0 else 0)).date()
        edge += timedelta(weeks=1)
    assert len(set(found)) == len(found) == 1 + 470


@pytest.mark.parametrize("offset", [-12, -5, 0, 1, 5.5, 14])
def test_a_week_starts_at_midnight_utc_whatever_the_zone(offset: float) -> None:
    zone = timezone(timedelta(hours=offset))
    edge = datetime(2026, 8, 10, tzinfo=UTC)
    assert week_of(edge.astimezone(zone)) == "2026-W33"
    assert week_of((edge - timedelta(microseconds=1)).astimezone(zone)) == "2026-W32"


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="naive datetime: 2026-08-15"):
        week_of(datetime(2026, 8, 15))  # noqa: DTZ001 - the refused form


@given(day=days)
def test_consecutive_days_are_in_the_same_or_the_next_week(day: date) -> None:
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    step = monday(week_of(noon + timedelta(days=1))) - monday(week_of(noon))
    assert step == timedelta(weeks=1 if day.weekday() == 6 else 0)


@given(day=days)
def test_a_written_week_reads_back(day: date) -> None:
    week = week_of(datetime(day.year, day.month, day.day, tzinfo=UTC))
    assert read_week(week) == week


@pytest.mark.parametrize(
    "text",
    ["", "2026", "2026-33", "2026-W00", "2026-W54", "2025-W53", "2026-W3", "2026-W33 ", "w33", "0000-W01"],
)
def test_what_is_no_week_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(UsageError, match="is not an ISO week") as caught:
        read_week(text)
    assert "2026-W33" in caught.value.hint
    with pytest.raises(ValueError, match=r"not an ISO week|Invalid week|out of range"):
        monday(Week(text))


@pytest.mark.parametrize("week", ["0001-W01", "0999-W52", "1999-W52", "3000-W01", "9999-W52"])
def test_a_week_of_another_age_is_refused(week: str) -> None:
    with pytest.raises(UsageError, match=f"the week {week} is outside the years 2000 to 2999"):
        read_week(week)
    assert (read_week("2000-W01"), read_week("2999-W52")) == ("2000-W01", "2999-W52")
