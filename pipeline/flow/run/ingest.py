"""Turns answers into trusted readings: stores, parses and checks them, or falls back to the last good."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pipeline.captures.store import store_captures
from pipeline.domain.observation import HELD, HELD_NEWER, NOT_ASKED, Finding, Severity
from pipeline.errors import SourceHeldError
from pipeline.flow.run.quality_gate import QualityGate
from pipeline.sources.registry import SOURCES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipeline.domain.ids import SourceName
    from pipeline.domain.observation import Capture, Reading
    from pipeline.flow.run.quality_gate import GateResult


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceResult:
    """One source this week: the reading that is used, and the findings."""

    source: SourceName
    captures: tuple[Capture, ...]
    """The captures behind `reading`; empty when there is none."""
    reading: Reading | None
    held: bool
    findings: tuple[Finding, ...]
    kept: tuple[Capture, ...] = ()
    """Earlier captures from which held rows keep their approved values."""
    refused: tuple[Capture, ...] = ()
    """What the source said now, when it is not used."""


class Ingestion(QualityGate):
    """Stores what sources answer and decides which reading of each is used."""

    def receive(
        self,
        source: SourceName,
        answer: tuple[Capture, ...] | SourceHeldError,
        *,
        others: tuple[Reading, ...] = (),
    ) -> SourceResult:
        """Store a source's answer and decide whether it may replace the last good reading."""
        if isinstance(answer, SourceHeldError):
            return self._fall_back(source, answer)
        self._keep(answer)
        try:
            judged = self.judge(source, answer, others=others)
        except SourceHeldError as error:
            return self._fall_back(source, error, refused=answer)
        if judged.stopped:
            kinds = ", ".join(dict.fromkeys(finding.kind for finding in judged.stopped))
            reason = SourceHeldError(source, kinds, hint="")
            return self._fall_back(source, reason, refused=answer, why=judged.stopped)
        return _result_of(judged)

    def recall(self, source: SourceName) -> SourceResult:
        """Use the last good reading of a source that was not asked this time."""
        if instead := self.accepted_instead(source):
            return _result_of(instead[1])
        captures, judged = self._last_good(source)
        reading = judged.reading if judged else None
        age = f"not asked; its data of {reading.fetched_at:%Y-%m-%d} is used" if reading else "not asked"
        findings = Finding(kind=NOT_ASKED, severity=Severity.NOTE, subject=source, message=f"{source}: {age}")
        return SourceResult(
            source=source,
            captures=captures,
            reading=reading,
            held=False,
            findings=(findings, *(judged.findings if judged else ())),
            kept=judged.kept if judged else (),
        )

    def last_captures(self, source: SourceName) -> tuple[Capture, ...]:
        """Return the captures of a source's last good answer, to ask whether it has changed."""
        uses = self.newest(source)
        return self.history.capture_index.captures(source, uses[0].captures) if uses else ()

    def _keep(self, answer: tuple[Capture, ...]) -> None:
        workspace = self.history.record.workspace
        store_captures(answer, week=self.week, raw=workspace.raw, base=workspace.root)

    def _fall_back(
        self,
        source: SourceName,
        error: SourceHeldError,
        *,
        refused: tuple[Capture, ...] = (),
        why: tuple[Finding, ...] = (),
    ) -> SourceResult:
        """Use what a person accepted since, else the last good reading, and say how old that is."""
        if instead := self.accepted_instead(source):
            acceptance, judged = instead
            message = f"{error}; the data of {acceptance.week} that {acceptance.reviewer} accepted is used"
            newer = _hold_finding(HELD_NEWER, error, message)
            return replace(_result_of(judged, newer, *why), refused=refused)
        captures, again = self._last_good(source)
        last = again.reading if again else None
        days = (self.now.date() - last.fetched_at.date()).days if last else 0
        age = (
            f"its last good data, of {last.fetched_at:%Y-%m-%d}, is used ({days} days old)"
            + ("; prices stay as they were last settled" if last.prices else "")
            if last
            else "there is no earlier good data to fall back to"
        )
        found = _hold_finding(HELD, error, f"{error}; {age}")
        return SourceResult(
            source=source,
            captures=captures,
            reading=last,
            held=True,
            findings=(found, *why, *(again.findings if again else ())),
            kept=again.kept if again else (),
            refused=refused,
        )

    def _last_good(self, source: SourceName) -> tuple[tuple[Capture, ...], GateResult | None]:
        """Return the last good captures of a source and what is used of them: held rows stay held."""
        captures = self.last_captures(source)
        return captures, self.judge_again(source, captures) if captures else None


def _hold_finding(kind: str, error: SourceHeldError, message: str) -> Finding:
    return Finding(
        kind=kind, severity=Severity.HOLD, subject=error.source, message=message, reason=error.found
    )


def _result_of(judged: GateResult, *findings: Finding) -> SourceResult:
    return SourceResult(
        source=judged.reading.source,
        captures=judged.captures,
        reading=judged.reading,
        held=False,
        findings=(*findings, *judged.findings),
        kept=judged.kept,
    )


def ingest(
    ingestion: Ingestion, answers: Mapping[SourceName, tuple[Capture, ...] | SourceHeldError]
) -> tuple[SourceResult, ...]:
    """Ingest the answer of every source, in the order of the registry."""
    results: list[SourceResult] = []
    for source in SOURCES:
        others = tuple(result.reading for result in results if result.reading)
        answer = answers.get(source)
        results.append(
            ingestion.recall(source) if answer is None else ingestion.receive(source, answer, others=others)
        )
    return tuple(results)
