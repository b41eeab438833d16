"""Makes a workspace from a backup, checked as a whole before it is in its place."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline import atomic_files
from pipeline.domain.proposal import Decision
from pipeline.errors import RefusedError, UsageError
from pipeline.flow.operations.backup import MARK, record_files
from pipeline.flow.record.integrity import check_files
from pipeline.flow.record.rebuild import rebuild_workspace
from pipeline.flow.record.record_files import RecordFiles
from pipeline.publish.versions import version_in_force
from pipeline.review.decisions.chain import DecisionChain
from pipeline.workspace import Workspace

if TYPE_CHECKING:
    from pipeline.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreResult:
    """What a restore found in a backup."""

    files: int
    decisions: int
    version: int | None
    """The version in force; None where nothing was published."""
    warnings: tuple[str, ...] = ()
    """Why the database could not be made, and the command that makes it."""


def restore(folder: Path, workspace: Workspace, settings: Settings) -> RestoreResult:
    """Make a workspace from a backup: all of it, or nothing.

    The copy is checked as `verify` checks a workspace while it lies beside its place, so that a backup that
    somebody changed publishes nothing. Then the database is filled from it.

    Raises:
        UsageError: The folder is no backup, or the workspace's place is not empty.
        RefusedError: A version of the backup has no approval, a decision was edited, or a file is damaged;
            nothing is restored.
        OSError: The disk refused; nothing is restored.
    """
    _refuse_place(folder, workspace.root)
    parent = workspace.root.resolve().parent
    parent.mkdir(parents=True, exist_ok=True)
    staged = Path(tempfile.mkdtemp(prefix=".modelpool-restore-", dir=parent))
    try:
        files = record_files(folder)
        for name, path in files.items():
            atomic_files.create_file(staged / name, path.read_bytes())
        copy = Workspace(staged)
        _check(copy, folder, settings)
        published = version_in_force(copy.pools)
        decided = [
            link for _, link, _ in DecisionChain.below(copy.reviews).links if isinstance(link, Decision)
        ]
        staged.chmod(0o755)
        staged.replace(workspace.root.resolve())
    except BaseException:
        shutil.rmtree(staged, ignore_errors=True)
        raise
    return RestoreResult(
        files=len(files),
        decisions=len(decided),
        version=published.version if published else None,
        warnings=_fill_database(workspace, settings),
    )


def _check(copy: Workspace, folder: Path, settings: Settings) -> None:
    """Check a copy as `verify` checks a workspace.

    Raises:
        RefusedError: It is not consistent; the message names the file of the backup.
    """
    try:
        check_files(RecordFiles(copy), settings.model_copy(update={"database_url": None}))
    except RefusedError as error:
        reason = str(error).replace(str(copy.root), str(folder))
        raise RefusedError(
            f"the backup is damaged, and nothing is restored: {reason}",
            hint="Take an older copy of the backup, or the files of record from git.",
        ) from None


def _fill_database(workspace: Workspace, settings: Settings) -> tuple[str, ...]:
    try:
        rebuild_workspace(workspace, settings)
    except (RefusedError, UsageError, OSError) as error:
        again = f"`{workspace.command('rebuild')}` fills it from the files"
        hint = "" if isinstance(error, OSError) else f"{error.hint} Then "
        return (f"the database could not be filled: {error}. {hint}{again}",)
    return ()


def _refuse_place(folder: Path, root: Path) -> None:
    if not (folder / MARK).is_file():
        raise UsageError(
            f"{folder} is no backup: there is no {MARK}",
            hint="Name the folder that `modelpool backup` wrote.",
        )
    if root.exists() and (not root.is_dir() or any(root.iterdir())):
        raise UsageError(
            f"{root} is not empty; a restore never writes over a record",
            hint=f"Move it away, e.g. `mv {root} {root}.broken`, or name an empty or new folder.",
        )
