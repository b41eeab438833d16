"""A real week in which the index cannot be put on the Arena's scale: said, and a floor on each board."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Final

import pytest

from pipeline.domain.ids import MetricName, VariantId
from pipeline.flow.replay.last_run import last_run
from pipeline.flow.run.score import score_resolved
from pipeline.pools.worth.floor import failed_floors, floor_of
from pipeline.review.proposals.proposal_store import read_proposal
from pipeline.scoring.counterfactual import with_score
from pipeline.settings import Settings
from pipeline.workspace import Workspace

if TYPE_CHECKING:
    from pathlib import Path

    from tests.example import Example

INDEX: Final = MetricName("aa/coding")
TIERS: Final = ("balanced-coding", "premium-coding")


@pytest.fixture
def poor(example: Example, real_captures: Path) -> Example:
    """The first week of a new workspace: the index of 2026-06-22, days after its coding index was re-based.

    Few of its rows have the new index yet: 11 variants are on both boards, R2 .69, so tau is assumed.
    """
    for name in ("reviews", "data/pools", "data/raw"):
        shutil.rmtree(example.folder / name)
    boards, sample = real_captures / "arena/hf-leaderboard-dataset", example.folder / "data/sample"
    index = "artificial-analysis/api-legacy-v2-data/2026-06-22-model-market-comparison.json"
    given = {
        "artificial-analysis": real_captures / index,
        "lmarena-webdev": boards / "2026-06-30-mimo-tracker-webdev.json",
        "lmarena-text": boards / "2026-06-30-mimo-tracker-text_style_control.json.gz",
        "openrouter": sample / "2026-W33/2026-06-15-openrouter.json",
        "genai-prices": next((sample / "2026-W22").glob("*genai-prices.json")),
    }
    captures = [word for source, path in given.items() for word in ("--captures", f"{source}={path}")]
    answer = example("run", *captures, "--week", "2026-W27", "--now", "2026-07-04T12:00:00Z")
    assert answer.code == 10, answer.out
    return example


def test_a_poor_fit_of_real_boards_is_not_merged_and_two_floors_hold(poor: Example) -> None:
    folder = poor.folder / "reviews/2026-W27"
    proposal = json.loads((folder / "proposal.json").read_bytes())
    fits = {one["evidence"]: one for one in proposal["fits"]}
    assert (fits["coding"]["merged"], fits["general"]["merged"]) == (False, True)
    assert fits["coding"]["n"] == 11
    assert float(fits["coding"]["r2"]) == pytest.approx(0.69, abs=0.01)
    (told,) = (one for one in proposal["findings"] if one["kind"] == "poor-fit")
    assert (told["subject"], told["severity"]) == ("coding", "warn")
    assert "11 variants on both (at least 15)" in told["message"]
    assert (
        "balanced-coding, premium-coding: a floor on each board, rank on the Arena alone." in told["message"]
    )
    for page in ("report.html", "proposal.md"):
        assert "not merged: floor on both boards, rank on the Arena" in (folder / page).read_text()

    last = last_run(Workspace(poor.folder), Settings())
    resolution, board = last.assess().resolution, last.assess().scoreboards["coding"]
    members = {
        name: [one.variant for one in tier.members]
        for name, tier in read_proposal(folder).proposal.pool.tiers.items()
        if name in TIERS
    }
    assert all(members[name] for name in TIERS)
    for name in TIERS:
        tier = last.rules.policy.tiers[name]
        floor = floor_of(tier, board)
        assert [metric for metric, _ in floor.boards] == [INDEX]
        assert all(failed_floors(floor, board.scores[VariantId(one)]) is None for one in members[name])
    both = [name for name, score in board.scores.items() if len(score.boards) == 2]
    assert len(both) == 11
    # Who is above both floors and then falls on the index alone is out, at the same place on the Arena.
    high = next(VariantId(one) for one in members["balanced-coding"] if one in both)
    points = next(one.published for one in board.scores[high].boards if one.metric == INDEX)
    low = with_score(resolution, high, INDEX, 10.0 - points)
    fallen = score_resolved(low, last.rules, on=last.job.now.date()).scoreboards["coding"]
    floor = floor_of(last.rules.policy.tiers["balanced-coding"], board)
    assert fallen.scores[high].theta == board.scores[high].theta
    detail = failed_floors(floor, fallen.scores[high])
    assert detail is not None
    assert f"floor on {INDEX}" in detail
