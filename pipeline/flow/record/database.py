"""The desk of a workspace: where it is, and how documents that were just filed reach it."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from pipeline.identity.crosswalk.load import load_crosswalk
from pipeline.publish.versions import versions
from pipeline.review.proposals import proposal_store as filing
from pipeline.store.database import open_database
from pipeline.store.snapshot import copy_sqlite

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from pipeline.settings import Settings
    from pipeline.store.database import Database
    from pipeline.workspace import Workspace


def database_url(workspace: Workspace, settings: Settings) -> str:
    """Return the operator's database address, or the SQLite file of the workspace."""
    if settings.database_url is not None:
        return settings.database_url
    workspace.database.parent.mkdir(parents=True, exist_ok=True)
    return f"sqlite:///{workspace.database}"


def sync_database(workspace: Workspace, settings: Settings) -> None:
    """Let the desk know the latest documents; a desk that does not exist yet is filled by the next run."""
    if settings.database_url is None and not workspace.database.exists():
        return
    with open_database(database_url(workspace, settings)) as desk:
        if not desk.is_empty():
            record_documents(desk, workspace)


def sync_crosswalk(workspace: Workspace, settings: Settings, *, at: datetime) -> None:
    """Let the desk know variants and judgements as the files have them now, if there is a desk."""
    if settings.database_url is None and not workspace.database.exists():
        return
    with open_database(database_url(workspace, settings)) as desk:
        if not desk.is_empty():
            desk.record_crosswalk(load_crosswalk(workspace.crosswalk), at=at)


def record_documents(desk: Database, workspace: Workspace) -> tuple[int, int]:
    """Record proposals, decisions and pools from the files; returns how many decisions and pools."""
    filed = filing.stored_proposals(workspace.reviews)
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
def database_copy(workspace: Workspace, settings: Settings) -> Iterator[Database]:
    """Open a copy of the desk in the workspace, or the one elsewhere: whoever asks changes nothing."""
    if settings.database_url is not None:
        with open_database(settings.database_url) as desk:
            yield desk
        return
    with TemporaryDirectory(prefix="modelpool-") as folder:
        copy = Path(folder) / "desk.sqlite"
        if workspace.database.exists():
            copy_sqlite(workspace.database, copy)
        with open_database(f"sqlite:///{copy}") as desk:
            yield desk
