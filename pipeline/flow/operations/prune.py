"""Frees disk: packs old proposals, and on request removes captures that nothing to come reads.

A packed proposal has the same digest and is read as before. A capture stays where the pool in force, a
waiting proposal, a recent week, a source's last eight good readings or somebody's acceptance rests on it.
A run whose captures went has no rows in the database any more, as after `modelpool rebuild`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from pipeline.captures.store import remove_captures, stored_file
from pipeline.domain.calendar import Week, moment_text, week_of
from pipeline.domain.ids import SourceName
from pipeline.domain.run_inputs import CAPTURED
from pipeline.errors import UsageError
from pipeline.flow.record.capture_index import CaptureIndex
from pipeline.flow.record.database import database_mirror
from pipeline.flow.record.record_files import RecordFiles
from pipeline.flow.record.run_history import WEEKS_BACK, RunHistory
from pipeline.review.proposals import documents
from pipeline.sources.registry import SOURCES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from pipeline.captures.store import Sidecar
    from pipeline.domain.run_inputs import InputDigest
    from pipeline.review.proposals.proposal_store import Reviews
    from pipeline.settings import Settings
    from pipeline.workspace import Workspace

Digests = set[tuple[str, str]]
_MOST_WEEKS: Final = 1000
"""Nineteen years; no capture is older."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PruneResult:
    """What was freed."""

    packed: tuple[str, ...]
    """Attempts whose proposals were packed, oldest first."""
    weeks: tuple[Week, ...]
    """Weeks of which captured bytes were removed, oldest first."""
    captures: int
    bytes_freed: int
    warnings: tuple[str, ...] = ()
    """What could not be removed from the database."""


def prune(workspace: Workspace, settings: Settings, *, keep_weeks: int | None, now: datetime) -> PruneResult:
    """Pack the proposals of all weeks but the latest eight; remove captures that are old and of no more use.

    Args:
        workspace: Whose.
        settings: Where the database is.
        keep_weeks: Captures of so many weeks stay, of this one and those before it; None: all stay.
        now: The clock.

    Raises:
        UsageError: Fewer weeks are asked for than a run compares with, or more than a record can span.
        RefusedError: A document of record is damaged; nothing is removed.
        OSError: The disk refused; repeated, the rest is done.
    """
    if keep_weeks is not None and keep_weeks < WEEKS_BACK:
        raise UsageError(
            f"{keep_weeks} weeks of captures are fewer than the {WEEKS_BACK} that a run compares with",
            hint=f"`{workspace.command(f'prune --keep-weeks {WEEKS_BACK}')}` keeps the fewest.",
        )
    if keep_weeks is not None and keep_weeks > _MOST_WEEKS:
        raise UsageError(
            f"{keep_weeks} weeks of captures are more than the {_MOST_WEEKS} that can be asked for",
            hint=f"`{workspace.command('prune')}` keeps the captures of all weeks.",
        )
    record = RecordFiles(workspace)
    leaving = _unneeded_captures(record, keep_weeks, now) if keep_weeks is not None else []
    packed, freed = _pack(record.reviews)
    freed += remove_captures(leaving, raw=workspace.raw, at=moment_text(now))
    size = _database_size(workspace)
    warnings = _remove_rows(record, settings) if keep_weeks is not None else ()
    return PruneResult(
        packed=packed,
        weeks=tuple(sorted({sidecar.week for sidecar in leaving})),
        captures=len(leaving),
        bytes_freed=freed + size - _database_size(workspace),
        warnings=warnings,
    )


def _unneeded_captures(record: RecordFiles, keep_weeks: int, now: datetime) -> list[Sidecar]:
    """List the captures whose bytes are here and of no more use."""
    workspace = record.workspace
    history = RunHistory(record, CaptureIndex(workspace))
    oldest = week_of(now - timedelta(weeks=keep_weeks - 1))
    needed = _needed_captures(history, oldest)
    return [
        sidecar
        for sidecar in history.capture_index.sidecars()
        if sidecar.week < oldest and (sidecar.source, sidecar.sha256) not in needed
        if stored_file(sidecar, raw=workspace.raw).exists()
    ]


def _remove_rows(record: RecordFiles, settings: Settings) -> tuple[str, ...]:
    """Remove the rows of runs that cannot be read again; say what could not be removed."""
    gone = RunHistory(record, CaptureIndex(record.workspace)).pruned_attempts
    if not gone:
        return ()
    with database_mirror(record.workspace, settings) as mirror:
        mirror.remove_rows(gone)
        return mirror.warnings


def _database_size(workspace: Workspace) -> int:
    return workspace.database.stat().st_size if workspace.database.exists() else 0


def _pack(reviews: Reviews) -> tuple[tuple[str, ...], int]:
    weeks = sorted({documents.place_of(folder)[0] for folder in reviews.attempts})
    last = reviews.pending
    packed, freed = [], 0
    for folder in reviews.attempts:
        old = documents.place_of(folder)[0] in weeks[:-WEEKS_BACK]
        if (
            old
            and (last is None or folder != last.folder)
            and (saved := documents.pack(folder / documents.PROPOSAL))
        ):
            packed.append(folder.name)
            freed += saved
    return tuple(packed), freed


def _needed_captures(history: RunHistory, oldest: Week) -> Digests:
    """Collect what a run, a check of what is in force or a person still asks for."""
    needed: Digests = set()
    weeks = [run.week for run in history.last_of_each_week()]
    recent = {oldest, *weeks[:WEEKS_BACK]}
    reviews = history.record.reviews
    for folder in reviews.attempts:
        if documents.place_of(folder)[0] >= min(recent):
            needed.update(_captures(reviews.outline_in(folder).inputs))
    for stored in (history.in_force(), reviews.pending):
        needed.update(_captures(stored.proposal.inputs if stored else ()))
    for source in SOURCES:
        needed.update((source, digest) for use in history.uses(source) for digest in use.captures)
    for acceptance in history.record.acceptances:
        needed.update((SourceName(acceptance.source), digest) for digest in acceptance.captures)
    return needed


def _captures(inputs: Sequence[InputDigest]) -> Iterator[tuple[str, str]]:
    for line in inputs:
        if line.kind in CAPTURED:
            yield line.source, line.sha256
