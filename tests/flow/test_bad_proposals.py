"""A bad proposal names its reason on the first screen; `make seeds` tries all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from pipeline.review.proposals.proposal_store import read_proposal
from tests.flow.bad_proposals import SEEDS, Seed, quiet_workspace, seeded

if TYPE_CHECKING:
    from pathlib import Path

SAMPLE: Final = (
    ("half a board", ""),
    ("old data", ""),
    ("an open name that would enter", ""),
    ("a name moved to a sibling", "name"),
    ("a better one left out", "policy"),
    ("a price ten times", "price"),
)
"""A reason of each kind, and the one cause of its changes, where it has some."""


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The second embedded week in force; every seed copies it."""
    folder = tmp_path_factory.mktemp("quiet") / "workspace"
    quiet_workspace(folder)
    return folder


def of(name: str) -> Seed:
    return next(seed for seed in SEEDS if seed.name == name)


@pytest.mark.parametrize(("name", "cause"), SAMPLE)
def test_the_first_screen_names_what_is_wrong(name: str, cause: str, quiet: Path, tmp_path: Path) -> None:
    seen = seeded(quiet, tmp_path / "week", of(name))
    assert seen.missing(of(name).told) == []
    filed = read_proposal(max((tmp_path / "week/reviews").glob("2026-W34*"))).proposal
    assert bool(filed.changes) == bool(cause)
    for change in filed.changes:
        assert {step.cause.value for step in change.steps} == {cause}
        assert [one.rank_before for one in change.steps] == [
            change.rank_before,
            *(one.rank_after for one in change.steps[:-1]),
        ]
        assert change.steps[-1].rank_after == change.rank_after


def test_without_a_seed_no_reason_is_told(quiet: Path, tmp_path: Path) -> None:
    told = {word for seed in SEEDS for word in seed.told[:1]}
    nothing = Seed(name="nothing", plant=lambda _: None, told=())
    seen = seeded(quiet, tmp_path / "week", nothing)
    quietly = {"Rows that keep their approved values", "mimo-v2.5-pro@default"}  # stand there anyway
    assert {word for word in told - quietly if word in seen.page or word in seen.terminal} == set()


def test_there_are_twenty_seeds_and_more() -> None:
    assert len({seed.name for seed in SEEDS}) == len(SEEDS) >= 20
