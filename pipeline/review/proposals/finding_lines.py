"""Writes findings as documents hold them, and reads them back, those of earlier releases too."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from pipeline.domain.document import well_formed
from pipeline.domain.observation import HELD, HELD_NEWER, HELD_ROW, Finding, Severity
from pipeline.domain.proposal import FindingLine

if TYPE_CHECKING:
    from collections.abc import Iterable

_SEVERITIES: Final[tuple[str, ...]] = (Severity.HOLD, Severity.WARN, Severity.NOTE)
_AFTER_REASON: Final = re.compile(
    r"; (?:its last good data, of |there is no earlier good data|the data of ).*", re.DOTALL
)
_KEPT_FROM: Final = re.compile(r" \(capture ([0-9a-f]{12})\)")


def finding_line(finding: Finding) -> FindingLine:
    """Write a finding as a document holds it."""
    return FindingLine(
        kind=well_formed(finding.kind),
        severity=finding.severity.value,
        subject=well_formed(finding.subject),
        message=well_formed(finding.message),
        reason=well_formed(finding.reason),
        kept_from=finding.kept_from,
    )


def finding_lines(findings: Iterable[Finding]) -> tuple[FindingLine, ...]:
    """Write findings as a proposal shows them: holds first, each of them once."""
    return tuple(sorted(map(finding_line, set(findings)), key=_order))


def _order(line: FindingLine) -> tuple[int, str, str, str]:
    return _SEVERITIES.index(line.severity), line.kind, line.subject, line.message


def read_finding(line: FindingLine) -> Finding:
    """Read a finding back; what an earlier release wrote into the sentence alone is read from there."""
    return Finding(
        kind=line.kind,
        severity=Severity(line.severity),
        subject=line.subject,
        message=line.message,
        reason=line.reason or _reason_in_message(line),
        kept_from=line.kept_from or _capture_in_message(line),
    )


def _reason_in_message(line: FindingLine) -> str:
    if line.kind not in {HELD, HELD_NEWER}:
        return ""
    return _AFTER_REASON.sub("", line.message.removeprefix(f"{line.subject} is held: "))


def _capture_in_message(line: FindingLine) -> str:
    found = _KEPT_FROM.search(line.message) if line.kind == HELD_ROW else None
    return found[1] if found else ""
