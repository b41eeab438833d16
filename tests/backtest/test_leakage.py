"""Nothing of a later week reaches an earlier one, whatever is planted there."""

from __future__ import annotations

import csv
import gzip
from typing import TYPE_CHECKING

import pytest

from pipeline.backtest.history import read_history
from pipeline.backtest.simulate.weekly_log import evaluate_with_log
from pipeline.domain.calendar import Week
from tests.backtest.toys import caps

if TYPE_CHECKING:
    from pathlib import Path

LAST, LATEST = Week("2026-W16"), "2026-04-13"
"""The last of eight real weeks, and its Monday; plants are put there."""
PLANT = {
    "week": LATEST,
    "date": LATEST,
    "model": "planted",
    "score": "1900",
    "ci_low": "1895",
    "ci_high": "1905",
    "votes": "90000",
    "input_price": "0.01",
    "output_price": "0.01",
    "price_known_at": LATEST,
    "backfilled": "0.0",
}
Told = dict[str, list[tuple[str, tuple[str, ...], tuple[str, ...]]]]


@pytest.fixture(scope="module")
def lines(history: Path) -> list[dict[str, str]]:
    text = gzip.decompress((history / "arena_text_weekly.csv.gz").read_bytes()).decode()
    rows = list(csv.DictReader(text.splitlines()))
    return [row for row in rows if "2026-02-23" <= row["week"] <= LATEST]


def told(folder: Path, lines: list[dict[str, str]], *, backfilled: bool = False) -> Told:
    """Every week's line-up and the reasons of its changes."""
    file = folder / "history.csv"
    with file.open("w", newline="") as stream:
        writer = csv.DictWriter(stream, list(lines[0]), restval="")
        writer.writeheader()
        writer.writerows(lines)
    past = read_history(file, backfilled_prices=backfilled)
    turns = evaluate_with_log(past, caps(), horizon=2).turns
    return {
        tier: [(turn.week, turn.held, tuple(one.reason for one in turn.changes)) for turn in weeks]
        for tier, weeks in turns.items()
    }


def before(found: Told, week: Week = LAST) -> Told:
    return {tier: [turn for turn in weeks if turn[0] < week] for tier, weeks in found.items()}


@pytest.fixture(scope="module")
def quiet(lines: list[dict[str, str]], tmp_path_factory: pytest.TempPathFactory) -> Told:
    return told(tmp_path_factory.mktemp("quiet"), lines)


def on_the_last_day(lines: list[dict[str, str]], row: dict[str, str]) -> dict[str, str]:
    return {**row, "date": next(one["date"] for one in lines if one["week"] == LATEST)}


def test_a_row_planted_in_the_last_week_changes_that_week_only(
    lines: list[dict[str, str]], quiet: Told, tmp_path: Path
) -> None:
    after = told(tmp_path, [*lines, on_the_last_day(lines, PLANT)])
    assert before(after) == before(quiet)
    assert after != quiet


def test_a_price_planted_in_the_last_week_changes_that_week_only(
    lines: list[dict[str, str]], quiet: Told, tmp_path: Path
) -> None:
    planted = [
        {**row, "input_price": "0.01", "output_price": "0.01", "backfilled": "0.0", "price_known_at": ""}
        if row["week"] == LATEST and float(row["score"]) > 1440
        else row
        for row in lines
    ]
    after = told(tmp_path, planted)
    assert before(after) == before(quiet)
    assert after != quiet


@pytest.mark.parametrize(
    "late",
    [{"price_known_at": "2026-04-20", "backfilled": "0.0"}, {"price_known_at": "", "backfilled": "1.0"}],
)
def test_a_price_known_later_is_unknown_in_every_earlier_week_unless_it_is_asked_for(
    lines: list[dict[str, str]], tmp_path: Path, late: dict[str, str]
) -> None:
    """The best model of every week, at a cent, as somebody knew afterwards."""
    best = {row["week"]: max((r for r in lines if r["week"] == row["week"]), key=_score) for row in lines}
    unpriced = [
        {**row, "input_price": "", "output_price": ""} if row is best[row["week"]] else row for row in lines
    ]
    planted = [
        {**row, "input_price": "0.01", "output_price": "0.01", **late} if row is best[row["week"]] else row
        for row in lines
    ]
    assert told(tmp_path, planted) == told(tmp_path, unpriced)
    assert told(tmp_path, planted, backfilled=True) != told(tmp_path, unpriced, backfilled=True)


def test_a_later_history_only_adds_weeks(lines: list[dict[str, str]], quiet: Told, tmp_path: Path) -> None:
    cut = [row for row in lines if row["week"] < LATEST]
    assert told(tmp_path, cut) == before(quiet)


def _score(row: dict[str, str]) -> float:
    return float(row["score"])
