"""Robust or fragile: the same brief under one doubt at a time, and every tier chosen again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pipeline.domain.names import TierName, source_of
from pipeline.domain.visible import shown_name
from pipeline.flow.assess import boards_of
from pipeline.identity.dated import valid_on
from pipeline.pools.choose import choose_all
from pipeline.pools.doubt import Doubted, doubts_of
from pipeline.scoring.scoreboard import repriced
from pipeline.scoring.stress import CALM, Stress

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from datetime import date

    from pipeline.domain.crosswalk import Resolution
    from pipeline.domain.policy import Policy
    from pipeline.domain.score import Scoreboard
    from pipeline.flow.again import LastRun
    from pipeline.flow.rules import Rules
    from pipeline.pools.brief import Brief
    from pipeline.pools.doubt import Doubts

TAU_FACTOR = 2.0
"""The boards disagree twice as much as they were seen to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Other:
    """One thing that is otherwise."""

    name: str
    words: str
    policy: Policy
    evidences: tuple[str, ...]
    """What it touches; nothing else is scored again."""
    stress: Stress = CALM


def robustness(last: LastRun) -> Doubts:
    """Say, for every member of every tier that the last run selects, whether it stays under each doubt."""
    assessment = last.assess()
    brief = last.brief(assessment)
    others = doubted(brief, assessment.resolution, last.rules, on=last.job.now.date())
    return doubts_of(choose_all(brief), others)


def doubted(brief: Brief, resolution: Resolution, rules: Rules, *, on: date) -> Iterator[Doubted]:
    """Doubt one thing after the other; names mean what they meant, so they are not resolved again.

    Each score source loses its voice once (its scale and its prices stay), tau is doubled once, and
    once all tasks are of one kind of the operator's mix.
    """
    tiers = rules.policy.tiers
    for other in _others(rules):
        boards = _boards(other, brief, resolution, rules, on=on)
        yield Doubted(
            name=other.name,
            words=other.words,
            brief=replace(brief, policy=other.policy, scoreboards={**brief.scoreboards, **boards}),
            tiers=frozenset(TierName(name) for name in tiers if tiers[name].evidence in boards),
        )


def _boards(
    other: _Other, brief: Brief, resolution: Resolution, rules: Rules, *, on: date
) -> Mapping[str, Scoreboard]:
    """Score again what the doubt touches; where that is the mix, costs alone, since quality stands."""
    if other.stress != CALM:
        otherwise = replace(rules, policy=other.policy)
        return boards_of(resolution, otherwise, on=on, stress=other.stress, evidences=other.evidences)
    crosswalk = valid_on(rules.crosswalk, on)
    return {
        name: repriced(brief.scoreboards[name], resolution, crosswalk, other.policy)
        for name in other.evidences
    }


def silence(rules: Rules, sources: Collection[str]) -> Stress:
    """Take the voice of some sources from every evidence in use; the scale they made stays."""
    boards = [rules.policy.evidence[name] for name in rules.evidence_in_use]
    metrics = {metric for board in boards for metric in (board.arena, board.index)}
    return Stress(silent=frozenset(metric for metric in metrics if source_of(metric) in sources))


def _others(rules: Rules) -> Iterator[_Other]:
    policy = rules.policy
    for source in rules.score_sources:
        yield _Other(
            name=f"without {source}",
            words="its scores have no voice; the scale they helped to make stays",
            policy=policy,
            evidences=_heard_in(rules, source),
            stress=silence(rules, {source}),
        )
    yield _Other(
        name="tau doubled",
        words="the boards disagree twice as much as they were seen to",
        policy=policy,
        evidences=rules.evidence_in_use,
        stress=Stress(tau_factor=TAU_FACTOR),
    )
    for place, mix in policy.mixes.items():
        for kind in mix if len(mix) > 1 else ():
            yield _Other(
                name=f"only {shown_name(kind.name)}",
                words=f"every task of {place} is of the kind {kind.name}",
                policy=policy.with_mix(place, (kind.model_copy(update={"share": 1.0}),)),
                evidences=_paid_by(rules, place),
            )


def _heard_in(rules: Rules, source: str) -> tuple[str, ...]:
    """Name the evidences in use that believe a source."""
    return tuple(name for name in rules.evidence_in_use if source in rules.believed(name))


def _paid_by(rules: Rules, place: str) -> tuple[str, ...]:
    """Name the evidences in use whose tasks are those of a mix, by its place in the policy."""
    mixes = ((name, rules.policy.evidence[name].task_mix) for name in rules.evidence_in_use)
    return tuple(name for name, mix in mixes if place == ("task_mix" if mix is None else f"task_mixes.{mix}"))
