"""The page of a backtest: readable over three years, self-contained, inert whatever a model is called."""

from __future__ import annotations

import functools
import re
from datetime import date, timedelta
from itertools import pairwise

import pytest

from pipeline.domain.calendar import Week
from pipeline.domain.escape import escape_name
from pipeline.domain.pool import Cause, Change
from pipeline.domain.run import PastWeek
from pipeline.review.pages.backtest_page import backtest_html
from pipeline.review.pages.backtest_view import (
    BacktestView,
    MeasureRow,
    MeasureTable,
    after_last,
    tenures,
    ticks,
)
from pipeline.review.pages.charts.plot import short_name
from tests.faults.hostile import PAYLOADS, active_in_html, hidden_in, seen_in_html
from tests.faults.hostile_week import TAME, well_formed
from tests.review.pages.test_chart import texts

MONDAY = date(2023, 7, 3)


def week(place: int, *held: str, changes: tuple[Change, ...] = (), loss: float | None = 1.0) -> PastWeek:
    day = MONDAY + timedelta(weeks=place)
    return PastWeek(
        week=Week(day.strftime("%G-W%V")),
        day=day,
        held=held,
        changes=changes,
        loss_first=loss,
        loss_bands=None if loss is None else 3 * loss,
        turnover=len(changes) / 6,
    )


def change(variant: str, reason: str, *, enters: bool = True) -> Change:
    return Change(
        tier="frugal",
        variant=variant,
        rank_before=None if enters else 2,
        rank_after=2 if enters else None,
        cause=Cause.NEW if enters else Cause.VALUE,
        reason=reason,
        usd_per_task_before=None,
        usd_per_task_after=None,
    )


def past_of(*weeks: PastWeek, policy: str = "mine", tiers: tuple[str, ...] = ("frugal",)) -> BacktestView:
    row = MeasureRow(policy=policy, own=True, cells=("1.00", "-"))
    other = MeasureRow(policy="pareto", own=False, cells=("2.00", "0.10"))
    table = MeasureTable(
        title="Elo points", headings=("first", "churn"), tiers=tuple((tier, (row, other)) for tier in tiers)
    )
    return BacktestView(
        policy=policy,
        span=("2 tables.",),
        horizon=12,
        tables=(table,),
        legend="What the columns mean.",
        tiers=tuple((tier, weeks) for tier in tiers),
        attribution=("Data by somebody",),
    )


@functools.cache
def page_with(text: str) -> str:
    name = well_formed(text)
    moves = (change(name, name), change("old", name, enters=False))
    weeks = (week(0, "old", "b"), week(1, name, "b", changes=moves), week(2, name, "b", loss=None))
    return backtest_html(past_of(*weeks, policy=name, tiers=(name,)))


EVERYWHERE = ("script", "attribute", "style", "close", "entity script", "bidi override", "jinja", "surrogate")
"""Also tried as the name of a tier and of a policy, one by one, since each is a page of its own."""


@pytest.mark.parametrize("name", EVERYWHERE)
def test_a_hostile_name_is_seen_and_does_nothing_wherever_it_stands(name: str) -> None:
    page, shown = page_with(PAYLOADS[name]), escape_name(well_formed(PAYLOADS[name]))
    assert active_in_html(page, page_with(TAME)) == []
    assert hidden_in(page) == []
    assert f" {shown} " in seen_in_html(page)


def test_every_hostile_model_is_seen_and_does_nothing() -> None:
    names = [well_formed(text) for text in PAYLOADS.values()]
    page = backtest_html(past_of(*_one_a_week(names)))
    assert (
        active_in_html(page, backtest_html(past_of(*_one_a_week([f"tame{n}" for n in range(len(names))]))))
        == []
    )
    seen = seen_in_html(page)
    assert [name for name in names if f" {escape_name(name)} " not in seen] == []
    assert [name for name in names if short_name(name) not in seen] == [], "as a line of the chart"


def _one_a_week(names: list[str]) -> list[PastWeek]:
    return [week(place, name, changes=(change(name, name),)) for place, name in enumerate(names)]


def test_the_page_asks_for_nothing_and_runs_nothing() -> None:
    page = page_with(TAME)
    assert "default-src 'none'" in page
    assert "<script" not in page
    assert not re.findall(r"(?:src|href)=", page)
    assert page == backtest_html(past_of(*_three_weeks(TAME), policy=TAME, tiers=(TAME,)))


