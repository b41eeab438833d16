"""The desk from the files: after a fresh clone, after a crash, or when an operator asks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.checks.row_quarantine import restore_quarantined
from pipeline.domain.calendar import Week, read_moment
from pipeline.domain.ids import SourceName, VariantId
from pipeline.domain.observation import CARRIED, QUESTION, Finding, Severity
from pipeline.domain.run import Outcome, RunRecord
from pipeline.flow.record.capture_index import CaptureIndex
from pipeline.flow.record.config import read_config
from pipeline.flow.record.config_snapshots import past_config
from pipeline.flow.record.database import database_url, record_documents
from pipeline.flow.run.score import score_readings, with_remembered_merges
from pipeline.flow.run.settled_prices import record_of
from pipeline.review.proposals import documents
from pipeline.review.proposals import proposal_store as filing
from pipeline.sources.registry import SOURCES
from pipeline.store.recreate import recreate_database

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.domain.observation import Capture, Observation, Price, Reading
    from pipeline.domain.proposal import FindingLine, Heartbeat, InputDigest, Proposal
    from pipeline.flow.record.config import Config
    from pipeline.settings import Settings
    from pipeline.store.database import Database
    from pipeline.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class RebuildResult:
    """What a rebuild found in the files."""

    runs: int
    without_bytes: tuple[str, ...]
    """Runs whose captures are no longer on this machine; their proposals are kept, their rows are not."""
    decisions: int
    pools: int


def sync_from_files(desk: Database, workspace: Workspace, rules: Config) -> RebuildResult | None:
    """Bring a new or interrupted desk to what the files say; cheap when nothing is missing.

    A run that was filed while the desk could not be written is recorded now.
    """
    if desk.is_empty() and workspace.reviews.is_dir():
        return rebuild(desk, workspace, rules)
    known, of_run = desk.attempts(), past_config(workspace, rules)
    for folder in documents.attempts(workspace.reviews):
        if documents.place_of(folder) not in known:
            run, _ = filing.run_in(folder)
            _record_run(run, desk, workspace, with_remembered_merges(of_run(run), workspace, run.week))
    record_documents(desk, workspace)
    return None


def rebuild(desk: Database, workspace: Workspace, rules: Config) -> RebuildResult:
    """Empty the desk and fill it from captures, proposals, decisions and pools.

    Each run is recorded as people's word stood then, where the run kept it; else as it stands in `rules`.

    Raises:
        RefusedError: A file of record is damaged.
    """
    with desk.together():
        return _rebuild(desk, workspace, rules)


def _rebuild(desk: Database, workspace: Workspace, rules: Config) -> RebuildResult:
    desk.clear()
    runs: list[Proposal | Heartbeat] = [one.proposal for one in filing.stored_proposals(workspace.reviews)]
    runs.extend(filing.heartbeats(workspace.reviews))
    runs.sort(key=lambda run: (run.week, run.attempt))
    of_run = past_config(workspace, rules)
    lost = tuple(
        f"{run.week}.{run.attempt}"
        for run in runs
        if not _record_run(run, desk, workspace, with_remembered_merges(of_run(run), workspace, run.week))
    )
    decisions, pools = record_documents(desk, workspace)
    return RebuildResult(runs=len(runs), without_bytes=lost, decisions=decisions, pools=pools)


@dataclass(frozen=True, slots=True, kw_only=True)
class UsedCaptures:
    """What a run read, as it used it."""

    captures: tuple[Capture, ...]
    readings: tuple[Reading, ...]
    """With the approved values of rows that were held out."""
    findings: tuple[Finding, ...]


def used_by(run: Proposal | Heartbeat, desk: Database, archive: CaptureIndex) -> UsedCaptures | None:
    """Read the captures of a run again; None where the bytes of one are not on this machine.

    Raises:
        RefusedError: The bytes on disk are not those that were captured.
    """
    captures = {source: archive.again(source, lines) for source, lines in read_capture(run.inputs)}
    kept = {source: archive.again(source, lines) for source, lines in read_capture(run.inputs, "approved")}
    if not all(captures.values()) or not all(kept.values()):
        return None
    said = tuple(SOURCES[source].parse(found) for source, found in captures.items())
    findings = tuple(_finding(line) for line in run.findings)
    rows = [
        row for source, found in kept.items() for one in found for row in _rows(source, one, desk, archive)
    ]
    return UsedCaptures(
        captures=tuple(one for group in (captures, kept) for found in group.values() for one in found),
        readings=tuple(restore_quarantined(one, findings, rows) for one in said),
        findings=findings,
    )


def _record_run(run: Proposal | Heartbeat, desk: Database, workspace: Workspace, rules: Config) -> bool:
    archive = CaptureIndex(workspace).at(Week(run.week))
    used = used_by(run, desk, archive)
    if used is None:
        return False
    desk.record_run(
        RunRecord(
            week=Week(run.week),
            attempt=run.attempt,
            as_of=read_moment(run.as_of),
            outcome=Outcome(getattr(run, "outcome", Outcome.PROPOSAL)),
            captures=used.captures,
            readings=used.readings,
            held=tuple(SourceName(f.subject) for f in run.findings if f.kind == "held"),
            findings=used.findings,
            scoreboards=score_readings(
                used.readings,
                rules,
                on=read_moment(run.as_of).date(),
                record=record_of(run, workspace, archive, rules),
            ).scoreboards,
            crosswalk=rules.crosswalk,
            missing=_missing(run),
        )
    )
    return True


def _missing(run: Proposal | Heartbeat) -> tuple[VariantId, ...]:
    """Read which members a run did not find: carried ones and those it asked about, as `tier/variant`."""
    found = {line.subject.partition("/")[2] for line in run.findings if line.kind in {CARRIED, QUESTION}}
    return tuple(VariantId(variant) for variant in sorted(found))


def _rows(
    source: SourceName, capture: Capture, desk: Database, archive: CaptureIndex
) -> tuple[Observation | Price, ...]:
    """Return the rows of an earlier capture: as an earlier run read them, or as a person accepted them."""
    if rows := desk.captured(source, capture.sha256):
        return rows
    answers = (archive.captures(source, one) for one in archive.accepted(source) if capture.sha256 in one)
    readings = [SOURCES[source].parse(found) for found in answers if found]
    observations = [row for one in readings for row in one.observations]
    return (*observations, *(row for one in readings for row in one.prices))


def read_capture(
    inputs: Sequence[InputDigest], word: str = "capture"
) -> list[tuple[SourceName, list[InputDigest]]]:
    """Group the captures of one kind by source, in the order in which they were read."""
    found: dict[SourceName, dict[int, InputDigest]] = {}
    for line in inputs:
        kind, _, rest = line.name.partition(":")
        source, _, number = rest.rpartition(":")
        if kind == word:
            found.setdefault(SourceName(source), {})[int(number)] = line
    return [(source, [lines[place] for place in sorted(lines)]) for source, lines in found.items()]


def _finding(line: FindingLine) -> Finding:
    return Finding(
        kind=line.kind, severity=Severity(line.severity), subject=line.subject, message=line.message
    )


def rebuild_workspace(workspace: Workspace, settings: Settings) -> RebuildResult:
    """Rebuild the desk of a workspace.

    Raises:
        UsageError: Policy or crosswalk are not of the expected form.
        RefusedError: A file of record is damaged.
    """
    rules = read_config(workspace)
    with recreate_database(database_url(workspace, settings)) as desk:
        return rebuild(desk, workspace, rules)
