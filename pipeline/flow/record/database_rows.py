"""Compares the rows of runs in the database with what their captures say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline import __version__
from pipeline.domain.document import sha256_hex
from pipeline.domain.proposal import Heartbeat, Proposal
from pipeline.domain.run_inputs import InputKind, find_input
from pipeline.flow.record.capture_index import CaptureIndex
from pipeline.flow.record.config import read_config
from pipeline.flow.record.config_snapshots import past_config
from pipeline.flow.record.database import database_copy
from pipeline.flow.record.integrity import refuse_difference
from pipeline.flow.record.run_history import RunHistory, run_record

if TYPE_CHECKING:
    from pipeline.flow.record.record_files import RecordFiles
    from pipeline.settings import Settings
    from pipeline.store.comparison import StatedScores


def check_database(record: RecordFiles, settings: Settings, *, last: int | None = None) -> int | None:
    """Compare the rows of runs with what their captures say; return how many runs were compared.

    Args:
        record: The files of record; their workspace holds the captures.
        settings: Where the database is.
        last: Look at so many runs only, the latest; None: at all of them.

    Returns:
        None where there is no database.

    Raises:
        AlteredRecordError: A row is not what its capture says.
        RefusedError: The database is damaged.
        UsageError: What people wrote cannot be read, and so not be compared.
    """
    workspace = record.workspace
    if settings.database_url is None and not workspace.database.exists():
        return None
    history = RunHistory(record, CaptureIndex(workspace))
    rules = read_config(workspace)
    then, compared = past_config(workspace, rules), 0
    with database_copy(workspace, settings) as database:
        for run in history.runs[-last if last else None :]:
            used = history.used_by(run)
            if used is not None:
                recorded = run_record(run, used, then(run).crosswalk)
                refuse_difference(workspace, database.run_difference(recorded))
                refuse_difference(workspace, database.score_difference(recorded, _stated_scores(run)))
                compared += 1
        refuse_difference(workspace, database.crosswalk_difference(rules.crosswalk))
    return compared


def _stated_scores(run: Proposal | Heartbeat) -> StatedScores:
    """Read the figures that a proposal states; none where another version of this program scored it."""
    if isinstance(run, Heartbeat) or _code_of(run) != sha256_hex(__version__.encode()):
        return {}
    return {
        (report.evidence, standing.variant): (standing.quality, standing.usd_per_task)
        for report in run.tiers.values()
        for standing in report.standings
    }


def _code_of(run: Proposal) -> str:
    code = find_input(run.inputs, InputKind.CODE)
    return code.sha256 if code else ""
