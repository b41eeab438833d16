"""Reads what the operator's own answers of the last weeks cost, for the proposal to show it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from pipeline.domain.calendar import moment_text
from pipeline.domain.observation import Finding, Severity
from pipeline.domain.run_inputs import InputDigest, InputKind, input_name
from pipeline.errors import RefusedError
from pipeline.usage.measure import tier_spend
from pipeline.usage.record_file import read_file, recent_files

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

    from pipeline.domain.proposal import TierSpend
    from pipeline.domain.usage import UsageRecord
    from pipeline.publish.versions import PublishedVersion
    from pipeline.workspace import Workspace

_RECENT: Final = timedelta(weeks=4)


@dataclass(frozen=True, slots=True, kw_only=True)
class SpendReport:
    """What answers cost, and what it was read from."""

    tiers: tuple[TierSpend, ...]
    inputs: tuple[InputDigest, ...]
    findings: tuple[Finding, ...]


NO_SPEND: Final = SpendReport(tiers=(), inputs=(), findings=())


def read_spend(workspace: Workspace, published: PublishedVersion | None, *, now: datetime) -> SpendReport:
    """Read the answers of the four weeks before a run; a file that was changed is left out with a finding."""
    if published is None:
        return NO_SPEND
    since, until = moment_text(now - _RECENT), moment_text(now)
    files = recent_files(workspace.usage, since=since, until=until)
    records: dict[tuple[str, str, str], UsageRecord] = {}
    findings = []
    for file in files:
        try:
            found = read_file(file)
        except RefusedError:
            findings.append(_damage_finding(file))
            continue
        for record in found:
            if since <= record.time <= until:
                records.setdefault(record.key, record)
    projected = {
        name: {member.variant: member.usd_per_task for member in tier.members}
        for name, tier in published.pool.tiers.items()
    }
    return SpendReport(
        tiers=tier_spend([records[key] for key in sorted(records)], projected),
        inputs=_inputs(files),
        findings=tuple(findings),
    )


def _inputs(files: Sequence[Path]) -> tuple[InputDigest, ...]:
    return tuple(
        InputDigest(
            name=input_name(InputKind.USAGE, number),
            sha256=file.stem,
            detail=f"data/usage/{file.name}",
            fetched_at=None,
        )
        for number, file in enumerate(files, start=1)
    )


def _damage_finding(file: Path) -> Finding:
    return Finding(
        kind="damaged-usage",
        severity=Severity.WARN,
        subject=file.name,
        message=f"data/usage/{file.name} was changed after it was written, so its answers are left out; "
        "bring it back from your backup",
    )
