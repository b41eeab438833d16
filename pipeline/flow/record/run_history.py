"""Reads what earlier runs used, and which of it a person let through, from files of record and captures.

The database is not asked: anybody can write to it, and what it holds is compared with this by `verify`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING, Final

from pipeline.checks.row_quarantine import restore_quarantined
from pipeline.domain.calendar import Week, read_moment
from pipeline.domain.ids import Sha256, SourceName, VariantId
from pipeline.domain.observation import CARRIED, HELD, QUESTION
from pipeline.domain.run import ApprovedRows, CaptureUse, Outcome, RunRecord
from pipeline.domain.run_inputs import InputKind, inputs_by_source, inputs_of
from pipeline.domain.subjects import MemberSubject
from pipeline.flow.record.reading_summaries import ReadingSummaries
from pipeline.review.proposals.documents import place_of
from pipeline.review.proposals.finding_lines import read_finding
from pipeline.sources.registry import SOURCES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime
    from pathlib import Path

    from pipeline.domain.crosswalk import Crosswalk
    from pipeline.domain.observation import Capture, Finding, Observation, Reading
    from pipeline.domain.proposal import Heartbeat, Proposal
    from pipeline.domain.run import ReadingSummary
    from pipeline.domain.run_inputs import InputDigest
    from pipeline.errors import RefusedError
    from pipeline.flow.record.capture_index import CaptureIndex
    from pipeline.flow.record.record_files import RecordFiles
    from pipeline.review.proposals.proposal_store import RunOutline, StoredProposal

    RecordedRun = Proposal | Heartbeat | RunOutline

WEEKS_BACK: Final = 8
"""Runs that count as recent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UsedCaptures:
    """The captures a run read, and how it used them."""

    captures: tuple[Capture, ...]
    readings: tuple[Reading, ...]
    """With the approved values of rows that were held out."""
    findings: tuple[Finding, ...]


