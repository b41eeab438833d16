"""Lets one command at a time write into a workspace; the others wait, then are told who writes.

The lock is the operating system's, so it ends with its process, however that ends. What the file says is
only for people: the command that holds the lock, its process, and since when.
"""

from __future__ import annotations

import contextlib
import os
import shlex
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pipeline.errors import RefusedError, is_full_disk
from pipeline.regular_file import first_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LOCK: Final = "workspace.lock"
WAIT_SECONDS = 60.0
"""How long a command waits for another: an approval takes a second, a run without network about ten."""
_MOST_BYTES: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class LockHolder:
    """Who writes."""

    command: str
    """As typed, e.g. `approve`."""
    since: str
    """The moment at which it began to wait for the lock."""
    process: int | None = None
    """Its process, where its file says; whoever takes the lock writes its own."""


@contextmanager
def hold_lock(data: Path, holder: LockHolder) -> Iterator[None]:
    """Be the only writer of a workspace inside the `with` statement.

    Args:
        data: The folder `data` of the workspace; where there is none, there is nothing to guard.
        holder: What other commands are told meanwhile.

    Raises:
        RefusedError: Another command still writes after that time, or the lock's file cannot be made, is a
            link or a folder.
        OSError: The disk is full.
    """
    if not data.is_dir():
        yield
        return
    from filelock import FileLock, Timeout

    lock = FileLock(
        data / LOCK,
        timeout=WAIT_SECONDS,
        fallback_to_soft=False,
        on_acquired=lambda descriptor: _name_holder(descriptor, holder),
    )
    try:
        lock.acquire()
    except Timeout:
        raise _is_busy(data) from None
    except OSError as error:
        if is_full_disk(error):
            raise
        raise _unusable_lock_error(data / LOCK, error) from None
    try:
        yield
    finally:
        lock.release()


def _name_holder(descriptor: int, holder: LockHolder) -> None:
    """Write who holds the lock into its file; a full disk must not stop who has it."""
    content = f"{os.getpid()} {holder.since} {holder.command}\n".encode(errors="replace")[:_MOST_BYTES]
    with contextlib.suppress(OSError):
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, content, 0)


def current_holder(data: Path) -> LockHolder | None:
    """Return who writes into a workspace now; None where nobody does.

    Raises:
        OSError: The lock's file cannot be opened, or is a link.
    """
    if not (data / LOCK).exists() and not (data / LOCK).is_symlink():
        return None
    from filelock import FileLock, Timeout

    try:
        with FileLock(data / LOCK, timeout=0, fallback_to_soft=False):
            return None
    except Timeout:
        return _named_holder(data) or LockHolder(command="", since="", process=None)


def _named_holder(data: Path) -> LockHolder | None:
    with contextlib.suppress(OSError, ValueError):
        content = first_bytes(data / LOCK, _MOST_BYTES)
        process, since, command = content.decode().strip().split(" ", 2)
        return LockHolder(command=command, since=since, process=int(process))
    return None


def _unusable_lock_error(lock: Path, error: OSError) -> RefusedError:
    found, shown = f"{lock} cannot be locked: {error.strerror}", shlex.quote(str(lock))
    if lock.is_symlink():
        found, hint = f"{lock} is a link", f"Remove it, then run the command again: `rm {shown}`."
    elif lock.is_dir():
        found, hint = f"{lock} is a folder", f"Remove it, then run the command again: `rmdir {shown}`."
    else:
        folder = shlex.quote(str(lock.parent))
        hint = f"Make its folder writable, then run the command again; `ls -ld {folder}` shows it."
    return RefusedError(found, hint=hint)


def _is_busy(data: Path) -> RefusedError:
    holder = _named_holder(data)
    if holder is not None:
        return RefusedError(
            f"`modelpool {holder.command}` (process {holder.process}) has been writing into {data} since "
            f"{holder.since}",
            hint="Nothing was changed. Run this command again when that one has ended; "
            f"`ps -p {holder.process}` shows it.",
        )
    return RefusedError(
        f"another modelpool command is writing into {data}",
        hint="Nothing was changed. Run this command again when that one has ended; "
        f"`fuser {shlex.quote(str(data / LOCK))}` shows it.",
    )
