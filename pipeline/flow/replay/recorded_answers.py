"""Reads from a run on record what each source answered, and what was noticed while it was asked."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from pipeline.domain.observation import CLOCK, Finding, Severity
from pipeline.errors import SourceHeldError
from pipeline.flow.record.run_history import read_capture
from pipeline.flow.replay.recorded_inputs import capture_of
from pipeline.sources.registry import SOURCES

if TYPE_CHECKING:
    from pipeline.domain.ids import SourceName
    from pipeline.domain.observation import Capture
    from pipeline.domain.proposal import FindingLine, Heartbeat, InputDigest, Proposal
    from pipeline.flow.record.capture_index import CaptureIndex

_HELD: Final = ("held", "held-newer")
_ENDS: Final = re.compile(r"; (?:its last good data, of |there is no earlier good data|the data of )")


def recorded_captures(
    run: Proposal | Heartbeat, capture_index: CaptureIndex
) -> dict[SourceName, tuple[Capture, ...] | SourceHeldError]:
    """Return what each source answered: its bytes, or why there were none; sources not asked are absent."""
    used, held = dict(read_capture(run.inputs)), dict(read_capture(run.inputs, "held"))
    answers: dict[SourceName, tuple[Capture, ...] | SourceHeldError] = {}
    for source in SOURCES:
        failed = _failure(source, run.findings)
        lines: list[InputDigest] = held.get(source, []) or ([] if failed else used.get(source, []))
        asked = not any((finding.kind, finding.subject) == ("not-asked", source) for finding in run.findings)
        if lines and asked:
            answers[source] = tuple(capture_of(line, capture_index) for line in lines)
        elif failed:
            answers[source] = failed
    return answers


def noticed_while_asking(run: Proposal | Heartbeat) -> tuple[Finding, ...]:
    """Return the findings of a run that its captures alone do not give again."""
    return tuple(
        Finding(
            kind=finding.kind,
            severity=Severity(finding.severity),
            subject=finding.subject,
            message=finding.message,
        )
        for finding in run.findings
        if finding.kind == CLOCK
    )


def _failure(source: SourceName, findings: tuple[FindingLine, ...]) -> SourceHeldError | None:
    """Return why a source was held, as the run recorded it: an answer that never came has no bytes."""
    for finding in findings:
        if finding.kind in _HELD and finding.subject == source:
            found = _ENDS.split(finding.message.removeprefix(f"{source} is held: "))
            return SourceHeldError(
                source, finding.message[len(f"{source} is held: ") :][: len(found[0])], hint=""
            )
    return None