class RunHistory:
    """The runs on record when it was opened; each capture is read once, when it is first asked for."""

    def __init__(
        self, record: RecordFiles, capture_index: CaptureIndex, summaries: ReadingSummaries | None = None
    ) -> None:
        """Read who approved what; the documents of runs are read when they are asked for.

        Args:
            record: The files of record.
            capture_index: The captures that the runs name.
            summaries: What is kept of past answers; None: nothing is, so each is parsed.

        Raises:
            RefusedError: One of them is damaged.
        """
        self.record = record
        self._capture_index = capture_index
        self._reviews, self._published = record.reviews, record.versions
        self._folders = record.reviews.attempts
        self._behind = {
            one.decision.pool_sha256: one.folder for one in record.chain.decided if one.is_approved
        }
        self._outlines: dict[Path, RunOutline] = {}
        self._summaries = summaries or ReadingSummaries(None)
        self._parsed: dict[tuple[SourceName, tuple[tuple[str, str, datetime], ...]], Reading] = {}

    @property
    def runs(self) -> tuple[Proposal | Heartbeat, ...]:
        """The document of every run, oldest week and attempt first.

        Raises:
            RefusedError: One of them is damaged.
        """
        return self._reviews.runs

    def last_of_each_week(self) -> Iterator[RunOutline]:
        """Read the last attempt of each week, the newest week first: it stands for the week."""
        last = {place_of(folder)[0]: folder for folder in self._folders}
        return map(self._outline, reversed(last.values()))

    @property
    def capture_index(self) -> CaptureIndex:
        """The captures that the runs name."""
        return self._capture_index

    @property
    def without_bytes(self) -> tuple[str, ...]:
        """Runs of which a capture is not on this machine."""
        return tuple(f"{run.week}.{run.attempt}" for run in self.runs if not self.has_all(run))

    @property
    def pruned(self) -> tuple[str, ...]:
        """Runs of which `modelpool prune` removed a capture, and when."""
        found = []
        for run in self.runs:
            lines = inputs_of(run.inputs, InputKind.CAPTURE)
            moments = (self._capture_index.pruned_at(line.source, line.sha256) for line in lines)
            if at := max((moment for moment in moments if moment), default=None):
                found.append(f"{run.week}.{run.attempt} at {at}")
        return tuple(found)

    @property
    def pruned_attempts(self) -> frozenset[tuple[str, int]]:
        """Weeks and attempts of runs that cannot be read again since `modelpool prune` removed captures."""
        return frozenset(
            place_of(folder) for folder in self._folders if self._is_pruned(self._outline(folder))
        )

    def _is_pruned(self, run: RunOutline) -> bool:
        lines = inputs_of(run.inputs, InputKind.CAPTURE)
        removed = any(self._capture_index.pruned_at(line.source, line.sha256) for line in lines)
        return removed and not self.has_all(run)

    @property
    def damaged(self) -> tuple[tuple[SourceName, RefusedError], ...]:
        """The stored captures that were asked for and whose bytes changed."""
        return self._capture_index.damaged

    def uses(
        self,
        source: SourceName,
        *,
        before: Week | None = None,
        limit: int = WEEKS_BACK,
        metrics: Sequence[str] = (),
    ) -> tuple[CaptureUse, ...]:
        """List the weeks in which new data of a source was used and not held, the newest first.

        Args:
            source: Whose data; a week whose captures are gone is left out.
            before: Only runs of earlier weeks count, so that running a week twice compares it with the same
                data twice; None: any run, for falling back.
            limit: At most so many.
            metrics: Which observations the summaries hold.
        """
        found = (
            CaptureUse(
                week=Week(run.week),
                attempt=run.attempt,
                captures=tuple(Sha256(line.sha256) for line in lines),
                summary=self._summary(source, lines, metrics),
            )
            for run, lines in self._runs_using(source, before)
            if self._is_whole(run, source)
        )
        return tuple(islice(found, limit))

    def _runs_using(
        self, source: SourceName, before: Week | None
    ) -> Iterator[tuple[RunOutline, Sequence[InputDigest]]]:
        """Read the last run of each week that used new data of a source, the newest first."""
        weeks: set[str] = set()
        for folder in reversed(self._folders):
            week, _ = place_of(folder)
            if week in weeks or (before is not None and week >= before):
                continue
            run = self._outline(folder)
            lines = _captures(run, source)
            if lines and (HELD, source) not in {(line.kind, line.subject) for line in run.findings}:
                weeks.add(week)
                yield run, lines

    def rows_behind_pools(
        self, source: SourceName, *, metrics: Sequence[str], since: datetime
    ) -> tuple[ApprovedRows, ...]:
        """Return a source's rows behind the pool in force and behind every pool made since a moment.

        A run that nobody approved is never among them. Held rows are here with the value they kept.

        Args:
            source: Whose rows.
            metrics: Which scores; without any there is nothing to compare.
            since: The oldest moment of a run that counts, besides the one behind the pool in force.

        Returns:
            The newest first; without rows where the captures are gone, empty when no pool is published.
        """
        found: list[ApprovedRows] = []
        for place, version in enumerate(reversed(self._published) if metrics else ()):
            folder, as_of = self._behind.get(version.sha256), read_moment(version.pool.as_of)
            if folder is None or (place and as_of < since):
                continue
            found.append(self._approved_rows(self._outline(folder), source, metrics, as_of))
        return tuple(found)

    def _approved_rows(
        self, run: RunOutline, source: SourceName, metrics: Sequence[str], as_of: datetime
    ) -> ApprovedRows:
        if not self._is_whole(run, source):
            return ApprovedRows(as_of=as_of, observations=())
        summary = self._summary(source, _captures(run, source), metrics)
        rows = self._kept_rows(run, source, metrics)
        return ApprovedRows(
            as_of=as_of,
            observations=restore_quarantined(summary.observations, _findings(run), rows),
            asked=summary.asked,
        )

    def in_force(self) -> StoredProposal | None:
        """Return the approved proposal behind the newest published version; None without one."""
        folder = self._behind.get(self._published[-1].sha256) if self._published else None
        return self._reviews.proposal(folder) if folder else None

    def used_by(self, run: Proposal | Heartbeat) -> UsedCaptures | None:
        """Read the captures of a run again; None where the bytes of one are not on this machine."""
        if not self.has_all(run):
            return None
        used = inputs_by_source(run.inputs, InputKind.CAPTURE)
        kept = inputs_by_source(run.inputs, InputKind.APPROVED)
        readings = (self.reading(run, source) for source in used)
        return UsedCaptures(
            captures=tuple(
                one
                for source, lines in (*used.items(), *kept.items())
                for one in self._capture_index.recorded_captures(source, lines)
            ),
            readings=tuple(one for one in readings if one is not None),
            findings=_findings(run),
        )

    def reading(self, run: Proposal | Heartbeat, source: SourceName) -> Reading | None:
        """Return what a run used of a source; None where it used nothing, or its captures are gone."""
        if not self._is_whole(run, source):
            return None
        parsed = self._reading_of(source, _captures(run, source))
        rows = self._kept_rows(run, source, None)
        return replace(parsed, observations=restore_quarantined(parsed.observations, _findings(run), rows))

    def parse(self, source: SourceName, digests: Sequence[str], captures: tuple[Capture, ...]) -> Reading:
        """Parse an answer; the same captures, fetched at the same moments, are parsed once.

        Raises:
            SourceHeldError: They are not what this source publishes.
        """
        stamps = ((capture.url, capture.fetched_at) for capture in captures)
        place = source, tuple((digest, *stamp) for digest, stamp in zip(digests, stamps, strict=True))
        if place not in self._parsed:
            self._parsed[place] = SOURCES[source].parse(captures)
        return self._parsed[place]

    def _reading_of(self, source: SourceName, lines: Sequence[InputDigest]) -> Reading:
        return self.parse(
            source, [line.sha256 for line in lines], self._capture_index.recorded_captures(source, lines)
        )

    def _summary(
        self, source: SourceName, lines: Sequence[InputDigest], metrics: Sequence[str]
    ) -> ReadingSummary:
        return self._summaries.of(source, lines, metrics, lambda: self._reading_of(source, lines))

    def _is_whole(self, run: RecordedRun, source: SourceName) -> bool:
        """Return whether a run used new data of a source, all of whose captures are here (kept ones too)."""
        new, kept = _captures(run, source), _captures(run, source, InputKind.APPROVED)
        return bool(new) and all(self._capture_index.has(source, line.sha256) for line in (*new, *kept))

    def _kept_rows(
        self, run: RecordedRun, source: SourceName, metrics: Sequence[str] | None
    ) -> list[Observation]:
        kept = _captures(run, source, InputKind.APPROVED)
        return [row for line in kept for row in self._rows(source, line.sha256, metrics)]

    def _rows(
        self, source: SourceName, sha256: str, metrics: Sequence[str] | None
    ) -> tuple[Observation, ...]:
        """Return the rows of an earlier capture as a run used them, or as a person accepted them.

        A source's answer can be several captures; only all of them together can be parsed.
        """
        given = (
            self._reading_of(source, lines) if metrics is None else self._summary(source, lines, metrics)
            for lines in self._answers_with(source, sha256)
            if all(self._capture_index.has(source, line.sha256) for line in lines)
        )
        answers: Sequence[Reading | ReadingSummary] = [*islice(given, 1)] or self._accepted_answers(
            source, sha256
        )
        return tuple(
            observation
            for parsed in answers
            for observation in parsed.observations
            if observation.capture == sha256
        )

    def _answers_with(self, source: SourceName, sha256: str) -> Iterator[Sequence[InputDigest]]:
        """Find the answers of a source that hold a capture, the oldest run first; few documents name it."""
        for folder in self._folders:
            if self._reviews.is_named_in(folder, sha256):
                lines = _captures(self._outline(folder), source)
                if sha256 in {line.sha256 for line in lines}:
                    yield lines

    def _outline(self, folder: Path) -> RunOutline:
        if folder not in self._outlines:
            self._outlines[folder] = self._reviews.outline_in(folder)
        return self._outlines[folder]

    def _accepted_answers(self, source: SourceName, sha256: str) -> list[Reading]:
        accepted = (
            acceptance.captures for acceptance in self.record.acceptances if acceptance.source == source
        )
        answers = [digests for digests in accepted if sha256 in digests]
        captured = ((digests, self._capture_index.captures(source, digests)) for digests in answers)
        return [self.parse(source, digests, found) for digests, found in captured if found]

    def has_all(self, run: RecordedRun) -> bool:
        """Return whether every capture that a run used is on this machine, and whole."""
        lines = (line for line in run.inputs if line.kind in {InputKind.CAPTURE, InputKind.APPROVED})
        return all(self._capture_index.has(line.source, line.sha256) for line in lines)


