"""Answers what earlier runs used, and which of it a person let through, from files of record and captures.

The database is not asked: anybody can write to it, and what it holds is compared with this by `verify`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pipeline.checks.reading_stats import count_numbers
from pipeline.checks.row_quarantine import restore_quarantined
from pipeline.domain.calendar import Week, read_moment
from pipeline.domain.ids import Sha256, SourceName, VariantId
from pipeline.domain.observation import CARRIED, QUESTION, Finding, Severity
from pipeline.domain.run import ApprovedRow, CaptureUse, Outcome, RunRecord
from pipeline.publish.versions import versions
from pipeline.review.proposals import proposal_store as filing
from pipeline.sources.registry import SOURCES

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from pipeline.domain.crosswalk import Crosswalk
    from pipeline.domain.observation import Capture, Observation, Reading
    from pipeline.domain.proposal import FindingLine, Heartbeat, InputDigest, Proposal
    from pipeline.errors import RefusedError
    from pipeline.flow.record.capture_index import CaptureIndex
    from pipeline.workspace import Workspace

WEEKS_BACK: Final = 8
"""Runs that count as recent."""
HELD: Final = "held"
"""Kind of the finding about a source whose new data is not used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UsedCaptures:
    """What a run read, as it used it."""

    captures: tuple[Capture, ...]
    readings: tuple[Reading, ...]
    """With the approved values of rows that were held out."""
    findings: tuple[Finding, ...]


class RunHistory:
    """The runs on record when it was opened; each capture is read once, when it is first asked for."""

    def __init__(self, workspace: Workspace, archive: CaptureIndex) -> None:
        """Read the documents of all runs.

        Raises:
            RefusedError: One of them is damaged.
        """
        self._archive = archive
        self.runs = recorded_runs(workspace)
        self._last_of_week = {run.week: run for run in self.runs}
        self._published = versions(workspace.pools)
        self._behind = _approved_by_pool(workspace)
        self._readings: dict[tuple[str, int, SourceName], Reading | None] = {}

    @property
    def last_of_each_week(self) -> tuple[Proposal | Heartbeat, ...]:
        """The last attempt of each week, in order: it stands for a week that was run several times."""
        return tuple(self._last_of_week.values())

    @property
    def without_bytes(self) -> tuple[str, ...]:
        """Runs of which a capture is not on this machine."""
        return tuple(f"{run.week}.{run.attempt}" for run in self.runs if not self._has_all(run))

    @property
    def damaged(self) -> tuple[tuple[SourceName, RefusedError], ...]:
        """The stored captures that were asked for and whose bytes changed."""
        return self._archive.damaged

    def uses(
        self, source: SourceName, *, before: Week | None = None, limit: int = WEEKS_BACK
    ) -> tuple[CaptureUse, ...]:
        """List the weeks in which new data of a source was used and not held, the newest first.

        Args:
            source: Whose data; a week whose captures are gone is left out.
            before: Only runs of earlier weeks count, so that running a week twice compares it with the same
                data twice; None: any run, for falling back.
            limit: At most so many.
        """
        used = {
            run.week: run
            for run in self.runs
            if (before is None or run.week < before)
            and source in dict(read_capture(run.inputs))
            and (HELD, source) not in {(line.kind, line.subject) for line in run.findings}
        }
        found: list[CaptureUse] = []
        for run in reversed(used.values()):
            reading = self.reading(run, source) if len(found) < limit else None
            if reading is not None:
                found.append(
                    CaptureUse(
                        week=Week(run.week),
                        attempt=run.attempt,
                        captures=tuple(
                            Sha256(line.sha256) for line in dict(read_capture(run.inputs))[source]
                        ),
                        names=len(count_numbers(reading)),
                    )
                )
        return tuple(found)

    def approved(
        self, source: SourceName, *, metrics: Sequence[str], since: datetime
    ) -> tuple[ApprovedRow, ...]:
        """Return a source's rows behind the pool in force and behind every pool made since a moment.

        A run that nobody approved is never among them. Held rows are here with the value they kept.

        Args:
            source: Whose rows.
            metrics: Which scores; prices are always there.
            since: The oldest moment of a run that counts, besides the one behind the pool in force.

        Returns:
            The newest first; without rows where the captures are gone, empty when no pool is published.
        """
        found: list[ApprovedRow] = []
        for place, version in enumerate(reversed(self._published)):
            run, as_of = self._behind.get(version.sha256), read_moment(version.pool.as_of)
            if run is None or (place and as_of < since):
                continue
            reading = self.reading(run, source)
            rows = reading.observations if reading else ()
            found.append(
                ApprovedRow(
                    as_of=as_of,
                    observations=tuple(one for one in rows if one.metric in metrics),
                    prices=reading.prices if reading else (),
                )
            )
        return tuple(found)

    def in_force(self) -> Proposal | None:
        """Return the approved proposal behind the newest published version; None without one."""
        return self._behind.get(self._published[-1].sha256) if self._published else None

    def used_by(self, run: Proposal | Heartbeat) -> UsedCaptures | None:
        """Read the captures of a run again; None where the bytes of one are not on this machine."""
        if not self._has_all(run):
            return None
        groups = (*read_capture(run.inputs), *read_capture(run.inputs, "approved"))
        readings = (self.reading(run, source) for source, _ in read_capture(run.inputs))
        return UsedCaptures(
            captures=tuple(one for source, lines in groups for one in self._archive.again(source, lines)),
            readings=tuple(one for one in readings if one is not None),
            findings=_findings(run),
        )

    def reading(self, run: Proposal | Heartbeat, source: SourceName) -> Reading | None:
        """Return what a run used of a source; None where it used nothing, or its captures are gone."""
        place = (run.week, run.attempt, source)
        if place not in self._readings:
            self._readings[place] = self._read(run, source)
        return self._readings[place]

    def _read(self, run: Proposal | Heartbeat, source: SourceName) -> Reading | None:
        captures = self._archive.again(source, dict(read_capture(run.inputs)).get(source, []))
        kept = dict(read_capture(run.inputs, "approved")).get(source, [])
        if not captures or not all(self._archive.has(source, line.sha256) for line in kept):
            return None
        rows = [row for line in kept for row in self._rows(source, line.sha256)]
        return restore_quarantined(SOURCES[source].parse(captures), _findings(run), rows)

    def _rows(self, source: SourceName, sha256: str) -> tuple[Observation, ...]:
        """Return the rows of an earlier capture, as a run was given it or a person accepted it.

        A source's answer can be several captures; only all of them together can be parsed.
        """
        groups = [lines for run in self.runs for one, lines in read_capture(run.inputs) if one == source]
        given = [self._archive.again(source, lines) for lines in groups if sha256 in _digests(lines)][:1]
        accepted = [self._archive.captures(source, one) for one in self._archive.accepted(source)]
        answers = given or [found for found in accepted if sha256 in {one.sha256 for one in found}]
        readings = (SOURCES[source].parse(found) for found in answers if found)
        return tuple(one for reading in readings for one in reading.observations if one.capture == sha256)

    def _has_all(self, run: Proposal | Heartbeat) -> bool:
        groups = (*read_capture(run.inputs), *read_capture(run.inputs, "approved"))
        return all(self._archive.has(source, line.sha256) for source, lines in groups for line in lines)


