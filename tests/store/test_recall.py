"""What this week's rules are told about earlier weeks."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.domain.calendar import Week
from pipeline.domain.ids import LMARENA_TEXT, Sha256, SourceKey, TierName, VariantId, arena_metric
from pipeline.domain.proposal import Verdict
from pipeline.domain.run import LastScore, Memory
from tests.store.conftest import ARENA, SCALE, Records, digest

if TYPE_CHECKING:
    from pipeline.domain.run import RunRecord
    from pipeline.store.database import Database

ALPHA, BETA, GHOST = VariantId("alpha@high"), VariantId("beta@high"), VariantId("ghost@high")
QUICK = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
WEEKS = [f"2026-W{number}" for number in range(33, 43)]


def _published(desk: Database, records: Records, run: RunRecord) -> None:
    desk.record_run(run)
    records.publish(desk, records.pool(1, run.week, {"frugal": ("alpha",)}))


def test_a_new_desk_remembers_nothing(desk: Database) -> None:
    assert desk.memory() == Memory()
    assert desk.uses(LMARENA_TEXT) == ()


def test_a_price_nobody_approved_does_not_become_the_baseline(desk: Database, records: Records) -> None:
    """Recorded and proposed, but rejected or not decided: the approved run stays the baseline."""
    _published(desk, records, records.run("2026-W33", {"alpha": 1400.0}, microusd=1_000_000))
    before = desk.memory().last_scores
    for week, verdict in (("2026-W34", Verdict.REJECTED), ("2026-W35", None)):
        desk.record_run(records.run(week, {"alpha": 1500.0, "beta": 1.0}, microusd=9_000_000))
        proposal = records.proposal(records.pool(2, week, {"frugal": ("beta",)}))
        desk.record_proposal(proposal, proposal_sha256=digest(proposal))
        if verdict is not None:
            decision = records.decision(proposal, verdict=verdict, previous=Sha256("1" * 64))
            desk.record_decision(decision, decision_sha256=digest(decision))
        assert desk.memory().last_scores == before
    assert before[ALPHA] == LastScore(
        values={ARENA: (SCALE, 1400.0)}, input_microusd_per_mtok=1_000_000, output_microusd_per_mtok=4_000_000
    )
    assert BETA not in before


def test_the_approved_week_run_once_more_does_not_move_the_baseline(desk: Database, records: Records) -> None:
    run = records.run("2026-W33", {"alpha": 1400.0}, microusd=1_000_000)
    _published(desk, records, run)
    before = desk.memory().last_scores
    desk.record_run(records.run("2026-W33", {"alpha": 1400.0}, microusd=9_000_000))
    desk.record_run(records.run("2026-W33", {"alpha": 1400.0}, microusd=9_000_000, attempt=2))
    assert desk.memory().last_scores == before


def test_publishing_the_next_version_moves_the_baseline(desk: Database, records: Records) -> None:
    previous = None
    for version, (week, rating) in enumerate([("2026-W33", 1400.0), ("2026-W34", 1450.0)], start=1):
        desk.record_run(records.run(week, {"alpha": rating}))
        pool = records.pool(version, week, {"frugal": ("alpha",)})
        previous = records.publish(desk, pool, previous=previous)
        assert desk.memory().last_scores[ALPHA].values == {ARENA: (SCALE, rating)}


def test_of_two_attempts_with_the_same_pool_the_approved_one_is_the_baseline(
    desk: Database, records: Records
) -> None:
    pool = records.pool(1, "2026-W33", {"frugal": ("alpha",)})
    for attempt, microusd in ((1, 1_000_000), (2, 9_000_000)):
        desk.record_run(records.run("2026-W33", {"alpha": 1400.0}, attempt=attempt, microusd=microusd))
        proposal = records.proposal(pool, attempt=attempt)
        desk.record_proposal(proposal, proposal_sha256=digest(proposal))
    records.publish(desk, pool, attempt=1)
    assert desk.memory().last_scores[ALPHA].input_microusd_per_mtok == 1_000_000


def test_a_run_recorded_after_its_proposal_is_found_too(desk: Database, records: Records) -> None:
    run = records.run("2026-W33", {"alpha": 1400.0})
    records.publish(desk, records.pool(1, "2026-W33", {"frugal": ("alpha",)}))
    assert desk.memory().last_scores == {}
    desk.record_run(replace(run, as_of=run.as_of + timedelta(hours=1)))
    assert desk.memory().last_scores == {}, "a run at another moment is not the one behind the proposal"
    desk.record_run(run)
    assert ALPHA in desk.memory().last_scores


def test_a_run_of_another_moment_is_not_the_one_behind_a_proposal(desk: Database, records: Records) -> None:
    run = records.run("2026-W33", {"alpha": 1400.0})
    desk.record_run(replace(run, as_of=run.as_of + timedelta(hours=1)))
    records.publish(desk, records.pool(1, "2026-W33", {"frugal": ("alpha",)}))
    assert desk.memory().last_scores == {}


def test_without_the_run_behind_the_newest_version_an_older_one_does_not_stand_in(
    desk: Database, records: Records
) -> None:
    _published(desk, records, records.run("2026-W33", {"alpha": 1400.0}))
    pool = records.pool(2, "2026-W34", {"frugal": ("alpha",)})
    desk.record_pool(pool, pool_sha256=digest(pool))
    assert desk.memory().last_scores == {}


def test_a_variant_without_score_or_price_is_known_without_numbers(desk: Database, records: Records) -> None:
    _published(desk, records, records.run("2026-W33", {"alpha": 1400.0}, microusd=None))
    scores = desk.memory().last_scores
    assert scores[GHOST] == LastScore(values={}, input_microusd_per_mtok=None, output_microusd_per_mtok=None)
    assert scores[ALPHA].input_microusd_per_mtok is None


def test_a_price_that_only_the_second_evidence_has_is_remembered(desk: Database, records: Records) -> None:
    run = records.run("2026-W33", {"alpha": 1400.0}, microusd=None)
    priced = replace(records.scoreboard({"alpha": 1400.0}, 3_000_000), evidence="webdev")
    _published(desk, records, replace(run, scoreboards={**run.scoreboards, "webdev": priced}))
    assert desk.memory().last_scores[ALPHA].output_microusd_per_mtok == 12_000_000


def test_numbers_no_score_used_are_remembered_and_those_used_have_the_last_word(
    desk: Database, records: Records
) -> None:
    run = records.run("2026-W33", {"alpha": 1400.0})
    ratings = run.readings[0]
    (seen,) = ratings.observations
    twin = replace(seen, key=SourceKey("twin"), value=1399.0)
    coding = arena_metric("text", "coding")
    observations = (
        replace(seen, value=1401.0),
        replace(twin, metric=coding),
        replace(seen, metric=coding),
        replace(seen, key=SourceKey("open name")),
    )
    judgement = next(iter(run.crosswalk.judgements.values()))
    judgements = {**run.crosswalk.judgements, (twin.source, twin.key): replace(judgement, key=twin.key)}
    _published(
        desk,
        records,
        replace(
            run,
            readings=(replace(ratings, observations=observations), run.readings[1]),
            crosswalk=replace(run.crosswalk, judgements=judgements),
        ),
    )
    assert desk.memory().last_scores[ALPHA].values == {ARENA: (SCALE, 1400.0), coding: (SCALE, 1400.0)}
    assert set(desk.memory().last_scores) == {ALPHA, GHOST}


def test_a_week_that_was_run_twice_counts_once(desk: Database, records: Records) -> None:
    desk.record_run(records.run("2026-W33", {"alpha": 1400.0}, missing=("beta",)))
    desk.record_run(records.run("2026-W34", {"alpha": 1400.0}, missing=("beta",)))
    desk.record_run(records.run("2026-W34", {"alpha": 1400.0}, missing=("beta",), attempt=2))
    assert desk.memory().missing_runs == {BETA: 2}


def test_the_last_attempt_of_a_week_says_what_was_missing(desk: Database, records: Records) -> None:
    desk.record_run(records.run("2026-W33", {"alpha": 1400.0}, attempt=2))
    desk.record_run(records.run("2026-W33", {"alpha": 1400.0}, missing=("beta",), attempt=1))
    assert desk.memory().missing_runs == {}


def test_running_a_week_again_is_told_the_same_as_the_first_time(desk: Database, records: Records) -> None:
    desk.record_run(records.run("2026-W33", {"alpha": 1400.0}, missing=("beta",)))
    first = desk.memory(before=Week("2026-W34"))
    desk.record_run(records.run("2026-W34", {"alpha": 1400.0}, missing=("beta",)))
    assert desk.memory(before=Week("2026-W34")) == first
    assert first.missing_runs == {BETA: 1}
    assert desk.memory().missing_runs == {BETA: 2}


@QUICK
@given(history=st.lists(st.sets(st.sampled_from(["beta", "gamma"])), max_size=6))
def test_missing_runs_are_counted_back_from_the_last_one(desk: Database, history: list[set[str]]) -> None:
    desk.clear()
    for week, missing in zip(WEEKS, history, strict=False):
        desk.record_run(Records().run(week, {"alpha": 1400.0}, missing=sorted(missing)))
    expected = {}
    for name in ("beta", "gamma"):
        run = 0
        while run < len(history) and name in history[-1 - run]:
            run += 1
        if run:
            expected[VariantId(f"{name}@high")] = run
    assert desk.memory().missing_runs == expected


lineups = st.dictionaries(
    st.sampled_from(["frugal", "premium"]),
    st.lists(st.sampled_from(["alpha", "beta", "gamma"]), unique=True, max_size=3),
)


@QUICK
@given(history=st.lists(lineups, max_size=5))
def test_who_left_is_who_was_in_one_version_and_not_in_the_next(
    desk: Database, history: list[dict[str, list[str]]]
) -> None:
    desk.clear()
    expected = {}
    for version, tiers in enumerate(history, start=1):
        pool = Records().pool(version, WEEKS[version], tiers)
        desk.record_pool(pool, pool_sha256=digest(pool))
        for tier, names in history[version - 2].items() if version > 1 else ():
            for name in set(names) - set(tiers.get(tier, [])):
                expected[TierName(tier), VariantId(f"{name}@high")] = Week(WEEKS[version])
    assert desk.memory().left_pool == expected
