"""A cause is scored where it changed what a selection is made from, and nowhere else."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

import pytest

from pipeline.domain.ids import Sha256, TierName
from pipeline.domain.pool import Cause, lineup
from pipeline.flow.run import cause_steps, weekly
from pipeline.flow.run.prior_state import RunInForce
from pipeline.flow.run.run_state import selection_input
from pipeline.flow.run.score import score_again
from pipeline.pools.select import select_fast, select_places
from tests.flow.bad_proposals import SEEDS, quiet_workspace, seeded

if TYPE_CHECKING:
    from pipeline.domain.observation import Reading
    from pipeline.domain.run import PriorState
    from pipeline.flow.run.run_state import RunState
    from pipeline.pools.selection_input import Selection


class Asked(NamedTuple):
    """What a run asks the causes of its changes with."""

    week: RunState
    memory: PriorState
    selection: Selection

    @property
    def readings(self) -> tuple[Reading, ...]:
        return tuple(one.reading for one in self.week.results if one.reading)

    @property
    def tiers(self) -> set[TierName]:
        return {TierName(one.tier) for one in self.selection.changes}


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Asked:
    """A week whose changes have one cause: a price of a member."""
    folder, found = tmp_path_factory.mktemp("quiet"), []
    quiet_workspace(folder / "workspace")

    def keep(week: RunState, memory: PriorState, selection: Selection, _: RunInForce) -> Selection:
        found.append(Asked(week, memory, selection))
        return selection

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(weekly, "with_cause_steps", keep)
        seed = next(one for one in SEEDS if one.name == "a price ten times")
        seeded(folder / "workspace", folder / "week", seed)
    (only,) = found
    assert only.tiers
    return only


def scored(asked: Asked, then: RunInForce, monkeypatch: pytest.MonkeyPatch) -> int:
    """Count how often something is scored on the way from then to this week."""
    times = []

    def counted(*words: object, **more: object) -> object:
        times.append(words)
        return score_again(*words, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(cause_steps, "score_again", counted)
    steps = list(cause_steps._select_by_steps(asked.week, asked.memory, then, asked.tiers))
    assert [cause for cause, _ in steps] == list(cause_steps.ORDER[:-1])
    return len(times)


def test_the_same_said_by_other_answers_and_files_is_scored_once(
    asked: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    week = timedelta(days=7)
    earlier = tuple(
        replace(one, captures=(Sha256("1" * 64),), fetched_at=one.fetched_at - week) for one in asked.readings
    )
    crosswalk = replace(asked.week.rules.crosswalk, sha256=Sha256("2" * 64))
    rules = replace(asked.week.rules, crosswalk=crosswalk, policy_sha256=Sha256("3" * 64))
    assert scored(asked, RunInForce(rules=rules, readings=earlier), monkeypatch) == 1


@pytest.mark.parametrize("cause", [Cause.POLICY, Cause.NAME, Cause.SCALE, Cause.SCORE, Cause.NEW])
def test_each_cause_that_changed_something_is_scored(
    asked: Asked, cause: Cause, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules, readings = asked.week.rules, asked.readings
    if cause is Cause.POLICY:
        rules = replace(rules, policy=rules.policy.model_copy(update={"seed": rules.policy.seed + 1}))
    elif cause is Cause.NAME:
        gone = min(rules.crosswalk.judgements)
        judged = {place: one for place, one in rules.crosswalk.judgements.items() if place != gone}
        rules = replace(rules, crosswalk=replace(rules.crosswalk, judgements=judged))
    elif cause is Cause.SCALE:
        rules = replace(rules, merged_before={"general": False})
    else:
        readings = tuple(_before(one, cause) for one in readings)
    assert scored(asked, RunInForce(rules=rules, readings=readings), monkeypatch) == 2


def _before(reading: Reading, cause: Cause) -> Reading:
    """Take one value down, or one row out."""
    if not reading.observations:
        return reading
    first, *others = reading.observations
    changed = replace(first, value=first.value * 0.999, low=None, high=None)
    return replace(reading, observations=tuple(others if cause is Cause.NEW else [changed, *others]))


@pytest.mark.parametrize("limited", [False, True])
def test_some_tiers_alone_have_the_places_they_have_among_all(asked: Asked, *, limited: bool) -> None:
    inputs = selection_input(asked.week, asked.memory)
    if limited:
        rules = inputs.policy.concentration.model_copy(update={"members_per_vendor": 2})
        inputs = replace(inputs, policy=inputs.policy.model_copy(update={"concentration": rules}))
    whole = lineup(select_fast(inputs))
    for name in whole:
        assert select_places(inputs, {name, TierName("nobody-has-it")}) == {name: whole[name]}
    assert select_places(inputs, set(whole)) == whole
    assert sum(map(len, whole.values())) > len(whole)
