"""Lays out, in a folder of its own, the workspace that a past run found.

A week is rebuilt by the week's own code, on a workspace that holds nothing later. Nothing can leak into the
past that is not there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.flow.record.config_snapshots import lay_out
from pipeline.publish.versions import POINTER, pointer_bytes
from pipeline.review.decisions.acceptances import Acceptance, file_of
from pipeline.review.proposals import config_snapshots
from pipeline.review.proposals.documents import HEARTBEAT, PROPOSAL, packed_path
from pipeline.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from pipeline.publish.versions import PublishedVersion


@dataclass(frozen=True, slots=True)
class PastWorkspace(Workspace):
    """Captures of the real workspace, found by digest; everything else below another folder."""

    place: Path

    @property
    def _there(self) -> Workspace:
        return Workspace(self.place)

    @property
    def policy(self) -> Path:
        """The policy of that time."""
        return self._there.policy

    @property
    def expectations(self) -> Path:
        """The expectations of that time."""
        return self._there.expectations

    @property
    def crosswalk(self) -> Path:
        """The crosswalk of that time."""
        return self._there.crosswalk

    @property
    def pools(self) -> Path:
        """The versions that were published then."""
        return self._there.pools

    @property
    def reviews(self) -> Path:
        """The runs, decisions and acceptances that were on record then."""
        return self._there.reviews

    @property
    def usage(self) -> Path:
        """The imported answers that the run read."""
        return self._there.usage


@dataclass(frozen=True, slots=True, kw_only=True)
class PastRecord:
    """What was on record at a moment."""

    written: Mapping[str, bytes]
    """Policy, expectations and crosswalk."""
    runs: Mapping[Path, tuple[str, ...]]
    """Folders of runs, and the names of what was decided about each by then."""
    acceptances: tuple[Acceptance, ...]
    published: tuple[PublishedVersion, ...]
    """Oldest first; the last one was in force."""
    usage: tuple[Path, ...] = ()
    """Files of imported answers that the run read."""


def write_past_workspace(workspace: Workspace, past: PastRecord, place: Path) -> PastWorkspace:
    """Lay the record of a moment out in an empty folder; the real workspace is only read."""
    then = PastWorkspace(workspace.root, place)
    lay_out(then, past.written)
    for folder, decided in past.runs.items():
        for name in (PROPOSAL, packed_path(folder / PROPOSAL).name, HEARTBEAT, *decided):
            _link(folder / name, then.reviews / folder.name / name)
    for acceptance in past.acceptances:
        _link(workspace.reviews / file_of(acceptance), then.reviews / file_of(acceptance))
    _link(
        config_snapshots.place_of(workspace.reviews, "", "").parent,
        config_snapshots.place_of(then.reviews, "", "").parent,
    )
    for file in past.usage:
        _link(file, then.usage / file.name)
    for version in past.published:
        _link(version.path, then.pools / version.path.name)
    if past.published:
        last = past.published[-1]
        (then.pools / POINTER).write_bytes(pointer_bytes(last.version, last.path.read_bytes()))
    return then


def _link(real: Path, there: Path) -> None:
    if real.exists():
        there.parent.mkdir(parents=True, exist_ok=True)
        there.symlink_to(real.resolve())
