"""Reads what people decided beforehand, once per command."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pipeline.checks.expectations import load_expectations
from pipeline.domain.ids import source_of
from pipeline.flow.operations.init_workspace import starting_text
from pipeline.identity.crosswalk.load import load_crosswalk
from pipeline.policy.load import load_policy

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import JsonValue

    from pipeline.checks.expectations import Expectations
    from pipeline.domain.crosswalk import Crosswalk
    from pipeline.domain.ids import Sha256, SourceName
    from pipeline.domain.observation import Finding
    from pipeline.domain.policy import Policy
    from pipeline.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """Policy, expectations and crosswalk with their digests."""

    policy: Policy
    policy_sha256: Sha256
    expectations: Expectations
    expectations_sha256: Sha256
    crosswalk: Crosswalk
    findings: tuple[Finding, ...] = ()
    """Where the expectations and the program know different sources."""
    merged_before: Mapping[str, bool] = field(default_factory=dict)
    """Evidence to whether its boards were merged in the last proposal; empty where there is none."""

    def policy_of(self, evidence: str) -> Policy:
        """Return the policy as it applies to one evidence: near the least fit, its last state stays."""
        return self.policy.with_merged(merged=self.merged_before.get(evidence))

    @property
    def evidence_in_use(self) -> tuple[str, ...]:
        """Names of the evidences that tiers use, sorted."""
        return tuple(sorted({tier.evidence for tier in self.policy.tiers.values()}))

    @property
    def score_sources(self) -> tuple[SourceName, ...]:
        """Sources without which some tier cannot be judged, sorted."""
        return tuple(sorted({one for name in self.evidence_in_use for one in self.board_sources(name)}))

    def board_sources(self, evidence: str) -> tuple[SourceName, SourceName]:
        """Sources of the two boards of an evidence, the Arena's first."""
        boards = self.policy.evidence[evidence]
        return source_of(boards.arena), source_of(boards.index)


def built_in_expectations() -> Mapping[SourceName, Mapping[str, JsonValue]]:
    """Return each source's table for a workspace that has none for it: its own, or the shipped one."""
    from pipeline.sources.registry import SPECS

    shipped = tomllib.loads(starting_text("data/policy/expectations.toml"))["sources"]
    return {spec.name: spec.expectations or shipped[spec.name] for spec in SPECS}


def read_config(workspace: Workspace) -> Config:
    """Read and validate everything people wrote.

    Raises:
        UsageError: A file is missing or a line is not of the expected form.
    """
    policy, policy_sha256 = load_policy(workspace.policy)
    loaded = load_expectations(workspace.expectations, built_in_expectations())
    return Config(
        policy=policy,
        policy_sha256=policy_sha256,
        expectations=loaded.expectations,
        expectations_sha256=loaded.sha256,
        findings=loaded.findings,
        crosswalk=load_crosswalk(workspace.crosswalk),
    )
