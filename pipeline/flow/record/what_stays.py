"""Says what routers go on loading where nothing was published."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.publish.pool_file import POINTER

if TYPE_CHECKING:
    from pipeline.workspace import Workspace


def what_stays(workspace: Workspace) -> str:
    """Say, as a clause, what is in force still; nothing of it is checked."""
    published = (workspace.pools / POINTER).exists()
    return "the published pool stays in force" if published else "no pool is published yet"
