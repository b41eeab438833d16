"""`modelpool backtest` as an operator runs it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from pipeline.backtest.evaluate import evaluate_baseline
from pipeline.backtest.history import clip_weeks, read_history
from pipeline.cli.app import app
from pipeline.domain.calendar import Week
from tests.backtest.toys import ROOT, SHIPPED, caps, shipped

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.backtest.metrics.scorecard import Scorecard

MEASURES = {
    "value_regret_first",
    "value_regret_bands",
    "value_regret_vendor_down",
    "value_regret_first_12_weeks",
    "value_regret_bands_12_weeks",
    "value_regret_vendor_down_12_weeks",
    "noise_swaps",
    "wrong_entrants",
    "outsider_dominated",
    "usd_per_1000_tasks",
    "regret_first",
    "regret_pool",
    "regret_with_launches",
    "dominated",
    "churn",
    "noise_swaps_elo",
    "back_within_8",
    "filled",
    "median_price",
    "weeks_to_adopt",
}

# Frugal, balanced, premium of the published table; its span ends 12 weeks after the history's.
PUBLISHED = {
    "top-score": {
        "regret_first": (0.9, 2.8, 0.4),
        "dominated": (0.25, 0.27, 0.24),
        "churn": (0.14, 0.17, 0.14),
        "noise_swaps_elo": (0.34, 0.37, 0.30),
        "back_within_8": (0.16, 0.19, 0.15),
        "filled": (1, 1, 1),
        "median_price": (0.28, 1.1, 6.8),
    },
    "hysteresis": {
        "regret_first": (0.9, 2.9, 0.4),
        "dominated": (0.28, 0.28, 0.25),
        "churn": (0.11, 0.13, 0.12),
        "noise_swaps_elo": (0, 0.02, 0),
        "back_within_8": (0.11, 0.07, 0.08),
    },
    "pareto": {
        "dominated": (0, 0, 0),
        "churn": (0.17, 0.21, 0.18),
        "back_within_8": (0.26, 0.26, 0.19),
        "filled": (0.96, 0.99, 1),
        "median_price": (0.17, 0.80, 5.2),
    },
    "tied-cheapest": {
        "churn": (0.09, 0.13, 0.09),
        "filled": (0.53, 0.59, 0.62),
    },
    "never": {"dominated": (0.97, 0.96, 0.93), "churn": (0, 0, 0), "filled": (1, 1, 1)},
}
NEAR = {
    "regret_first": 0.6,
    "dominated": 0.06,
    "churn": 0.025,
    "noise_swaps_elo": 0.05,
    "back_within_8": 0.08,
    "filled": 0.04,
    "median_price": 2.1,
}


def run(*arguments: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, ["backtest", *arguments])
    return done.exit_code, done.stdout, done.stderr


def toy(folder: Path) -> Path:
    """Six weeks of five models, the second board included."""
    lines = ["week,date,model,score,ci_low,ci_high,votes,input_price,output_price,index"]
    for week, day in enumerate(("01-05", "01-12", "01-19", "01-26", "02-02", "02-09")):
        for place, model in enumerate("abcde"):
            score = 1300 - 10 * place + week * place
            price = 0.1 * (5 - place)
            lines.append(
                f"2026-{day},2026-{day},{model},{score},{score - 4},{score + 4},9000,{price},{price},"
                f"{50 - place}"
            )
    file = folder / "toy.csv"
    file.write_text("\n".join(lines) + "\n")
    return file


def test_the_json_document_has_every_tier_measure_and_board(tmp_path: Path) -> None:
    code, out, _ = run("--history", str(toy(tmp_path)), "--policy", str(SHIPPED), "--horizon", "2", "--json")
    document = json.loads(out)
    assert code == 0
    assert document["policy"] == "starter"
    assert list(document["tiers"]) == ["frugal", "balanced", "premium"]
    assert all(set(measures) == MEASURES for measures in document["tiers"].values())
    assert set(document["boards"]) == {"arena", "artificial_analysis"}
    assert (
        document["boards"]["arena"]["frugal"]["regret_first"] == document["tiers"]["frugal"]["regret_first"]
    )
    assert document["tiers"]["frugal"]["filled"] == 1


def test_compare_puts_every_naive_policy_beside(tmp_path: Path) -> None:
    file = str(toy(tmp_path))
    code, out, _ = run("--history", file, "--policy", str(SHIPPED), "--compare", "all", "--json")
    names = [card["policy"] for card in json.loads(out)["compared"]]
    assert code == 0
    assert names[:2] == ["random", "top-score"]
    assert names[-1] == "z-score"
    assert len(names) == len(set(names)) == 20
    code, out, _ = run("--history", file, "--policy", str(SHIPPED), "--compare", "pareto")
    assert code == 0
    assert "pareto" in out
    assert "6 tables, 2026-W02 to 2026-W07" in out


def test_the_span_is_cut_before_anybody_looks(tmp_path: Path) -> None:
    file = toy(tmp_path)
    arguments = ("--policy", str(SHIPPED), "--horizon", "1", "--json", "--to", "2026-W05")
    _, before, _ = run("--history", str(file), *arguments)
    with file.open("a") as more:
        more.write("2026-02-16,2026-02-16,f,1900,1890,1910,9000,0.01,0.01,99\n")
    _, after, _ = run("--history", str(file), *arguments)
    assert before == after
    assert json.loads(before)["span"]["to"] == "2026-W05"


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        (("--from", "2031-W01"), "no week of the history"),
        (("--from", "spring"), "not an ISO week"),
        (("--horizon", "0"), "--horizon 0"),
        (("--seed", "-1"), "--seed -1"),
        (("--compare", "luck"), "no naive policy 'luck'"),
    ],
)
def test_a_wrong_option_is_told_with_exit_2(tmp_path: Path, arguments: tuple[str, str], found: str) -> None:
    code, _, told = run("--history", str(toy(tmp_path)), "--policy", str(SHIPPED), *arguments)
    assert code == 2
    assert found in told


def test_a_wrong_file_is_told_with_exit_2(tmp_path: Path) -> None:
    code, _, told = run("--history", str(tmp_path / "none.csv"), "--policy", str(SHIPPED))
    assert (code, "none.csv" in told) == (2, True)


def test_the_seed_rolls_the_dice_of_random(tmp_path: Path) -> None:
    def random(seed: str) -> object:
        arguments = ("--compare", "random", "--seed", seed, "--horizon", "1", "--json")
        _, out, _ = run("--history", str(toy(tmp_path)), "--policy", str(SHIPPED), *arguments)
        return json.loads(out)["compared"][0]["tiers"]

    assert random("1") == random("1") != random("2")


def test_the_naive_baselines_are_those_of_the_published_table(history: Path) -> None:
    """Back-filled prices, as the published ones; nearly the same weeks."""
    whole = read_history(history / "arena_text_weekly.csv.gz", backfilled_prices=True)
    span = clip_weeks(whole, Week("2023-W49"), None)
    cards = {card.policy: card for card in evaluate_baseline(span, caps(), list(PUBLISHED), horizon=12)}
    far = [
        (policy, measure, published, tier, round(found, 3))
        for policy, measures in PUBLISHED.items()
        for measure, cells in measures.items()
        for tier, published in zip(("frugal", "balanced", "premium"), cells, strict=True)
        if abs((found := measured(cards[policy], tier, measure)) - published) > NEAR[measure]
    ]
    assert far == []


def measured(card: Scorecard, tier: str, measure: str) -> float:
    found = card.tiers[tier][measure]
    return 0.0 if found is None else found


MOST = {
    "value_regret_first": (0.6, 0.5, 0.2),
    "value_regret_bands": (2.4, 1.2, 0.6),
    "value_regret_vendor_down": (0.5, 1.1, 0.7),
    "noise_swaps": (0, 0, 0),
    "wrong_entrants": (0.34, 0.26, 0.13),  # 2 of 6, 2 of 8 and 1 of 9 swaps
    "outsider_dominated": (0.05, 0.05, 0.05),
    "churn": (0.10, 0.10, 0.10),
    "back_within_8": (0.05, 0.05, 0.03),
}
"""Frugal, balanced, premium: a little above what was measured when the rule came."""


def test_the_shipped_policy_reaches_its_numbers_on_the_public_history(history: Path) -> None:
    """Prices as they were known then; vendors and efforts by name."""
    table = str(history / "arena_text_weekly.csv.gz")
    typed = ("--workspace", str(ROOT), "--from", "2024-W10", "--json")
    code, out, _ = run("--history", table, *typed)
    tiers = json.loads(out)["tiers"]
    above = [
        (tier, measure, tiers[tier][measure])
        for measure, limits in MOST.items()
        for tier, limit in zip(("frugal", "balanced", "premium"), limits, strict=True)
        if tiers[tier][measure] > limit
    ]
    assert (code, above) == (0, [])


def test_who_asks_for_value_loses_less_of_it_than_who_asks_for_points(history: Path) -> None:
    past = clip_weeks(read_history(history / "arena_text_weekly.csv.gz"), Week("2025-W01"), None)
    cards = {
        card.policy: card
        for card in evaluate_baseline(past, shipped(), ["best-value", "top-score"], horizon=4)
    }
    for tier in shipped().tiers:
        lost = [cards[name].tiers[tier]["value_regret_first"] for name in ("best-value", "top-score")]
        assert lost[0] is not None
        assert lost[1] is not None
        assert lost[0] < lost[1]
