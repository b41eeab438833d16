"""An operator's own, empty workspace."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pipeline
from pipeline import durable
from pipeline.errors import UsageError

if TYPE_CHECKING:
    from pipeline.workspace import Workspace

STARTER = (
    "data/.gitignore",
    "data/policy",
    "data/crosswalk",
    "data/pools/FORMAT.md",
    "data/pools/pool.schema.json",
)
"""What people start from: the shipped policy and crosswalk, and the contract with routers."""


def start(workspace: Workspace) -> tuple[Path, ...]:
    """Write the starting files of a workspace; returns what was written.

    Raises:
        UsageError: The folder already holds a policy.
    """
    if workspace.policy.exists():
        raise UsageError(
            f"{workspace.root} is a workspace already: {workspace.policy} exists",
            hint=f"Run `modelpool status --workspace {workspace.root}`, or name an empty folder.",
        )
    written = []
    for source, relative in _starting_files():
        durable.create(workspace.root / relative, source.read_bytes())
        written.append(relative)
    workspace.reviews.mkdir(parents=True, exist_ok=True)
    return tuple(written)


def _starting_files() -> list[tuple[Path, Path]]:
    """Find the starting files: packed beside the code, or in the checkout the code runs from."""
    package = Path(pipeline.__file__).parent
    packed = package / "starter"
    root = packed if packed.is_dir() else package.parent
    found: list[tuple[Path, Path]] = []
    for name in STARTER:
        place = root / name
        files = sorted(place.rglob("*")) if place.is_dir() else [place]
        found.extend((file, file.relative_to(root)) for file in files if file.is_file())
    return found
