"""Compares the rows of every run in the database with what its captures say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.flow.record.capture_index import CaptureIndex
from pipeline.flow.record.config import read_config
from pipeline.flow.record.config_snapshots import past_config
from pipeline.flow.record.database import database_copy
from pipeline.flow.record.integrity import refuse_difference
from pipeline.flow.record.run_history import RunHistory, run_record

if TYPE_CHECKING:
    from pipeline.settings import Settings
    from pipeline.workspace import Workspace


def check_database(workspace: Workspace, settings: Settings) -> int | None:
    """Compare the rows of every run with what its captures say; return how many runs were compared.

    Returns:
        None where there is no database.

    Raises:
        AlteredRecordError: A row is not what its capture says.
        RefusedError: The database is damaged.
    """
    if settings.database_url is None and not workspace.database.exists():
        return None
    history = RunHistory(workspace, CaptureIndex(workspace))
    then, compared = past_config(workspace, read_config(workspace)), 0
    with database_copy(workspace, settings) as database:
        for run in history.runs:
            used = history.used_by(run)
            if used is not None:
                record = run_record(run, used, then(run).crosswalk)
                refuse_difference(workspace, database.run_difference(record))
                compared += 1
    return compared
