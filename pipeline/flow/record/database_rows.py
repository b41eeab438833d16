"""Compares the rows of runs with what their captures say, and those of the crosswalk with its files."""

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


def check_database(workspace: Workspace, settings: Settings, *, last: int | None = None) -> int | None:
    """Compare the rows of variants, judgements and runs; return how many runs were compared.

    Args:
        workspace: Where files and captures are.
        settings: Where the database is.
        last: Look at so many runs only, the latest; None: at all of them.

    Returns:
        None where there is no database.

    Raises:
        AlteredRecordError: A row is not what its file or its capture says.
        RefusedError: The database is damaged.
        UsageError: What people wrote cannot be read, and so not be compared.
    """
    if settings.database_url is None and not workspace.database.exists():
        return None
    now, compared = read_config(workspace), 0
    history, then = RunHistory(workspace, CaptureIndex(workspace)), past_config(workspace, now)
    with database_copy(workspace, settings) as database:
        refuse_difference(workspace, database.crosswalk_difference(now.crosswalk))
        for run in history.runs[-last if last else None :]:
            used = history.used_by(run)
            if used is not None:
                record = run_record(run, used, then(run).crosswalk)
                refuse_difference(workspace, database.run_difference(record))
                compared += 1
    return compared
