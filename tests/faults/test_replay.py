"""What really happened on the boards, replayed in date order: each event is named for what it was."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from pipeline.checks.reading_checks import check_reading
from pipeline.checks.renames import renames
from pipeline.domain.ids import ARTIFICIAL_ANALYSIS, LMARENA_TEXT
from pipeline.domain.observation import Severity
from pipeline.errors import SourceHeldError
from tests.faults.real_weeks import (
    EXPECTATIONS,
    HELD_CLEAN,
    captured,
    seven_weeks,
    steps_of_captures,
    steps_of_history,
)
from tests.faults.shapes import board, day_of, load, site_as_v2, table_as_board

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.domain.observation import Finding, Reading
    from tests.faults.conftest import Tally

ROW = "replay of real captures"
LIST_PRICE = {
    "price_1m_input_tokens": "price_1m_input_tokens",
    "price_1m_output_tokens": "price_1m_output_tokens",
}
BLENDED = dict.fromkeys(LIST_PRICE, "price_1m_blended_3_to_1")
"""The column that emptied; whoever read it read nothing."""

RENAMED = {
    "2026-07-17": {"gemini-3.5-flash": "gemini-3.5-flash-high"},
    "2026-07-30": {"glm-5.2 (max)": "glm-5.2-max", "kimi-k3": "kimi-k3-max"},
    "2026-08-12": {
        "deepseek-v4-flash-thinking": "deepseek-v4-flash-high-preview",
        "deepseek-v4-pro-thinking": "deepseek-v4-pro-high-preview",
    },
    "2026-08-13": {
        "claude-opus-4-5-20251101-thinking-32k": "claude-opus-4-5-20251101-high-32k",
        "claude-opus-4-6-thinking": "claude-opus-4-6-high",
        "claude-opus-4-7-thinking": "claude-opus-4-7-high",
        "claude-opus-4-8-thinking": "claude-opus-4-8-high",
        "claude-sonnet-4-5-20250929-thinking-32k": "claude-sonnet-4-5-20250929-high-32k",
        "gemini-3.6-flash": "gemini-3.6-flash-high",
    },
}
"""Every rename between two captures of the text board, and no other pair."""


def _held(reading: Reading, last: Reading | None) -> dict[str, Finding]:
    found = check_reading(reading, EXPECTATIONS.of(reading.source), last=last, now=reading.fetched_at)
    return {one.kind: one for one in found if one.severity is Severity.HOLD}


def _count(tally: Tally, *, fired: bool, named: bool) -> None:
    tally.count(ROW, fired=fired, bad=not named)
    assert fired
    assert named


def test_clean_weeks_raise_no_hold(real_captures: Path, history: Path, tally: Tally) -> None:
    for step in (*steps_of_captures(real_captures), *steps_of_history(history)):
        found = check_reading(step.now, step.expectation, last=step.last, now=step.now.fetched_at)
        kinds = {one.kind for one in found if one.severity is Severity.HOLD}
        _count(tally, fired=step.now != step.last, named=kinds == HELD_CLEAN.get(step.name, set()))


def test_the_new_index_version_is_told_and_never_compared(real_captures: Path, tally: Tally) -> None:
    readings = captured(real_captures)[ARTIFICIAL_ANALYSIS]
    before, after = (
        one for one in readings if one.fetched_at.date().isoformat() in {"2026-06-15", "2026-06-16"}
    )
    (finding,) = check_reading(after, EXPECTATIONS.of(after.source), last=before, now=after.fetched_at)
    named = (finding.kind, finding.severity) == ("scale-change", Severity.WARN)
    assert "from aa-4.0 to aa-4.1" in finding.message
    _count(tally, fired=before.scale != after.scale, named=named)


def test_the_same_without_a_new_version_name_is_held_as_a_shift(real_captures: Path, tally: Tally) -> None:
    folder = real_captures / "artificial-analysis/site-leaderboard"
    before, after = (
        site_as_v2(folder / f"{day}-oolong-aa-leaderboards.json.gz", version=4.0, price=LIST_PRICE)
        for day in ("2026-06-15", "2026-06-16")
    )
    held = _held(after, before)
    named = held.keys() == {"scale-shift", "rows-moved"} and "moved by -6.3" in held["scale-shift"].message
    _count(tally, fired=before.scale == after.scale, named=named)


def test_the_refresh_of_august_is_told_and_not_held(real_captures: Path, tally: Tally) -> None:
    """91 % of the rows moved a little and the order stayed, seen from every earlier week but the first."""
    weeks = seven_weeks(real_captures.parent / "weeks")
    for last, now in pairwise(weeks):
        _count(tally, fired=now.observations != last.observations, named=_held(now, last) == {})
    for last in weeks[1:5]:
        for now in weeks[5:]:
            found = {
                one.kind: one
                for one in check_reading(now, EXPECTATIONS.of(now.source), last=last, now=now.fetched_at)
            }
            named = "refreshed" in found and "91% of" in found["refreshed"].message
            _count(tally, fired=last.scale == now.scale, named=named and "rows-moved" not in found)


@pytest.mark.parametrize(
    ("price", "kinds"), [(BLENDED, {"low-coverage", "coverage-drop"}), (LIST_PRICE, set())]
)
def test_the_price_column_that_emptied_is_named_where_it_is_used(
    real_captures: Path, tally: Tally, price: dict[str, str], kinds: set[str]
) -> None:
    folder = real_captures / "artificial-analysis/site-leaderboard"
    before, after = (
        site_as_v2(folder / f"{day}-oolong-aa-leaderboards.json.gz", version=4.0, price=price)
        for day in ("2026-04-10", "2026-05-03")
    )
    held = _held(after, before)
    named = held.keys() == kinds and all("price" in one.message for one in held.values())
    _count(tally, fired=any(one.input_microusd_per_mtok for one in before.prices), named=named)


@pytest.mark.parametrize(
    ("file", "rows"),
    [
        ("2026-03-29-oolong-arena-text.json", 71),
        ("2026-04-19-oolong-arena-text.json", 50),
        ("2026-05-05-aabao-arena-text.json", 10),
    ],
)
def test_a_truncated_board_is_held_with_and_without_a_week_before(
    real_captures: Path, history: Path, tally: Tally, file: str, rows: int
) -> None:
    part = table_as_board(real_captures / "arena/site-parsed-tables" / file)
    held = _held(part, None)
    _count(tally, fired=len(part.entries) == rows, named={"too-few-names", "too-few-rows"} <= held.keys())
    assert f"{rows} names, at least 80 are expected" in held["too-few-names"].message
    boards = [step.now for step in steps_of_history(history) if step.now.source == LMARENA_TEXT]
    before = max((one for one in boards if one.fetched_at < part.fetched_at), key=lambda one: one.fetched_at)
    assert part.published_on is not None
    week_before = replace(before, published_on=part.published_on - timedelta(days=7))
    _count(tally, fired=len(before.entries) > 300, named="vanished" in _held(part, week_before))


def test_a_publish_with_many_rows_per_model_is_named(real_captures: Path, tally: Tally) -> None:
    """Rebuilt from the good publish of the same board: 32 models, one to six ratings each, 182 rows."""
    path = real_captures / "arena/hf-leaderboard-dataset/2026-07-30-mimo-tracker-search.json"
    document = load(path)
    assert isinstance(document, dict)
    rows = []
    for place, row in enumerate(document["rows"]):
        copies = 6 if place < 30 else 1
        rows += [
            dict(row, rating=row["rating"] - 0.1 * at, rating_lower=row["rating_lower"] - 1)
            for at in range(copies)
        ]
    with pytest.raises(SourceHeldError) as held:
        board(rows, at=day_of(path))
    named = "182 rows for 32 models in `overall`: a faulty publish" in str(held.value)
    _count(tally, fired=len(rows) == 182, named=named)
    assert board(document["rows"], at=day_of(path)).findings == ()


def _pairs(reading: Reading, last: Reading) -> dict[str, str]:
    found = renames(reading, last)
    assert all(
        (one.kind, one.severity, one.subject) == ("rename", Severity.WARN, reading.source) for one in found
    )
    words = (one.message.removeprefix(f"{reading.source}: ").partition(": ")[0] for one in found)
    return dict(word.removesuffix(" is new").split(" is gone and ") for word in words)


def test_every_rename_of_the_text_board_is_proposed_and_no_other_pair(
    real_captures: Path, tally: Tally
) -> None:
    for last, now in pairwise(captured(real_captures)[LMARENA_TEXT]):
        day = now.fetched_at.date().isoformat()
        _count(tally, fired=bool(RENAMED[day]), named=_pairs(now, last) == RENAMED[day])


def test_the_same_renames_are_proposed_across_weeks_that_were_missed(
    real_captures: Path, tally: Tally
) -> None:
    first, *_, last = captured(real_captures)[LMARENA_TEXT]
    known = {old: new for day in RENAMED.values() for old, new in day.items()}
    there = {entry.key for entry in first.entries}
    expected = {old: new for old, new in known.items() if old in there}
    _count(tally, fired=len(expected) > 5, named=_pairs(last, first) == expected)
    before, after = captured(real_captures)["lmarena-webdev"]
    pairs = _pairs(after, before)
    _count(tally, fired=len(pairs) == 6, named=all(known[old] == new for old, new in pairs.items()))


def test_the_same_renames_are_read_from_a_third_partys_table(real_captures: Path, tally: Tally) -> None:
    folder = real_captures / "arena/site-parsed-tables"
    last, now = (table_as_board(folder / f"2026-08-{day}-aabao-arena-text.json") for day in ("14", "15"))
    _count(tally, fired=last.entries != now.entries, named=_pairs(now, last) == RENAMED["2026-08-13"])


def test_index_names_do_not_pair(real_captures: Path, tally: Tally) -> None:
    """Keys of Artificial Analysis are ids, which stay; nothing is proposed on any real week."""
    for last, now in pairwise(captured(real_captures)[ARTIFICIAL_ANALYSIS]):
        _count(tally, fired=True, named=renames(now, last) == ())
