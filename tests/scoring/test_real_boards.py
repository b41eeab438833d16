"""The method on real boards: it must find what was measured when the method was written."""

from __future__ import annotations

import csv
import gzip
import json
import math
from itertools import groupby
from typing import TYPE_CHECKING

import pytest

from pipeline.domain.ids import VariantId
from pipeline.scoring.quality.equate import LOGITS_PER_ELO
from pipeline.scoring.scoreboard import score

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.domain.crosswalk import Measure
    from pipeline.domain.policy import Policy
    from pipeline.domain.score import Scoreboard
    from tests.scoring.conftest import Make


def weeks(folder: Path, make: Make) -> dict[str, list[Measure]]:
    """Both boards side by side, from 2026-04-06 to 2026-05-25."""
    with gzip.open(folder / "two_board_weekly.csv.gz", "rt") as file:
        rows = sorted(csv.DictReader(file), key=lambda row: row["week"])
    found: dict[str, list[Measure]] = {}
    for week, group in groupby(rows, key=lambda row: row["week"]):
        found[week] = []
        for row in group:
            rating, half = float(row["score"]), (float(row["ci_high"]) - float(row["ci_low"])) / 2
            found[week].append(
                make.arena(row["slug"], rating, half_width=half, votes=int(float(row["votes"])))
            )
            found[week].append(make.index(row["slug"], float(row["index"]), scale="aa-4.0"))
    return found


def scored(make: Make, policy: Policy, measures: list[Measure]) -> Scoreboard:
    crosswalk = make.crosswalk(*sorted({str(measure.variant) for measure in measures}))
    return score("general", make.resolution(*measures), crosswalk, policy)


def test_two_boards_equate_as_measured(history: Path, make: Make, policy: Policy) -> None:
    found = weeks(history, make)
    assert len(found) == 8
    for week, measures in found.items():
        fit = scored(make, policy, measures).fits[0]
        tau_elo = fit.tau / LOGITS_PER_ELO
        assert 0.65 <= fit.r2 <= 0.80, week
        assert 15 <= tau_elo <= 35, week
        assert fit.merged
        assert 130 <= fit.n <= 182


def test_both_boards_weigh_nearly_the_same_and_widen_by_the_same_tau(
    history: Path, make: Make, policy: Policy
) -> None:
    board = scored(make, policy, weeks(history, make)["2026-05-25"])
    tau = board.fits[0].tau
    shares = []
    for entry in board.scores.values():
        arena, index = (1 / (one.se**2 + tau**2) for one in entry.boards)
        shares.append(arena / (arena + index))
    assert 0.5 <= sorted(shares)[len(shares) // 2] <= 0.55
    assert all(entry.sigma < tau for entry in board.scores.values() if entry.boards[0].se < tau / 3)


def arena_rows(folder: Path, make: Make, name: str) -> list[Measure]:
    path = folder / "arena" / "hf-leaderboard-dataset" / name
    rows = json.loads(gzip.decompress(path.read_bytes()))["rows"]
    return [
        make.arena(
            row["model_name"],
            row["rating"],
            half_width=(row["rating_upper"] - row["rating_lower"]) / 2,
            votes=int(row["vote_count"]),
        )
        for row in rows
        if row["category"] == "overall"
    ]


@pytest.mark.parametrize("day", ["2026-06-30", "2026-07-17", "2026-07-30", "2026-08-12", "2026-08-13"])
def test_a_real_board_is_anchored_on_long_listed_variants(
    real_captures: Path, make: Make, policy: Policy, day: str
) -> None:
    measures = arena_rows(real_captures, make, f"{day}-mimo-tracker-text_style_control.json.gz")
    board = scored(make, policy, measures)
    votes = {measure.variant: measure.observation.votes or 0 for measure in measures}
    assert len(board.scores) == len(measures) > 360
    assert min(votes[VariantId(name)] for name in board.anchors) > 50_000
    assert all(math.isfinite(entry.theta) and abs(entry.theta) < 4 for entry in board.scores.values())
    ranked = sorted(measures, key=lambda measure: measure.observation.value)
    thetas = [board.scores[measure.variant].theta for measure in ranked]
    assert thetas == sorted(thetas)


def test_in_four_weeks_variants_keep_their_distances(real_captures: Path, make: Make, policy: Policy) -> None:
    """Fifteen anchors let the zero itself move by a few points only; five let it move by 88."""
    quality = policy.quality.model_copy(update={"anchor_count": 15})
    fifteen = policy.model_copy(update={"quality": quality})
    before, after = (
        scored(
            make, fifteen, arena_rows(real_captures, make, f"{day}-mimo-tracker-text_style_control.json.gz")
        )
        for day in ("2026-07-17", "2026-08-13")
    )
    moves = sorted(
        (after.scores[name].theta - entry.theta) / LOGITS_PER_ELO
        for name, entry in before.scores.items()
        if name in after.scores
    )
    median = moves[len(moves) // 2]
    assert len(moves) > 300
    assert abs(median) < 5
    assert sum(abs(move - median) < 5 for move in moves) / len(moves) > 0.95
