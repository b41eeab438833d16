"""Rebuilds the database from the files: after a fresh clone, after a crash, or when an operator asks."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pipeline.domain.calendar import Week, read_moment
from pipeline.flow.record.capture_index import CaptureIndex
from pipeline.flow.record.config import Config, read_config
from pipeline.flow.record.config_snapshots import past_config
from pipeline.flow.record.database import database_url, record_documents
from pipeline.flow.record.record_files import RecordFiles
from pipeline.flow.record.run_history import RunHistory, run_record
from pipeline.flow.run.score import score_again, with_remembered_merges
from pipeline.flow.run.settled_prices import record_of
from pipeline.review.proposals import documents
from pipeline.store.database_file import recreate_database

if TYPE_CHECKING:
    from pipeline.settings import Settings
    from pipeline.store.database import Database
    from pipeline.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class RebuildResult:
    """What a rebuild found in the files."""

    runs: int
    without_bytes: tuple[str, ...]
    """Runs whose captures are no longer on this machine; their proposals are kept, their rows are not."""
    pruned: tuple[str, ...]
    """Those of them whose captures were removed by `modelpool prune`, and when."""
    decisions: int
    pools: int
    damaged: tuple[str, ...] = ()
    """What is wrong with captures that are here and count as missing, and what to do."""


def sync_from_files(database: Database, record: RecordFiles, rules: Config) -> RebuildResult | None:
    """Bring a new or interrupted database to what the files say; cheap when nothing is missing.

    A run that was filed while the database could not be written is recorded now.
    """
    if database.is_empty() and record.reviews.folder.is_dir():
        return rebuild(database, record, rules)
    known = database.attempts()
    if not {documents.place_of(folder) for folder in record.reviews.attempts} <= known:
        _record_runs(database, record, rules, known)
    record_documents(database, record)
    return None


def rebuild(database: Database, record: RecordFiles, rules: Config) -> RebuildResult:
    """Empty the database and fill it from captures, proposals, decisions and pools.

    Each run is recorded as people's word stood then, where the run kept it; else as it stands in `rules`.

    Raises:
        RefusedError: A file of record is damaged.
    """
    with database.transaction():
        return _rebuild(database, record, rules)


def _rebuild(database: Database, record: RecordFiles, rules: Config) -> RebuildResult:
    database.clear()
    history = _record_runs(database, record, rules, frozenset())
    decisions, pools = record_documents(database, record)
    return RebuildResult(
        runs=len(history.runs),
        without_bytes=history.without_bytes,
        pruned=history.pruned if history.without_bytes else (),
        decisions=decisions,
        pools=pools,
        damaged=tuple(f"{error}. {error.hint}" for _, error in history.damaged),
    )


def _record_runs(
    database: Database, record: RecordFiles, rules: Config, known: frozenset[tuple[str, int]]
) -> RunHistory:
    """Record the runs that are not known, with the judgements that held then."""
    capture_index = CaptureIndex(record.workspace)
    history, of_run = RunHistory(record, capture_index), past_config(record.workspace, rules)
    for run in history.runs:
        used = None if (run.week, run.attempt) in known else history.used_by(run)
        if used is not None:
            then = with_remembered_merges(of_run(run), record.reviews, run.week)
            prices = record_of(run, record, capture_index.at(Week(run.week)), then)
            database.record_crosswalk(then.crosswalk, at=read_moment(run.as_of))
            on = read_moment(run.as_of).date()
            scored = score_again(used.readings, then, on=on, record=prices)
            database.record_run(
                replace(run_record(run, used, then.crosswalk), scoreboards=scored.scoreboards)
            )
    if history.runs:
        database.record_crosswalk(rules.crosswalk, at=read_moment(history.runs[-1].as_of))
    return history


def rebuild_workspace(workspace: Workspace, settings: Settings) -> RebuildResult:
    """Rebuild the database of a workspace.

    Raises:
        UsageError: Policy or crosswalk are not of the expected form.
        RefusedError: A file of record is damaged.
    """
    rules = read_config(workspace)
    with recreate_database(database_url(workspace, settings)) as database:
        return rebuild(database, RecordFiles(workspace), rules)