def recorded_runs(workspace: Workspace) -> tuple[Proposal | Heartbeat, ...]:
    """Read the document of every run, oldest week and attempt first.

    Raises:
        RefusedError: One of them is damaged.
    """
    runs: list[Proposal | Heartbeat] = [one.proposal for one in filing.stored_proposals(workspace.reviews)]
    runs.extend(filing.heartbeats(workspace.reviews))
    return tuple(sorted(runs, key=lambda run: (run.week, run.attempt)))


def run_record(run: Proposal | Heartbeat, used: UsedCaptures, crosswalk: Crosswalk) -> RunRecord:
    """Put into one record what a run was given, without the scores that follow from it."""
    return RunRecord(
        week=Week(run.week),
        attempt=run.attempt,
        as_of=read_moment(run.as_of),
        outcome=Outcome(getattr(run, "outcome", Outcome.PROPOSAL)),
        captures=used.captures,
        readings=used.readings,
        held=tuple(SourceName(one.subject) for one in run.findings if one.kind == HELD),
        findings=used.findings,
        scoreboards={},
        crosswalk=crosswalk,
        missing=tuple(sorted(missing_members(run))),
    )


def missing_members(run: Proposal | Heartbeat) -> frozenset[VariantId]:
    """Read which members a run did not find: carried ones and those it asked about, as `tier/variant`."""
    found = (line.subject.partition("/")[2] for line in run.findings if line.kind in {CARRIED, QUESTION})
    return frozenset(VariantId(variant) for variant in found)


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


def _approved_by_pool(workspace: Workspace) -> dict[str, Proposal]:
    """Find the approved proposal behind each pool, the newest where several are."""
    filed = filing.stored_proposals(workspace.reviews)
    approved = [one for one in filed if one.is_approved]
    return {one.proposal.pool_sha256: one.proposal for one in approved}


def _findings(run: Proposal | Heartbeat) -> tuple[Finding, ...]:
    return tuple(_finding(line) for line in run.findings)


def _finding(line: FindingLine) -> Finding:
    return Finding(
        kind=line.kind, severity=Severity(line.severity), subject=line.subject, message=line.message
    )


def _digests(lines: Sequence[InputDigest]) -> set[str]:
    return {line.sha256 for line in lines}
