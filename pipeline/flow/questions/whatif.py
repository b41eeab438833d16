"""Computes the pools under other rules or without a source; nothing is written."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pipeline.domain.ids import TierName, VariantId, source_of
from pipeline.domain.pool import Pool, lineup
from pipeline.flow.questions.identifier_lookup import known_source, known_vendor
from pipeline.flow.replay.last_run import LastRun, last_run
from pipeline.policy.change import with_settings, with_task_mix, with_tiers, without_vendors
from pipeline.pools.select import select_fast

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

    from pipeline.domain.observation import Reading
    from pipeline.domain.policy import Policy
    from pipeline.flow.record.config import Config
    from pipeline.pools.selection_input import SelectionInput
    from pipeline.settings import Settings
    from pipeline.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """The inputs that are changed for one question."""

    settings: tuple[str, ...] = ()
    """`KEY=VALUE`, keys as in the policy file."""
    vendors: tuple[str, ...] = ()
    """Vendors that no tier takes."""
    sources: tuple[str, ...] = ()
    """Sources that say nothing."""
    task_mix: Path | None = None
    """A TOML file with other mixes of tasks."""
    add_tiers: tuple[str, ...] = ()
    """`NEW=LIKE`: a further tier like one there is; settings may then change it."""
    drop_tiers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One member, with what it costs and gives."""

    variant: VariantId
    usd_per_task: str
    quality: str
    answers_per_usd: str
    stale: bool
    """Carried from the published pool without this week's data."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TierIf:
    """One tier as published, as the last run selects it, and under the scenario."""

    tier: TierName
    published: tuple[VariantId, ...]
    selected: tuple[Place, ...]
    """With today's rules."""
    supposed: tuple[Place, ...]
    enter: tuple[VariantId, ...]
    """Members of `supposed` that the published pool does not hold."""
    leave: tuple[VariantId, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatIf:
    """The pools under a scenario."""

    run: str
    changed: tuple[str, ...]
    version: int | None
    """The published version that churn is counted against."""
    tiers: tuple[TierIf, ...]


def whatif(workspace: Workspace, settings: Settings, supposed: Scenario) -> WhatIf:
    """Select the pools of the last run again, with something otherwise.

    Raises:
        UsageError: A setting, vendor, source or file is not of the expected form.
        RefusedError: There is no run to ask about, or its record is damaged.
    """
    last = last_run(workspace, settings)
    supposition = scenario_input(last, supposed)
    today = select_fast(last.selection_input(last.assess()))
    then = select_fast(supposition)
    before = lineup(last.published.pool if last.published else None)
    return WhatIf(
        run=last.name,
        changed=last.changed,
        version=last.published.pool.version if last.published else None,
        tiers=tuple(_tier(TierName(name), before, today, then) for name in by_worth(supposition.policy)),
    )


def scenario_input(last: LastRun, supposed: Scenario) -> SelectionInput:
    """Ask for the pools of the last run with something otherwise.

    Raises:
        UsageError: A setting, vendor, source or file is not of the expected form.
    """
    rules = _rules(last.rules, supposed)
    sources = {known_source(name) for name in supposed.sources}
    return last.selection_input(
        last.assess(rules, _without_sources(last, rules, sources), _silent_boards(rules, sources)), rules
    )


def by_worth(policy: Policy) -> list[str]:
    """Order the tiers by what an answer is worth in them, then by name."""
    tiers = policy.tiers
    return sorted(tiers, key=lambda name: (tiers[name].lambda_usd, name))


def _rules(rules: Config, supposed: Scenario) -> Config:
    policy = rules.policy
    if supposed.add_tiers or supposed.drop_tiers:
        policy = with_tiers(policy, supposed.add_tiers, supposed.drop_tiers)
    policy = with_settings(policy, supposed.settings) if supposed.settings else policy
    if supposed.task_mix is not None:
        policy = with_task_mix(policy, supposed.task_mix)
    vendors = tuple(known_vendor(name, rules) for name in supposed.vendors)
    return replace(rules, policy=without_vendors(policy, vendors))


def _without_sources(last: LastRun, rules: Config, sources: Collection[str]) -> tuple[Reading, ...]:
    """Leave a source's rows out; the Arena's stay as the scale of the other board."""
    scales = {source_of(rules.policy.evidence[name].arena) for name in rules.evidence_in_use}
    return tuple(
        reading for reading in last.readings if reading.source not in sources or reading.source in scales
    )


def _silent_boards(rules: Config, sources: Collection[str]) -> frozenset[str]:
    """Leave some sources' scores out of every evidence in use; the scale they made stays."""
    boards = [rules.policy.evidence[name] for name in rules.evidence_in_use]
    metrics = {metric for board in boards for metric in (board.arena, board.index)}
    return frozenset(metric for metric in metrics if source_of(metric) in sources)


def _tier(
    name: TierName, before: Mapping[TierName, tuple[VariantId, ...]], today: Pool, then: Pool
) -> TierIf:
    published, supposed = before.get(name, ()), _places(then, name)
    members = tuple(place.variant for place in supposed)
    return TierIf(
        tier=name,
        published=published,
        selected=_places(today, name),
        supposed=supposed,
        enter=tuple(member for member in members if member not in published),
        leave=tuple(one for one in published if one not in members),
    )


def _places(pool: Pool, name: TierName) -> tuple[Place, ...]:
    tier = pool.tiers.get(name)
    return tuple(
        Place(
            variant=VariantId(member.variant),
            usd_per_task=member.usd_per_task,
            quality=member.quality,
            answers_per_usd=member.acceptable_answers_per_usd,
            stale=member.stale,
        )
        for member in (tier.members if tier else ())
    )
