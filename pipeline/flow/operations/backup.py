"""Copies the files of record into a folder elsewhere, new and changed ones only.

A decision, a published version or an acceptance is written once: where the workspace lost or changed one that
the backup holds, the backup is right and nothing is copied. Captured bytes are only added. Whatever else may
change is as in the workspace. The database is rebuilt from these files; keys are left out.
"""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final

from pipeline import atomic_files
from pipeline.errors import RefusedError, UsageError
from pipeline.publish.pool_file import POINTER
from pipeline.regular_file import read_file

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from pipeline.workspace import Workspace

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
        UsageError: The folder lies inside the workspace, or holds something else.
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
    if target.exists() and (_ADDED.fullmatch(name) or _read(target) == _read(source)):
        return False
    atomic_files.replace_file(target, _read(source))
    return True


def _read(path: Path) -> bytes:
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
        if name not in here or _read(here[name]) != _read(there[name]):
            what = "was changed" if name in here else "is gone"
            kept, lost = shlex.quote(str(folder / name)), shlex.quote(str(workspace.root / name))
            raise RefusedError(
                f"{workspace.root / name} {what}; the backup in {folder} holds it and was left as it is",
                hint=f"Put it back: `cp {kept} {lost}`; then `{workspace.command('verify')}`.",
            )