def run_record(run: Proposal | Heartbeat, used: UsedCaptures, crosswalk: Crosswalk) -> RunRecord:
    """Put into one record what a run was given, without the scores that follow from it."""
    return RunRecord(
        week=Week(run.week),
        attempt=run.attempt,
        as_of=read_moment(run.as_of),
        outcome=Outcome(getattr(run, "outcome", Outcome.PROPOSAL)),
        captures=used.captures,
        readings=used.readings,
        held=tuple(SourceName(finding.subject) for finding in run.findings if finding.kind == HELD),
        findings=used.findings,
        scoreboards={},
        crosswalk=crosswalk,
        missing=tuple(sorted(missing_members(run))),
    )


def missing_members(run: RecordedRun) -> frozenset[VariantId]:
    """Read which members a run did not find: carried ones and those it asked about, as `tier/variant`."""
    found = (MemberSubject.read(line.subject) for line in run.findings if line.kind in {CARRIED, QUESTION})
    return frozenset(member.variant for member in found if member)


def _captures(
    run: RecordedRun, source: SourceName, kind: InputKind = InputKind.CAPTURE
) -> Sequence[InputDigest]:
    """Return the captures of one source that a run used, in the order in which they were read."""
    return inputs_by_source(run.inputs, kind).get(source, ())


def _findings(run: RecordedRun) -> tuple[Finding, ...]:
    return tuple(map(read_finding, run.findings))
