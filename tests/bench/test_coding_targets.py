"""The coding mix orders what public coding runs cost, whole edits and agents' requests alike."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import pytest

from pipeline.policy.load import load_policy
from tests.bench.coding_targets import RUNS, likeliest_turn, misses, read_runs, tables, wrong_pairs
from tests.bench.cost_targets import ROOT

if TYPE_CHECKING:
    from pipeline.domain.policy import Policy


@pytest.fixture(scope="module")
def policy() -> Policy:
    return load_policy(ROOT / "data" / "policy" / "tiers.toml")[0]


@pytest.mark.parametrize(("kind", "at_most"), [("whole edits", 0.08), ("agent, a request", 0.10)])
def test_the_coding_mix_orders_public_runs(policy: Policy, kind: str, at_most: float) -> None:
    wrong, _ = wrong_pairs(tables()[kind], policy.task_mixes["coding"], policy)
    assert wrong <= at_most


def test_the_agent_turn_alone_orders_requests_no_worse_than_the_general_mix(policy: Policy) -> None:
    runs, turn = tables()["agent, a request"], policy.task_mixes["coding"][0]
    alone = (turn.model_copy(update={"share": 1.0}),)
    assert wrong_pairs(runs, alone, policy)[0] <= wrong_pairs(runs, policy.task_mix, policy)[0]


def test_a_turn_that_draws_a_sixth_of_the_reasoning_misses_the_dollars_by_more(policy: Policy) -> None:
    runs, turn = tables()["agent, a request"], policy.task_mixes["coding"][0]
    misses = [likeliest_turn(runs, turn.cached_share, share, policy)[2] for share in (0.17, 0.5)]
    assert misses[0] > 1.05 * misses[1]
    wrong = {
        share: wrong_pairs(runs, (turn.model_copy(update={"share": 1.0, "reasoning_share": share}),), policy)[
            0
        ]
        for share in (0.17, turn.reasoning_share)
    }
    assert wrong[0.17] > wrong[turn.reasoning_share] + 0.02


def test_the_shipped_turn_meets_the_dollars_about_as_well_as_the_best(policy: Policy) -> None:
    turn, runs = policy.task_mixes["coding"][0], tables()["agent, a request"]
    *_, least = likeliest_turn(runs, turn.cached_share, turn.reasoning_share, policy)
    miss, ratio = misses(runs, turn, policy)
    assert miss < 1.02 * least
    assert ratio == pytest.approx(1.0, abs=0.05)


def test_every_public_run_is_named_once_and_can_be_costed(policy: Policy) -> None:
    with RUNS.open(newline="") as table:
        rows = list(csv.DictReader(line for line in table if not line.startswith("#")))
    names = [(row["kind"], row["model"], row["effort"], row["date"]) for row in rows]
    assert len(names) == len(set(names)) == len(read_runs())
    for run in read_runs():
        cache = run.price.cache_read_microusd_per_mtok
        assert run.effort in policy.cost.effort_ladder
        assert run.usd > 0
        assert cache is None or cache < run.price.input_microusd_per_mtok
