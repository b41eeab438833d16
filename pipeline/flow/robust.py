"""Robust or fragile: every tier chosen again under one doubt at a time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pipeline.domain.names import TierName, VariantId, source_of
from pipeline.pools.choose import choose
from pipeline.scoring.stress import CALM, Stress

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from pipeline.flow.again import LastRun
    from pipeline.flow.rules import Rules
    from pipeline.pools.choose import Choice

TAU_FACTOR = 2.0
"""The boards disagree twice as much as they were seen to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """One doubt, and what becomes of one member under it."""

    name: str
    words: str
    stays: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Other:
    """The same week with one thing otherwise."""

    name: str
    words: str
    rules: Rules
    stress: Stress = CALM


def robustness(last: LastRun) -> Mapping[TierName, Mapping[VariantId, tuple[Doubt, ...]]]:
    """Say, for every member of every tier, whether it stays under each doubt.

    Each score source loses its voice once (its scale and its prices stay), tau is doubled once, and
    once all tasks are of one kind of the operator's mix.
    """
    tiers = [TierName(name) for name in sorted(last.rules.policy.tiers)]
    brief = last.brief(last.assess())
    members = {tier: choose(brief, tier).places for tier in tiers}
    told: dict[TierName, dict[VariantId, list[Doubt]]] = {
        tier: {variant: [] for variant in members[tier]} for tier in tiers
    }
    for other in _others(last.rules):
        doubted = last.brief(last.assess(other.rules, stress=other.stress), other.rules)
        for tier in tiers:
            choice = choose(doubted, tier)
            for variant in members[tier]:
                told[tier][variant].append(_doubt(other, choice, variant))
    return {tier: {name: tuple(doubts) for name, doubts in of.items()} for tier, of in told.items()}


def _doubt(other: _Other, choice: Choice, variant: VariantId) -> Doubt:
    """A member that is only carried, because nothing speaks for it any more, does not pass."""
    held = variant in choice.places
    carried = held and variant not in choice.field.runners
    words = "nothing else speaks for it: it would only be carried, stale" if carried else other.words
    return Doubt(name=other.name, words=words, stays=held and not carried)


def silence(rules: Rules, sources: Collection[str]) -> Stress:
    """Take the voice of some sources from every evidence in use; the scale they made stays."""
    boards = [rules.policy.evidence[name] for name in rules.evidence_in_use]
    metrics = {metric for board in boards for metric in (board.arena, board.index)}
    return Stress(silent=frozenset(metric for metric in metrics if source_of(metric) in sources))


def _others(rules: Rules) -> Iterator[_Other]:
    for source in rules.score_sources:
        yield _Other(
            name=f"without {source}",
            words="its scores have no voice; the scale they helped to make stays",
            rules=rules,
            stress=silence(rules, {source}),
        )
    yield _Other(
        name="tau doubled",
        words="the boards disagree twice as much as they were seen to",
        rules=rules,
        stress=Stress(tau_factor=TAU_FACTOR),
    )
    for kind in rules.policy.task_mix:
        mix = (kind.model_copy(update={"share": 1.0}),)
        policy = rules.policy.model_copy(update={"task_mix": mix})
        yield _Other(
            name=f"only {kind.name}",
            words=f"every task is of the kind {kind.name}",
            rules=replace(rules, policy=policy),
        )