def _three_weeks(name: str) -> tuple[PastWeek, ...]:
    moves = (change(name, name), change("old", name, enters=False))
    return (week(0, "old", "b"), week(1, name, "b", changes=moves), week(2, name, "b", loss=None))


def test_the_page_says_who_entered_who_left_and_why() -> None:
    moves = (
        change("new@default", "Enters because it beats old."),
        change("old@default", "Beaten.", enters=False),
    )
    said = seen_in_html(backtest_html(past_of(week(0, "old"), week(1, "new", changes=moves))))
    assert said.index("old@default better value Beaten.") < said.index(
        "new@default new in the data Enters because it beats old."
    )
    assert "2023-W28 in new@default" in said


@pytest.fixture(scope="module")
def crowded() -> str:
    """160 weeks of three tiers; somebody new every fourth week."""
    names = [f"model-{place:02}-with-a-long-name-{'x' * (place % 13)}" for place in range(45)]
    weeks = []
    for place in range(160):
        now = place // 4
        moves = (change(names[now + 2], "Enters."), change(names[now - 1], "Leaves.", enters=False))
        held = (names[now + 2], names[now + 1], names[now])
        weeks.append(week(place, *held, changes=moves if place % 4 == 0 and place else ()))
    return backtest_html(past_of(*weeks, tiers=("frugal", "balanced", "premium")))


def test_three_years_stay_readable(crowded: str) -> None:
    """Every model has a line of its own and its name in full view; days do not run into each other."""
    drawings = re.findall(r"<svg.*?</svg>", crowded, re.DOTALL)
    assert len(drawings) == 3 * 3 * 2
    pools = [svg for svg in drawings if "Who held the tier" in svg]
    for svg in pools:
        lines = [text for text in texts(svg) if text.startswith("model-")]
        names = {text for text in lines if " to " not in text}
        assert len(names) == 42
        height = re.search(r"viewBox=\"-\d+ -\d+ [\d.]+ ([\d.]+)\"", svg)
        assert height is not None
        assert float(height[1]) / len(names) >= 16
    assert len(crowded) < 1_000_000
    for svg in drawings:
        places = sorted(
            float(x) for x in re.findall(r'<text class="middle" x="([\d.]+)"[^>]*>20\d\d(?:-\d\d)?<', svg)
        )
        assert len(places) >= 3
        assert all(right - left >= 40 for left, right in pairwise(places))


def test_only_the_last_year_is_unfolded(crowded: str) -> None:
    assert crowded.count("<details open>") == 3
    assert crowded.count("<details") == 3 * 4


def test_a_stay_lasts_until_the_week_in_which_it_is_over() -> None:
    weeks = (week(0, "a", "b"), week(1, "a", "c"), week(2, "c", "a"), week(3, "a"))
    day = [one.day for one in weeks]
    found = [(stay.model, stay.since, stay.until) for stay in tenures(weeks)]
    assert found == [
        ("b", day[0], day[1]),
        ("a", day[0], after_last(weeks)),
        ("c", day[1], day[3]),
    ]
    assert [(stay.model, stay.since) for stay in tenures(weeks, 1)] == [
        ("a", day[0]),
        ("c", day[2]),
        ("a", day[3]),
    ]
    assert after_last(weeks) == day[3] + timedelta(weeks=1)


def test_a_single_week_is_drawn_too() -> None:
    page = backtest_html(past_of(week(0, "a")))
    assert page.count("<svg") == 6
    assert "2023-07-03" in seen_in_html(page)


@pytest.mark.parametrize(
    ("last", "most", "words"),
    [
        (date(2023, 7, 17), 9, ["2023-07-03", "2023-07-17"]),
        (date(2023, 10, 2), 9, ["2023-08", "2023-09", "2023-10"]),
        (date(2024, 10, 2), 9, ["2023-10", "2024-01", "2024-04", "2024-07", "2024-10"]),
        (date(2026, 10, 2), 4, ["2024", "2025", "2026"]),
    ],
)
def test_the_axis_names_months_quarters_or_years(last: date, most: int, words: list[str]) -> None:
    assert [word for _, word in ticks(MONDAY, last, most=most)] == words
