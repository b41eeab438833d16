"""Brings a workspace's policy file to the form that this version reads, and says what it changed."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline import durable
from pipeline.errors import UsageError
from pipeline.flow.start import starting_text
from pipeline.policy.load import load_policy, read_toml
from pipeline.policy.upgrade import upgraded

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.workspace import Workspace

_POLICY = "data/policy/tiers.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyUpgrade:
    """What became of a policy file."""

    path: Path
    difference: tuple[str, ...]
    """Lines of a unified diff; empty where the file was of the present form already."""
    written: bool


def upgrade_policy(workspace: Workspace, *, write: bool) -> PolicyUpgrade:
    """Rewrite the policy file, or only show how it would be rewritten.

    Raises:
        UsageError: The file is missing or is not TOML, or what comes out is not of the written form; then
            nothing is written.
    """
    path = workspace.policy
    _, before, _ = read_toml(path)
    after = upgraded(before, starting_text(_POLICY))
    difference = tuple(
        difflib.unified_diff(
            before.splitlines(), after.splitlines(), f"{path} (before)", f"{path} (after)", lineterm="", n=1
        )
    )
    if difference and write:
        durable.replace(path, after.encode())
        try:
            load_policy(path)
        except UsageError:
            durable.replace(path, before.encode())
            raise
        durable.replace(path.with_name(f"{path.name}.format-1"), before.encode())
    return PolicyUpgrade(path=path, difference=difference, written=bool(difference) and write)
