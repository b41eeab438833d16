"""The shipped numbers: each has its reason beside it, and they separate what they should separate."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pipeline.policy.load import load_policy

FOLDER = Path(__file__).resolve().parents[2] / "data" / "policy"
KEY = re.compile(r"\s*[\w\"'.-]+\s*=")
COMMENT = re.compile(r"#\s*\S+\s+\S+")


def without_reason(text: str) -> list[int]:
    """The lines that set a constant with no comment of two words on the line or directly above."""
    above, found = "", []
    for number, line in enumerate(text.split("\n"), start=1):
        reasoned = COMMENT.search(line) or (above.lstrip().startswith("#") and COMMENT.search(above))
        if KEY.match(line) and not reasoned:
            found.append(number)
        above = line
    return found


@pytest.mark.parametrize("name", ["tiers.toml", "expectations.toml", "lateness.toml"])
def test_every_constant_carries_its_reason(name: str) -> None:
    path = FOLDER / name
    if not path.is_file():
        pytest.skip(f"{name} is not part of this workspace")
    assert without_reason(path.read_text()) == [], f"lines of {name} without a reason"


def test_the_search_for_reasons_finds_a_constant_without_one() -> None:
    text = "# a reason\na = 1\nb = 2\nc = 3  # its reason\n\n# apart\n\nd = 4\ne = 5 #\n[table]\n'f' = 6\n"
    assert without_reason(text) == [3, 8, 9, 11]


def cost(price_in: float, price_out: float, verbosity: float) -> float:
    """Dollars per mean task of the shipped mix, all input at the uncached price (method section 4)."""
    kinds = load_policy(FOLDER / "tiers.toml")[0].task_mix
    return sum(k.share * (k.tokens_in * price_in + k.tokens_out * verbosity * price_out) for k in kinds) / 1e6


@pytest.mark.parametrize(
    ("price_in", "price_out", "verbosity", "tier"),
    [
        (0.14, 0.28, 1, "frugal"),
        (0.14, 0.28, 9, "frugal"),
        (0.435, 0.87, 9, "frugal"),
        (0.95, 4.0, 7, "balanced"),
        (2.0, 10.0, 9, "balanced"),
        (5.0, 25.0, 1, "balanced"),
        (2.5, 15.0, 9, "premium"),
        (5.0, 25.0, 9, "premium"),
        (5.0, 30.0, 13, "premium"),
    ],
)
def test_the_ceilings_separate_the_classes_of_models(
    price_in: float, price_out: float, verbosity: float, tier: str
) -> None:
    tiers = load_policy(FOLDER / "tiers.toml")[0].tiers
    usd = cost(price_in, price_out, verbosity)
    fits = [
        name
        for name, rule in tiers.items()
        if rule.ceiling_usd_per_task is None or usd <= rule.ceiling_usd_per_task
    ]
    assert fits[0] == tier
    assert list(tiers)[:3] == ["frugal", "balanced", "premium"]


def test_the_table_in_the_file_states_the_costs_the_mix_gives() -> None:
    stated = re.findall(r"(\d+\.\d+)/(\d+\.\d+) @ (\d+) +(\d\.\d{4})", (FOLDER / "tiers.toml").read_text())
    assert len(stated) == 9
    for price_in, price_out, verbosity, usd in stated:
        assert f"{cost(float(price_in), float(price_out), float(verbosity)):.4f}" == usd


def test_the_values_are_those_of_the_method() -> None:
    policy, _ = load_policy(FOLDER / "tiers.toml")
    assert {
        name: (t.floor_elo_below_reference, t.ceiling_usd_per_task, t.lambda_usd, t.k)
        for name, t in policy.tiers.items()
    } == {
        "frugal": (150, 0.002, 0.004, 3),
        "balanced": (75, 0.015, 0.05, 3),
        "premium": (25, None, 0.5, 3),
        "balanced-coding": (200, 0.045, 0.15, 3),
        "premium-coding": (75, None, 1.5, 3),
    }
    assert (policy.draws, policy.bands) == (2000, {"simple": 0.3, "medium": 1.0, "complex": 3.0})
    ladder = policy.cost.effort_ladder
    assert [ladder[e] for e in ("none", "minimal", "low", "medium", "on", "high", "xhigh", "max")] == [
        1, 0.8, 2.3, 4.6, 7, 9, 13, 17
    ]  # fmt: skip
    assert ladder["none"] < ladder["default"] < ladder["max"]


@pytest.mark.parametrize(
    ("price_in", "price_out", "verbosity", "fits"),
    [(0.14, 0.28, 9, True), (2.0, 10.0, 9, True), (5.0, 25.0, 1, True), (2.5, 15.0, 9, False)],
)
def test_the_coding_ceiling_separates_the_classes_as_balanced_does(
    price_in: float, price_out: float, verbosity: float, *, fits: bool
) -> None:
    """Cached input at a tenth of the input price, as the vendors of these classes bill it."""
    policy, _ = load_policy(FOLDER / "tiers.toml")
    usd = sum(
        kind.share
        * (kind.tokens_in * (1 - 0.9 * kind.cached_share) * price_in + kind.billed_out(verbosity) * price_out)
        for kind in policy.paying_for("coding").task_mix
    )
    ceiling = policy.tiers["balanced-coding"].ceiling_usd_per_task
    assert ceiling is not None
    assert (usd / 1e6 <= ceiling) is fits


def test_the_coding_mix_is_described_as_it_is() -> None:
    mix = load_policy(FOLDER / "tiers.toml")[0].task_mixes["coding"]
    assert sum(kind.share * kind.tokens_in for kind in mix) == pytest.approx(8_550)
    assert sum(kind.share * kind.tokens_out for kind in mix) == pytest.approx(622.5)
