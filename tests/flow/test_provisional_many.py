"""A week before anybody judged: hundreds of provisional names, and a bound on what is asked of each."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from pipeline.flow.replay.last_run import last_run
from pipeline.flow.run import provisional
from pipeline.flow.run.score import score_readings
from pipeline.identity.crosswalk.load import valid_on
from pipeline.identity.resolve.name_join import reroute_without
from pipeline.settings import Settings
from pipeline.workspace import Workspace
from tests.example import Example, copy_record

if TYPE_CHECKING:
    from pathlib import Path

ALONE = 3


@pytest.fixture(scope="module")
def unjudged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The second week without a judgement; three names are asked alone."""
    example = Example(tmp_path_factory.mktemp("unjudged") / "workspace")
    copy_record(example.folder)
    file = example.folder / "data/crosswalk/judgements.csv"
    file.write_text(file.read_text().splitlines(keepends=True)[0])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(provisional, "ALONE", ALONE)
        assert example.run().code == 10
    return example.folder


def test_of_many_names_the_rest_is_asked_together_and_says_so(unjudged: Path) -> None:
    proposal = json.loads((unjudged / "reviews/2026-W33/proposal.json").read_bytes())
    lines = proposal["provisional"]
    rest = [one for one in lines if any("not asked alone" in word for word in one["touches"])]
    assert len(rest) == len(lines) - ALONE > 100
    assert {one["touches"][0].partition(":")[0] for one in rest} == {
        f"not asked alone; left out together with {len(rest) - 1} others"
    }
    members = {member["variant"] for tier in proposal["pool"]["tiers"].values() for member in tier["members"]}
    assert {one["variant"] for one in lines if one not in rest} <= members, "those that hang on them first"


def test_joining_again_gives_what_assessing_without_the_names_gives(unjudged: Path) -> None:
    last = last_run(Workspace(unjudged), Settings())
    resolution, on = last.assess().resolution, last.job.now.date()
    ask = reroute_without(resolution, last.readings, valid_on(last.rules.crosswalk, on))
    assert (ask(()).measures, ask(()).offers) == (resolution.measures, resolution.offers)
    names = resolution.provisional
    for gone in (names, names[:1], names[-1:], names[::7]):
        withdrawn = last.rules.crosswalk.withdrawn | {(one.source, one.key) for one in gone}
        crosswalk = replace(last.rules.crosswalk, withdrawn=withdrawn)
        again = score_readings(last.readings, replace(last.rules, crosswalk=crosswalk), on=on).resolution
        found = ask(gone)
        assert (found.measures, found.offers) == (again.measures, again.offers)
        assert found.profiles == again.profiles
        assert found.measures != resolution.measures
