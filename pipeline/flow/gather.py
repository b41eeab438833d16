"""From answers to trusted readings: keep the bytes, parse, check, and fall back to the last good."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.domain.observation import Finding, Severity
from pipeline.errors import SourceHeldError
from pipeline.observations.expect import expect
from pipeline.observations.raw import keep, load, sidecars
from pipeline.sources.catalogue import SOURCES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from pipeline.domain.names import Sha256, SourceName
    from pipeline.domain.observation import Capture, Reading
    from pipeline.domain.week import Week
    from pipeline.flow.rules import Rules
    from pipeline.store.desk import Desk
    from pipeline.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """One source this week: what is used of it, and what was noticed."""

    source: SourceName
    captures: tuple[Capture, ...]
    """The captures behind `reading`; empty when there is none."""
    reading: Reading | None
    held: bool
    findings: tuple[Finding, ...]


class Archive:
    """Captures on disk, found by digest."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._sidecars = {(car.source, car.sha256): car for car in sidecars(workspace.raw)}

    def captures(self, source: SourceName, digests: Sequence[Sha256]) -> tuple[Capture, ...]:
        """Return captures whose bytes are still here; empty when one is missing.

        Raises:
            RefusedError: The bytes on disk are not those that were captured.
        """
        cars = [self._sidecars.get((source, digest)) for digest in digests]
        if any(car is None for car in cars):
            return ()
        return tuple(load(car, raw=self._workspace.raw, base=self._workspace.root) for car in cars if car)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gatherer:
    """Everything that listening to a source needs besides its answer."""

    workspace: Workspace
    rules: Rules
    desk: Desk
    archive: Archive
    week: Week
    now: datetime

    def hear(self, source: SourceName, answer: tuple[Capture, ...] | SourceHeldError) -> Heard:
        """Keep what a source answered and decide whether it may replace its last good data."""
        if isinstance(answer, SourceHeldError):
            return self._fall_back(source, answer)
        keep(answer, week=self.week, raw=self.workspace.raw, base=self.workspace.root)
        try:
            reading = SOURCES[source].parse(answer)
        except SourceHeldError as error:
            return self._fall_back(source, error)
        _, last = self._known(source, before=self.week)
        noticed = expect(reading, self.rules.expectations.of(source), last=last, now=self.now)
        stopped = [finding for finding in noticed if finding.severity is Severity.HOLD]
        if stopped:
            reason = SourceHeldError(source, "; ".join(f.message for f in stopped), hint="")
            return self._fall_back(source, reason)
        return Heard(
            source=source,
            captures=answer,
            reading=reading,
            held=False,
            findings=(*reading.findings, *noticed),
        )

    def recall(self, source: SourceName) -> Heard:
        """Use the last good data of a source that was not asked this time."""
        captures, reading = self._known(source, before=None)
        age = f"not asked; its data of {reading.fetched_at:%Y-%m-%d} is used" if reading else "not asked"
        noticed = Finding(
            kind="not-asked", severity=Severity.NOTE, subject=source, message=f"{source}: {age}"
        )
        return Heard(source=source, captures=captures, reading=reading, held=False, findings=(noticed,))

    def _fall_back(self, source: SourceName, error: SourceHeldError) -> Heard:
        captures, last = self._known(source, before=None)
        age = (
            f"its last good data, of {last.fetched_at:%Y-%m-%d}, stays in force"
            if last
            else "there is no earlier good data to fall back to"
        )
        found = Finding(kind="held", severity=Severity.HOLD, subject=source, message=f"{error}; {age}")
        return Heard(source=source, captures=captures, reading=last, held=True, findings=(found,))

    def _known(
        self, source: SourceName, *, before: Week | None
    ) -> tuple[tuple[Capture, ...], Reading | None]:
        """Return the last good captures of a source and what they say."""
        captures = self.archive.captures(source, self.desk.last_good(source, before=before))
        return captures, SOURCES[source].parse(captures) if captures else None


def gather(
    gatherer: Gatherer, answers: Mapping[SourceName, tuple[Capture, ...] | SourceHeldError]
) -> tuple[Heard, ...]:
    """Listen to every source, in the catalogue's order."""
    return tuple(
        gatherer.hear(source, answers[source]) if source in answers else gatherer.recall(source)
        for source in SOURCES
    )
