"""Imports what traffic says of answers, and picks requests worth a second one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.errors import RefusedError, UsageError
from pipeline.publish.versions import version_in_force, versions
from pipeline.usage.fit import BandMembers
from pipeline.usage.pairs import questions
from pipeline.usage.record_file import (
    RejectedLine,
    keep_records,
    lines_of,
    read_lines,
    read_records,
    sort_lines,
)
from pipeline.usage.sample import SampleLine
from pipeline.usage.sample import sample as choose

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.domain.pool import Pool
    from pipeline.domain.usage import UsageRecord
    from pipeline.publish.versions import PublishedVersion
    from pipeline.workspace import Workspace

__all__ = [
    "ImportResult",
    "RejectedLine",
    "SampleLine",
    "first_members",
    "import_usage",
    "imported_records",
    "published_pool",
    "sample_requests",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportResult:
    """What became of the lines of a file."""

    new: int
    known: int
    rejected: tuple[RejectedLine, ...]
    file: Path | None
    """Where the new records are; None where there are none."""


def import_usage(workspace: Workspace, file: Path) -> ImportResult:
    """Keep what a file says of answers; importing it again changes nothing.

    Raises:
        UsageError: The file cannot be read, or every line of it was rejected.
        RefusedError: A record on file was changed.
    """
    known = read_records(workspace.usage)
    found = sort_lines(read_lines(lines_of(file), _deployments(workspace)), known)
    if found.rejected and not found.new and not found.known:
        first = found.rejected[0]
        raise UsageError(
            f"{file}: every line was rejected; line {first.line}: {first.reason}",
            hint="`modelpool usage import --help` shows the form of a line.",
        )
    return ImportResult(
        new=len(found.new),
        known=found.known,
        rejected=found.rejected,
        file=keep_records(workspace.usage, found.new),
    )


def sample_requests(workspace: Workspace, *, count: int) -> tuple[SampleLine, ...]:
    """Pick the requests worth a second answer and a grade.

    Raises:
        UsageError: There are no records.
        RefusedError: No pool is in force, or a file of record was changed.
    """
    published = published_pool(workspace)
    return choose(questions(imported_records(workspace)), first_members(published.pool), count)


def imported_records(workspace: Workspace) -> tuple[UsageRecord, ...]:
    """Return every record on file.

    Raises:
        UsageError: There are none.
        RefusedError: A file of record was changed.
    """
    records = read_records(workspace.usage)
    if not records:
        raise UsageError(
            f"there are no records in {workspace.usage}",
            hint=f"Import some: `{workspace.command('usage import FILE')}`.",
        )
    return records


def published_pool(workspace: Workspace) -> PublishedVersion:
    """Return the pool in force.

    Raises:
        RefusedError: There is none.
    """
    published = version_in_force(workspace.pools)
    if published is None:
        raise RefusedError(
            "no pool is in force, so no variant serves a band",
            hint=f"Publish one: `{workspace.command('status')}` says what is next.",
        )
    return published


def first_members(pool: Pool) -> tuple[BandMembers, ...]:
    """Return who stands first in each band of each tier; else the first member."""
    found = []
    for name, tier in sorted(pool.tiers.items()):
        default = tier.members[0].variant
        simple, medium, complex_ = (
            next(iter(tier.bands.get(band, ())), default) for band in ("simple", "medium", "complex")
        )
        found.append(BandMembers(tier=name, simple=simple, medium=medium, complex=complex_))
    return tuple(found)


def _deployments(workspace: Workspace) -> dict[str, str]:
    """Return the published members by the id that the LiteLLM fragment gives their deployment."""
    found: dict[str, str] = {}
    for version in versions(workspace.pools):
        for name, tier in version.pool.tiers.items():
            for member in tier.members:
                if model := member.models.get("litellm"):
                    found[f"{name}.{member.rank}.{model}@{member.effort}"] = member.variant
    return found
