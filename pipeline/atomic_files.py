"""Writes files of record whole or not at all, and flushed to the disk; no other code writes one.

Write to a temporary name, fsync, rename, fsync the folder. The temporary name names the process that
writes, so that no two write into one file; what a process that has ended left behind is removed by the next
one that writes the same file. A link in the place of a temporary file is not followed.

A router often runs as another user: a new file is readable by everybody, a replaced one keeps its mode, and
neither depends on the umask of whoever runs the job.
"""

from __future__ import annotations

import os
import re
import secrets
import stat
from typing import TYPE_CHECKING, Final

from pipeline.errors import RefusedError, line_end_note
from pipeline.regular_file import read_file

if TYPE_CHECKING:
    from pathlib import Path

_FILE_MODE: Final = 0o644
_FOLDER_MODE: Final = 0o755
_FLAGS: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)


def replace_file(target: Path, body: bytes, *, mode: int | None = None) -> None:
    """Write `body` to `target`, over what is there.

    Args:
        target: The file.
        body: All of its bytes.
        mode: Permission bits it gets; None: those of the file that is replaced, 0644 where there is none.

    Raises:
        OSError: The disk refused; `target` is as it was.
    """
    staged = _stage(target, body, _mode_of(target) if mode is None else mode)
    try:
        staged.replace(target)
    except BaseException:
        staged.unlink(missing_ok=True)
        raise
    _sync_folder(target.parent)


def create_file(target: Path, body: bytes) -> None:
    """Write `body` to `target`, once: the same bytes again are fine, other bytes are refused.

    Raises:
        RefusedError: `target` exists with other bytes.
        OSError: The disk refused; `target` is as it was.
    """
    staged = _stage(target, body, _FILE_MODE)
    try:
        os.link(staged, target)
    except FileExistsError:
        if (there := read_file(target)) != body:
            raise RefusedError(
                f"{target} exists with other content and is never written again{line_end_note(there)}",
                hint=f"Compare it with git: `git log -p -- {target.name}`; then run the week again.",
            ) from None
    finally:
        staged.unlink()
    _sync_folder(target.parent)


def _mode_of(target: Path) -> int:
    """Return the permission bits of the file that is there, else those of a new one; a link's say nothing."""
    try:
        mode = target.lstat().st_mode
    except FileNotFoundError:
        return _FILE_MODE
    return stat.S_IMODE(mode) if stat.S_ISREG(mode) else _FILE_MODE


def _stage(target: Path, body: bytes, mode: int) -> Path:
    _make_folder(target.parent)
    _remove_leftovers(target)
    staged = target.with_name(f".{target.name}.{os.getpid()}-{secrets.token_hex(4)}.new")
    try:
        with os.fdopen(os.open(staged, _FLAGS, _FILE_MODE), "wb") as file:
            os.fchmod(file.fileno(), mode)
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        staged.unlink(missing_ok=True)
        raise
    return staged


def _remove_leftovers(target: Path) -> None:
    """Remove what processes that ended while they wrote this file left behind."""
    ours = re.compile(rf"\.{re.escape(target.name)}(?:\.(\d+)-[0-9a-f]+)?\.new")
    for path in target.parent.iterdir():
        found = ours.fullmatch(path.name)
        if found and not (found[1] and _is_running(int(found[1]))):
            path.unlink(missing_ok=True)


def _is_running(process: int) -> bool:
    """Return whether another process may still be writing; this one writes a file at a time."""
    if process == os.getpid():
        return False
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True


def _make_folder(folder: Path) -> None:
    """Make a folder and those above it; each is on the disk before something is put into it."""
    if folder.is_dir():
        return
    _make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    folder.chmod(_FOLDER_MODE)
    _sync_folder(folder.parent)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
