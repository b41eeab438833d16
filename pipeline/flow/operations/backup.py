"""Copies the files of record into a folder elsewhere, and makes a workspace from such a copy.

A decision, a published version or an acceptance is written once: where the workspace lost or changed one that
the backup holds, the backup is right and nothing is copied. Captured bytes are only added. Whatever else may
change is as in the workspace. The database is rebuilt from these files; keys are left out.
"""

from __future__ import annotations

import re
import shlex
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final

from pipeline import atomic_files
from pipeline.domain.proposal import Decision
from pipeline.errors import RefusedError, UsageError
from pipeline.flow.record.integrity import check_files
from pipeline.flow.record.rebuild import rebuild_workspace
from pipeline.flow.record.record_files import RecordFiles
from pipeline.folder_place import refuse_no_folder
from pipeline.publish.versions import POINTER, version_in_force
from pipeline.regular_file import read_file
from pipeline.review.decisions.chain import DecisionChain
from pipeline.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipeline.settings import Settings


MARK: Final = "modelpool-backup.json"
_MARK_BYTES: Final = b'{"format":1}\n'
_LEFT_OUT: Final = re.compile(
    r"data/(pipeline\.sqlite.*|workspace\.lock|errors\.log|schedule\.log|modelpool\.env)|"
    r"data/(gateway/.*|readings/.*|raw/unfinished\.json)|(.*/)?\..*\.new"
)
"""The database, locks and logs of this machine, what holds keys, and files that were never finished."""
_DECIDED: Final = r"reviews/[^/]+/(decision|withdrawal|answers|retraction-[0-9a-f]+)\.json"
_ONCE: Final = re.compile(
    rf"data/pools/v\d+\.json|data/workloads/w\d+\.json|data/usage/.*|reviews/accepted/.*|{_DECIDED}"
)
_ADDED: Final = re.compile(r"data/raw/.*|reviews/used/.*")
"""Named by their digest; a machine may have let go of some of them."""
_LAST: Final = re.compile(rf"data/pools/{re.escape(POINTER)}|{_DECIDED}")
"""Copied after what they speak of: a copy that is cut off says less, never more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupResult:
    """What a backup did."""

    folder: Path
    files: int
    copied: int
    removed: int


def back_up(workspace: Workspace, folder: Path) -> BackupResult:
    """Bring a backup up to the workspace; repeated, it copies nothing.

    Raises:
        UsageError: The folder lies inside the workspace, holds something else, or is none.
        RefusedError: The workspace lost or changed what is written once; the backup is as it was.
        OSError: The disk refused; run it again.
    """
    _refuse_place(workspace, folder)
    here, there = record_files(workspace.root), record_files(folder)
    _refuse_lost(workspace, folder, here, there)
    if not (folder / MARK).exists():
        atomic_files.create_file(folder / MARK, _MARK_BYTES)
    copied = [name for name in sorted(here, key=_copying_order) if _copy(name, here[name], folder / name)]
    gone = [name for name in there if name not in here and not _ADDED.fullmatch(name)]
    for name in gone:
        there[name].unlink()
    return BackupResult(folder=folder, files=len(here), copied=len(copied), removed=len(gone))


def record_files(root: Path) -> Mapping[str, Path]:
    """Find the files of record below a folder, by their relative name.

    Raises:
        RefusedError: One of them is a link, of which a copy would hold something else.
    """
    found: dict[str, Path] = {}
    for path in (root / ".gitattributes", *(root / "data").rglob("*"), *(root / "reviews").rglob("*")):
        name = PurePosixPath(path.relative_to(root)).as_posix()
        if _LEFT_OUT.fullmatch(name):
            continue
        if path.is_symlink():
            raise RefusedError(
                f"{path} is a link; a backup holds files", hint=f"`ls -l {shlex.quote(str(path))}` shows it."
            )
        if path.is_file():
            found[name] = path
    return found


def _copying_order(name: str) -> tuple[bool, bool, str]:
    return name.endswith(POINTER), _LAST.fullmatch(name) is not None, name


def _copy(name: str, source: Path, target: Path) -> bool:
    """Copy a file unless it is there; captures are named by their digest, so their bytes are not compared."""
    if target.exists() and (_ADDED.fullmatch(name) or _read_bytes(target) == _read_bytes(source)):
        return False
    atomic_files.replace_file(target, _read_bytes(source))
    return True


def _read_bytes(path: Path) -> bytes:
    """Return the bytes of a file here or in the backup.

    Raises:
        RefusedError: They cannot be read.
    """
    try:
        return read_file(path)
    except OSError as error:
        raise RefusedError(
            f"{path} cannot be read: {error.strerror}",
            hint=f"`ls -l {shlex.quote(str(path))}` shows what lies there; remove it or let it be read.",
        ) from None


def _refuse_place(workspace: Workspace, folder: Path) -> None:
    refuse_no_folder(folder, hint="Name a folder elsewhere, best on another disk.")
    inner, outer = folder.resolve(), workspace.root.resolve()
    if inner == outer or outer in inner.parents or inner in outer.parents:
        raise UsageError(
            f"{folder} is not apart from the workspace {workspace.root}",
            hint="Name a folder elsewhere, best on another disk.",
        )
    if folder.exists() and not (folder / MARK).exists() and any(folder.iterdir()):
        raise UsageError(
            f"{folder} holds something else: there is no {MARK}", hint="Name an empty or new folder."
        )


def _refuse_lost(
    workspace: Workspace, folder: Path, here: Mapping[str, Path], there: Mapping[str, Path]
) -> None:
    for name in sorted(filter(_ONCE.fullmatch, there)):
        if name not in here or _read_bytes(here[name]) != _read_bytes(there[name]):
            what = "was changed" if name in here else "is gone"
            kept, lost = shlex.quote(str(folder / name)), shlex.quote(str(workspace.root / name))
            raise RefusedError(
                f"{workspace.root / name} {what}; the backup in {folder} holds it and was left as it is",
                hint=f"Put it back: `cp {kept} {lost}`; then `{workspace.command('verify')}`.",
            )


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
        UsageError: The folder is no backup, or the workspace's place cannot take one.
        RefusedError: A version of the backup has no approval, a decision was edited, or a file is damaged;
            nothing is restored.
        OSError: The disk refused; nothing is restored.
    """
    _refuse_target(folder, workspace.root)
    parent = workspace.root.resolve().parent
    parent.mkdir(parents=True, exist_ok=True)
    staged = Path(tempfile.mkdtemp(prefix=".modelpool-restore-", dir=parent))
    try:
        files = record_files(folder)
        for name, path in files.items():
            atomic_files.create_file(staged / name, _read_bytes(path))
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


def _refuse_target(folder: Path, root: Path) -> None:
    if not (folder / MARK).is_file():
        raise UsageError(
            f"{folder} is no backup: there is no {MARK}",
            hint="Name the folder that `modelpool backup` wrote.",
        )
    refuse_no_folder(root, hint="Name an empty or new folder.")
    inner, outer = root.resolve(), folder.resolve()
    if outer in (inner, *inner.parents):
        raise UsageError(
            f"{root} lies inside the backup {folder}", hint="Name an empty or new folder elsewhere."
        )
    if root.exists() and any(root.iterdir()):
        named = root if root.name.strip(".") else inner
        away = f"mv {shlex.quote(str(named))} {shlex.quote(f'{named}.broken')}"
        raise UsageError(
            f"{root} is not empty; a restore never writes over a record",
            hint=f"Move it away, e.g. `{away}`, or name an empty or new folder.",
        )
    if inner in (here := Path.cwd(), *here.parents):
        raise UsageError(
            f"{root} is where this shell stands, and a restore puts a new folder in its place",
            hint=f"Go out of it, then name it: `modelpool restore BACKUP {shlex.quote(str(inner))}`.",
        )
