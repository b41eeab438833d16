"""Boards that fit about as well as is asked stay as the last proposal said: merged, or not."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from pipeline.flow.record.config import read_config
from pipeline.flow.replay.last_run import last_run
from pipeline.flow.run.score import with_remembered_merges
from pipeline.review.proposals.proposal_store import Reviews
from pipeline.settings import Settings
from pipeline.workspace import Workspace

if TYPE_CHECKING:
    from tests.example import Example


def asked(example: Example, least: float, band: float) -> None:
    """Ask for a fit in the policy of the workspace."""
    file = example.folder / "data/policy/tiers.toml"
    text = file.read_text()
    assert "min_r2 = 0.5\n" in text
    assert "r2_band = 0.05\n" in text
    file.write_text(
        text.replace("min_r2 = 0.5\n", f"min_r2 = {least}\n").replace(
            "r2_band = 0.05\n", f"r2_band = {band}\n"
        )
    )


def general(example: Example) -> bool:
    """Run the second week; tell whether the general boards are merged in what it proposes."""
    answer = example.run()
    assert answer.code in {0, 10}, answer.err
    proposal = json.loads((example.folder / "reviews/2026-W33/proposal.json").read_bytes())
    (fit,) = (one for one in proposal["fits"] if one["evidence"] == "general")
    return bool(fit["merged"])


def r2_of_the_second_week(example: Example) -> float:
    board = last_run(Workspace(example.folder), Settings()).assess().scoreboards["general"]
    return board.fits[0].r2


@pytest.mark.parametrize(("band", "merged"), [(0.05, True), (0.0, False)])
def test_boards_that_were_merged_part_only_below_the_band(
    example: Example,
    ran: Example,
    band: float,
    merged: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    asked(example, round(r2_of_the_second_week(ran) + 0.02, 3), band)
    assert general(example) is merged


def test_the_state_is_that_of_the_last_proposal_of_an_earlier_week(ran: Example) -> None:
    workspace = Workspace(ran.folder)
    rules, reviews = read_config(workspace), Reviews(workspace.reviews)
    assert with_remembered_merges(rules, reviews, "2026-W22").merged_before == {}
    assert with_remembered_merges(rules, reviews, "2026-W33").merged_before["general"] is True
    assert last_run(workspace, Settings()).rules.merged_before["general"] is True


def test_the_policy_moves_its_least_fit_towards_the_last_state(ran: Example) -> None:
    policy = read_config(Workspace(ran.folder)).policy
    asked_for = [policy.with_merged(merged=state).quality.min_r2 for state in (True, None, False)]
    assert asked_for == pytest.approx([0.45, 0.5, 0.55])
