"""The desk from the files: after a fresh clone, after a crash, or when an operator asks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.domain.names import Sha256, SourceName, VariantId
from pipeline.domain.observation import Finding, Severity
from pipeline.domain.run import Outcome, RunRecord
from pipeline.domain.week import Week
from pipeline.flow.assess import assess
from pipeline.flow.desk import database_url, record_documents
from pipeline.flow.gather import Archive
from pipeline.flow.rules import read_rules
from pipeline.review import folder as filing
from pipeline.review.moments import read_moment
from pipeline.sources.catalogue import SOURCES
from pipeline.store.afresh import open_afresh

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.domain.proposal import FindingLine, Heartbeat, InputDigest, Proposal
    from pipeline.flow.rules import Rules
    from pipeline.settings import Settings
    from pipeline.store.desk import Desk
    from pipeline.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebuilt:
    """What a rebuild found in the files."""

    runs: int
    without_bytes: tuple[str, ...]
    """Runs whose captures are no longer on this machine; their proposals are kept, their rows are not."""
    decisions: int
    pools: int


def catch_up(desk: Desk, workspace: Workspace, rules: Rules) -> None:
    """Bring a new or interrupted desk to what the files say; cheap when nothing is missing."""
    if desk.is_empty() and workspace.reviews.is_dir():
        rebuild(desk, workspace, rules)
        return
    record_documents(desk, workspace)


def rebuild(desk: Desk, workspace: Workspace, rules: Rules) -> Rebuilt:
    """Empty the desk and fill it from captures, proposals, decisions and pools.

    Raises:
        RefusedError: A file of record is damaged.
    """
    with desk.together():
        return _rebuild(desk, workspace, rules)


def _rebuild(desk: Desk, workspace: Workspace, rules: Rules) -> Rebuilt:
    desk.clear()
    archive = Archive(workspace)
    runs: list[Proposal | Heartbeat] = [one.proposal for one in filing.filed(workspace.reviews)]
    runs.extend(filing.heartbeats(workspace.reviews))
    runs.sort(key=lambda run: (run.week, run.attempt))
    lost = tuple(f"{run.week}.{run.attempt}" for run in runs if not _record_run(run, desk, archive, rules))
    decisions, pools = record_documents(desk, workspace)
    return Rebuilt(runs=len(runs), without_bytes=lost, decisions=decisions, pools=pools)


def _record_run(run: Proposal | Heartbeat, desk: Desk, archive: Archive, rules: Rules) -> bool:
    captures = {source: archive.captures(source, digests) for source, digests in _captured(run.inputs)}
    if not all(captures.values()):
        return False
    readings = tuple(SOURCES[source].parse(found) for source, found in captures.items())
    desk.record_run(
        RunRecord(
            week=Week(run.week),
            attempt=run.attempt,
            as_of=read_moment(run.as_of),
            outcome=Outcome(getattr(run, "outcome", Outcome.PROPOSAL)),
            captures=tuple(capture for found in captures.values() for capture in found),
            readings=readings,
            held=tuple(SourceName(f.subject) for f in run.findings if f.kind == "held"),
            findings=tuple(_finding(line) for line in run.findings),
            scoreboards=assess(readings, rules, on=read_moment(run.as_of).date()).scoreboards,
            crosswalk=rules.crosswalk,
            missing=tuple(VariantId(f.subject) for f in run.findings if f.kind == "incumbent-missing"),
        )
    )
    return True


def _captured(inputs: Sequence[InputDigest]) -> list[tuple[SourceName, list[Sha256]]]:
    """Group the capture digests by source, in the order in which they were read."""
    found: dict[SourceName, list[Sha256]] = {}
    for line in inputs:
        kind, _, rest = line.name.partition(":")
        if kind == "capture":
            found.setdefault(SourceName(rest.rpartition(":")[0]), []).append(Sha256(line.sha256))
    return list(found.items())


def _finding(line: FindingLine) -> Finding:
    return Finding(
        kind=line.kind, severity=Severity(line.severity), subject=line.subject, message=line.message
    )


def rebuild_workspace(workspace: Workspace, settings: Settings) -> Rebuilt:
    """Rebuild the desk of a workspace.

    Raises:
        UsageError: Policy or crosswalk are not of the expected form.
        RefusedError: A file of record is damaged.
    """
    rules = read_rules(workspace)
    with open_afresh(database_url(workspace, settings)) as desk:
        return rebuild(desk, workspace, rules)
