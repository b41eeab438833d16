"""Checks the database's log, and the rows of every run against what its captures say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.flow.record.capture_index import CaptureIndex
from pipeline.flow.record.config import read_config
from pipeline.flow.record.config_snapshots import past_config
from pipeline.flow.record.database import database_copy
from pipeline.flow.record.integrity import AlteredRecordError, rebuild_hint, refuse_difference
from pipeline.flow.record.run_history import RunHistory, run_record

if TYPE_CHECKING:
    from pipeline.settings import Settings
    from pipeline.store.database import Database
    from pipeline.workspace import Workspace


def check_database(workspace: Workspace, settings: Settings) -> int | None:
    """Check the database's log and the rows of every run; return the lines of the log.

    Returns:
        None where there is no database.

    Raises:
        AlteredRecordError: The log is broken, or a row is not what its capture says.
        RefusedError: The database is damaged.
    """
    if settings.database_url is None and not workspace.database.exists():
        return None
    where = "the database" if settings.database_url else workspace.database
    with database_copy(workspace, settings) as database:
        if not database.verify_audit():
            raise AlteredRecordError(
                f"the log in {where} was edited, or does not name exactly what the database holds",
                hint=rebuild_hint(workspace),
            )
        _refuse_altered_rows(workspace, database)
        return len(database.audit())


def _refuse_altered_rows(workspace: Workspace, database: Database) -> None:
    history, then = (
        RunHistory(workspace, CaptureIndex(workspace)),
        past_config(workspace, read_config(workspace)),
    )
    for run in history.runs:
        used = history.used_by(run)
        if used is not None:
            refuse_difference(workspace, database.run_difference(run_record(run, used, then(run).crosswalk)))
