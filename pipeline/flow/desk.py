"""The desk of a workspace: where it is, and how documents that were just filed reach it."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from pipeline.publish.shelf import versions
from pipeline.review import folder as filing
from pipeline.store.desk import open_desk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.settings import Settings
    from pipeline.store.desk import Desk
    from pipeline.workspace import Workspace


def database_url(workspace: Workspace, settings: Settings) -> str:
    """Return the operator's database address, or the SQLite file of the workspace."""
    if settings.database_url is not None:
        return settings.database_url
    workspace.database.parent.mkdir(parents=True, exist_ok=True)
    return f"sqlite:///{workspace.database}"


def remember(workspace: Workspace, settings: Settings) -> None:
    """Let the desk know the latest documents; a desk that does not exist yet is filled by the next run."""
    if settings.database_url is None and not workspace.database.exists():
        return
    with open_desk(database_url(workspace, settings)) as desk:
        if not desk.is_empty():
            record_documents(desk, workspace)


def record_documents(desk: Desk, workspace: Workspace) -> tuple[int, int]:
    """Record proposals, decisions and pools from the files; returns how many decisions and pools."""
    filed = filing.filed(workspace.reviews)
    published = versions(workspace.pools)
    decisions = 0
    with desk.together():
        for one in filed:
            desk.record_proposal(one.proposal, proposal_sha256=one.sha256)
            if one.decision and one.decision_sha256:
                desk.record_decision(one.decision, decision_sha256=one.decision_sha256)
                decisions += 1
        for version in published:
            desk.record_pool(version.pool, pool_sha256=version.sha256)
    return decisions, len(published)


@contextmanager
def desk_copy(workspace: Workspace, settings: Settings) -> Iterator[Desk]:
    """Open a copy of the desk in the workspace, or the one elsewhere: whoever asks changes nothing."""
    if settings.database_url is not None:
        with open_desk(settings.database_url) as desk:
            yield desk
        return
    with TemporaryDirectory(prefix="modelpool-") as folder:
        copy = Path(folder) / "desk.sqlite"
        if workspace.database.exists():
            shutil.copyfile(workspace.database, copy)
        with open_desk(f"sqlite:///{copy}") as desk:
            yield desk
