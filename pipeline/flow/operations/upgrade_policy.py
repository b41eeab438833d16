"""Brings a workspace's policy file to the form that this version reads, and says what it changed."""

from __future__ import annotations

import difflib
import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline import atomic_files
from pipeline.errors import UsageError
from pipeline.flow.operations.init_workspace import starting_text
from pipeline.policy.load import check_format_is_known, check_policy
from pipeline.policy.upgrade import upgrade_text
from pipeline.toml_file import read_toml

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.workspace import Workspace

_POLICY = "data/policy/tiers.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyUpgrade:
    """The result of upgrading a policy file."""

    path: Path
    difference: tuple[str, ...]
    """Lines of a unified diff; empty where the file was of the present form already."""
    written: bool


def upgrade_policy(workspace: Workspace, *, write: bool) -> PolicyUpgrade:
    """Rewrite the policy file, or only show how it would be rewritten; the file before it is kept beside it.

    Raises:
        UsageError: The file is missing, is not TOML or is of a later format, or what comes out is not of the
            written form; then nothing is written.
        OSError: The disk refused; the policy is as it was.
    """
    path = workspace.policy
    _, before, document = read_toml(path)
    check_format_is_known(path, document)
    after = upgrade_text(before, starting_text(_POLICY))
    _check(path, before, after)
    difference = tuple(
        difflib.unified_diff(
            before.splitlines(), after.splitlines(), f"{path} (before)", f"{path} (after)", lineterm="", n=1
        )
    )
    if difference and write:
        mode = stat.S_IMODE(path.stat().st_mode)
        atomic_files.replace_file(path.with_name(f"{path.name}.format-1"), before.encode(), mode=mode)
        atomic_files.replace_file(path, after.encode(), mode=mode)
    return PolicyUpgrade(path=path, difference=difference, written=bool(difference) and write)


def _check(path: Path, before: str, after: str) -> None:
    """Check that the result would be read, before a byte is written.

    Raises:
        UsageError: It would not; an error in a line that the upgrade moved says so.
    """
    try:
        check_policy(path, after)
    except UsageError as error:
        if after == before:
            raise
        raise UsageError(
            f"{path} cannot be upgraded: what comes out would be refused ({error}); nothing was written",
            hint=f"Write each key of {path} on one line and correct that one, then upgrade it again.",
        ) from None
