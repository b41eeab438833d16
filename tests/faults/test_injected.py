"""Faults injected into real weeks: held, or the row keeps its approved value, and each is named rightly."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING

import pytest

from pipeline.checks.reading_checks import check_reading
from pipeline.checks.reading_stats import EarlierReading as Earlier
from pipeline.checks.reading_stats import (
    EarlierReadingStats,
    asked_by_key,
    compare_recent,
    count_numbers,
    numbers_digest,
)
from pipeline.checks.row_quarantine import quarantine_rows, subject_of
from pipeline.domain.observation import Observation, Reading, Severity
from pipeline.domain.run import ApprovedRows
from tests.faults.injections import FAULTS, Fault
from tests.faults.real_weeks import HELD_CLEAN, Step, steps_of_captures, steps_of_history

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tests.faults.conftest import Tally

ROW = "injected into real weeks"
SCORE_POISONS: Mapping[str, float] = {
    "+1": 1.05,
    "+2": 2.0,
    "+10": 10.0,
    "-1": -1.05,
    "-5": -5.0,
    "+30": 30.0,
}
"""In units of the row's band."""


@cache
def _steps(captures: Path, history: Path) -> tuple[Step, ...]:
    """Weeks that raise no hold by themselves."""
    steps = (*steps_of_captures(captures), *steps_of_history(history))
    return tuple(step for step in steps if step.name not in HELD_CLEAN)


def _holds(step: Step, now: Reading, trail: EarlierReadingStats | None = None) -> set[str]:
    found = check_reading(now, step.expectation, last=step.last, now=step.now.fetched_at, trail=trail)
    return {one.kind for one in found if one.severity is Severity.HOLD}


@pytest.mark.parametrize("fault", FAULTS, ids=[fault.name for fault in FAULTS])
def test_a_fault_of_a_whole_source_is_held_and_named(
    fault: Fault, real_captures: Path, history: Path, tally: Tally
) -> None:
    missed: Counter[str] = Counter()
    cases = 0
    for step in _steps(real_captures, history):
        faulty = fault.put(step)
        if faulty is None:
            continue
        cases += 1
        fired = faulty != step.now
        bad = not _holds(step, faulty) & set(fault.kinds)
        tally.count(ROW, fired=fired, bad=bad)
        assert fired
        missed[f"{step.now.source} {step.now.fetched_at.date()}"] += bad
    assert cases >= 10
    assert not +missed


def _earlier(readings: list[Reading]) -> list[Earlier]:
    def step(place: int, one: Reading) -> Earlier:
        return Earlier(
            week=f"2026-W{50 - place}",
            names=len(count_numbers(one)),
            numbers=numbers_digest(one),
            read=lambda: one,
        )

    return [step(place, one) for place, one in enumerate(readings)]


def test_the_same_answer_for_the_third_week_and_an_old_one_again_are_held(
    real_captures: Path, history: Path, tally: Tally
) -> None:
    for step in _steps(real_captures, history):
        again = replace(
            step.now, fetched_at=step.now.fetched_at + timedelta(days=7), entries=step.now.entries
        )
        waits = step.expectation.hold_unchanged - 1
        for past, kind in (
            ([step.now] * waits, "unchanged"),
            ([replace(step.last, fetched_at=again.fetched_at), step.now], "replayed"),
        ):
            trail = compare_recent(again, _earlier(past))
            bad = kind not in _holds(step, again, trail)
            tally.count(ROW, fired=bool(trail.unchanged or trail.replayed), bad=bad)
            assert not bad, step.name


def _approved(reading: Reading) -> ApprovedRows:
    asked = asked_by_key(reading.prices)
    return ApprovedRows(as_of=reading.fetched_at, observations=reading.observations, asked=asked)


def _poison_score(reading: Reading, victim: Observation, by: float) -> Reading:
    def poisoned(one: Observation) -> Observation:
        if (one.key, one.metric) != (victim.key, victim.metric):
            return one
        return replace(one, value=victim.value + by, low=None, high=None)

    return replace(reading, observations=tuple(map(poisoned, reading.observations)))


def _rows(reading: Reading) -> list[Observation]:
    return list(reading.observations)


def _check(tally: Tally, step: Step, poisoned: Reading, kept: Observation) -> None:
    """The row has its approved value, the finding names the row, and no other row changed."""
    approved = [_approved(step.last)]
    clean = quarantine_rows(step.now, step.expectation.rows, approved, routed=frozenset())
    held = quarantine_rows(poisoned, step.expectation.rows, approved, routed=frozenset({kept.key}))
    subject, before, after = subject_of(kept), _rows(clean.reading), _rows(held.reading)
    same = [row for row in after if subject_of(row) == subject] == [kept]
    named = [one for one in held.findings if one.subject == subject]
    alone = [row for row in before if subject_of(row) != subject] == [
        row for row in after if subject_of(row) != subject
    ]
    bad = not (same and alone and [one.severity for one in named] == [Severity.WARN])
    tally.count(ROW, fired=poisoned != step.now, bad=bad)
    assert poisoned != step.now
    assert not bad, (step.name, subject_of(kept))


@pytest.mark.parametrize("poison", SCORE_POISONS)
def test_a_poisoned_score_keeps_its_approved_value(
    poison: str, real_captures: Path, history: Path, tally: Tally
) -> None:
    for step in _steps(real_captures, history):
        there = {(one.key, one.metric, one.scale) for one in step.now.observations}
        for metric, band in step.expectation.rows.shift.items():
            known = [
                one
                for one in step.last.observations
                if one.metric == metric and (one.key, one.metric, one.scale) in there
            ]
            best = sorted(known, key=lambda one: (-one.value, one.key))
            for victim in best[:: max(1, len(best) // 3)][:3]:
                poisoned = _poison_score(step.now, victim, SCORE_POISONS[poison] * band)
                _check(tally, step, poisoned, victim)


def test_inside_the_bands_a_wrong_value_passes(real_captures: Path) -> None:
    """Said openly: an index that is three points better is believed."""
    (step,) = [one for one in steps_of_captures(real_captures) if one.now.source == "artificial-analysis"][
        -1:
    ]
    band = step.expectation.rows.shift["aa/intelligence"]
    victim = next(one for one in step.now.observations if one.metric == "aa/intelligence")
    poisoned = _poison_score(step.now, victim, band)
    held = quarantine_rows(poisoned, step.expectation.rows, [_approved(step.now)], routed=frozenset())
    assert held.findings == ()
    assert held.reading == poisoned
