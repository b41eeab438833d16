"""What is lost on both boards, computed a second time from the table's own lines."""

from __future__ import annotations

import csv
import gzip
import statistics
from datetime import date
from typing import TYPE_CHECKING

import pytest

from pipeline.backtest.evaluate import evaluate_baseline
from pipeline.backtest.history import read_history
from tests.backtest.toys import caps

if TYPE_CHECKING:
    from pathlib import Path

CEILINGS = {"frugal": 0.5, "balanced": 3.0, "premium": 20.0}
WEEKS_LATER = 4
PUBLISHED_WITHIN = {"arena": 6.0, "artificial_analysis": 2.0}
"""The published figures are means of eighteen weeks, these of the eight that are public: four are judged."""
PUBLISHED = {"frugal": (11.6, 0.7), "balanced": (7.4, 0.8), "premium": (1.1, 1.3)}

Lines = dict[str, dict[str, float]]
"""By model: `score`, `index` and `lp`, the blended list price, 0 where unknown."""


def weeks_of(file: Path) -> dict[date, Lines]:
    found: dict[date, Lines] = {}
    for row in csv.DictReader(gzip.decompress(file.read_bytes()).decode().splitlines()):
        cells = {name: float(row[name] or 0) for name in ("score", "index", "lp")}
        found.setdefault(date.fromisoformat(row["week"]), {})[row["model"]] = cells
    return found


def ranked(lines: Lines) -> list[str]:
    """Best mean percentile rank first, then the better rating."""

    def rank(model: str, name: str) -> float:
        return sum(
            (one[name] < lines[model][name]) + 0.5 * (one[name] == lines[model][name])
            for one in lines.values()
        )

    return sorted(
        lines, key=lambda model: (-rank(model, "score") - rank(model, "index"), -lines[model]["score"])
    )


def lost(weeks: dict[date, Lines], ceiling: float, name: str, members: int) -> float:
    """Mean over the weeks of what the first picks lost on one board, four weeks later."""
    losses = []
    for monday, lines in weeks.items():
        later = next((other for day, other in weeks.items() if (day - monday).days >= 7 * WEEKS_LATER), None)
        if later is None:
            continue
        buyable = {model: cells for model, cells in lines.items() if 0 < cells["lp"] <= ceiling}
        ours = [later[model][name] for model in ranked(buyable)[:members] if model in later]
        reachable = sorted((later[model][name] for model in buyable if model in later), reverse=True)
        losses.append(statistics.fmean(reachable[: len(ours)]) - statistics.fmean(ours))
    return statistics.fmean(losses)


def test_the_mean_percentile_rank_loses_what_the_lines_say(history: Path) -> None:
    file = history / "two_board_weekly.csv.gz"
    (card,) = evaluate_baseline(read_history(file), caps(), ["percentile-rank"], horizon=WEEKS_LATER)
    weeks = weeks_of(file)
    for tier, ceiling in CEILINGS.items():
        for board, name in (("arena", "score"), ("artificial_analysis", "index")):
            found = card.boards[board][tier]
            assert found["regret_first"] == pytest.approx(lost(weeks, ceiling, name, 1))
            assert found["regret_pool"] == pytest.approx(lost(weeks, ceiling, name, 3))


def test_the_public_weeks_come_near_the_published_figures(history: Path) -> None:
    past = read_history(history / "two_board_weekly.csv.gz")
    (card,) = evaluate_baseline(past, caps(), ["percentile-rank"], horizon=WEEKS_LATER)
    for tier, figures in PUBLISHED.items():
        for board, published in zip(PUBLISHED_WITHIN, figures, strict=True):
            found = card.boards[board][tier]["regret_first"]
            assert found == pytest.approx(published, abs=PUBLISHED_WITHIN[board])
