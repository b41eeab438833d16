"""Tiers on a board of their own: left out without it; a further or a missing tier supposed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from pipeline.domain.score import Cost
from pipeline.flow.questions.whatif import Scenario, whatif
from pipeline.flow.replay.last_run import last_run
from pipeline.settings import Settings
from pipeline.workspace import Workspace

if TYPE_CHECKING:
    from pathlib import Path

    from tests.example import Example

SETTINGS = Settings()


def test_a_week_without_the_coding_board_proposes_the_other_tiers(example: Example) -> None:
    pool = json.loads((example.folder / "data/pools/v0001.json").read_text())["signed"]
    assert set(pool["tiers"]) == {"frugal", "balanced", "premium"}
    proposal = json.loads((example.folder / "reviews/2026-W22/proposal.json").read_text())
    told = {(line["kind"], line["subject"]): line["message"] for line in proposal["findings"]}
    assert "balanced-coding, premium-coding cannot be judged" in told["silent", "lmarena-webdev"]
    assert "The pool leaves the tier out." in told["empty-tier", "balanced-coding"]


def test_the_week_with_the_board_fills_them_from_two_vendors_and_tells_their_fit(ran: Example) -> None:
    proposal = json.loads((ran.folder / "reviews/2026-W33/proposal.json").read_text())
    for name in ("balanced-coding", "premium-coding"):
        members = proposal["pool"]["tiers"][name]["members"]
        assert len(members) == 3
        assert len({member["vendor"] for member in members}) >= 2
    fit = next(one for one in proposal["fits"] if one["evidence"] == "coding")
    assert (fit["metric"], fit["merged"], fit["n"]) == ("aa/coding", True, 24)
    assert float(fit["r2"]) > 0.8
    assert 30 < float(fit["tau_elo"]) < 37


def test_coding_is_paid_for_its_own_mix(ran: Example) -> None:
    boards = last_run(Workspace(ran.folder), SETTINGS).assess().scoreboards
    costs = {
        evidence: {name: one.cost for name, one in board.scores.items() if isinstance(one.cost, Cost)}
        for evidence, board in boards.items()
    }
    both = costs["general"].keys() & costs["coding"].keys()
    assert len(both) > 20
    assert all(costs["coding"][one].usd_per_task > 1.5 * costs["general"][one].usd_per_task for one in both)


def test_a_tier_like_another_and_one_less_are_supposed_without_writing(ran: Example) -> None:
    reviews = {path: path.read_bytes() for path in (ran.folder / "reviews").rglob("*") if path.is_file()}
    policy = (ran.folder / "data/policy/tiers.toml").read_bytes()
    like = Scenario(add_tiers=("cheap-coding=balanced-coding",), drop_tiers=("premium",))
    tiers = {str(tier.tier): tier for tier in whatif(Workspace(ran.folder), SETTINGS, like).tiers}
    assert "premium" not in tiers
    new, old = tiers["cheap-coding"], tiers["balanced-coding"]
    assert [one.variant for one in new.supposed] == [one.variant for one in old.supposed]
    assert (new.published, new.selected) == ((), ())
    answer = ran("whatif", "--add-tier", "small=frugal", "--set", "tiers.small.k=1", "--json")
    found = {tier["tier"]: tier for tier in json.loads(answer.out)["tiers"]}
    assert len(found["small"]["supposed"]) == 1
    assert {path: path.read_bytes() for path in reviews} == reviews
    assert (ran.folder / "data/policy/tiers.toml").read_bytes() == policy


@pytest.mark.parametrize("added", ["new", "frugal=premium", "x=nobody", "Upper=frugal"])
def test_a_tier_that_cannot_be_added_is_a_usage_error(ran: Example, added: str) -> None:
    answer = ran("whatif", "--add-tier", added)
    assert answer.code == 2, (answer.out, answer.err)
    assert " hint: " in answer.err
    assert ran("whatif", "--drop-tier", added).code == 2


def test_a_named_mix_is_replaced_from_a_file(ran: Example, tmp_path: Path) -> None:
    kind = 'name = "long"\nshare = 1.0\ntokens_in = 900000.0\ntokens_out = 10.0\ncached_share = 0.0\n'
    path = tmp_path / "mix.toml"
    path.write_text(f"[[task_mixes.coding]]\n{kind}")
    tiers = whatif(Workspace(ran.folder), SETTINGS, Scenario(task_mix=path)).tiers
    found = {str(one.tier): one for one in tiers}
    frugal, coding = found["frugal"], found["premium-coding"]
    assert frugal.supposed == frugal.selected
    assert [one.usd_per_task for one in coding.supposed] != [one.usd_per_task for one in coding.selected]
    path.write_text(f"[[task_mixes.nobody]]\n{kind}")
    assert ran("whatif", "--task-mix", str(path)).code == 2


def test_why_not_names_the_line_of_the_policy_that_lifts_the_rule(ran: Example) -> None:
    answer = ran("why-not", "gpt-5.6-sol@high", "--tier", "balanced")
    assert "policy: tiers.balanced.ceiling_usd_per_task = " in answer.out
