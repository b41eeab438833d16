"""Opens a file that others may have replaced: a pipe is not waited for, and nothing endless is read."""

from __future__ import annotations

import errno
import os
import stat
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_MOST_BYTES: Final = 256 * 2**20
"""No file of the record, packed or not, is as large."""
_FLAGS: Final = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
_APPENDS: Final = os.O_WRONLY | os.O_APPEND | os.O_CREAT


def read_file(path: Path) -> bytes:
    """Return all bytes of a regular file.

    Raises:
        OSError: It is missing, cannot be read, is a folder, pipe or device, or larger than 256 MiB.
    """
    with open_regular(path) as file:
        if os.fstat(file.fileno()).st_size > _MOST_BYTES:
            raise OSError(errno.EFBIG, f"it is larger than {_MOST_BYTES:,} bytes", str(path))
        return file.read()


def first_bytes(path: Path, count: int) -> bytes:
    """Return the first bytes of a regular file.

    Raises:
        OSError: It is missing, cannot be read, or is a folder, pipe or device.
    """
    with open_regular(path) as file:
        return file.read(count)


def append_bytes(path: Path, body: bytes) -> None:
    """Write at the end of a regular file; it is made where there is none.

    Raises:
        OSError: It cannot be written, or is a folder, pipe or device.
    """
    with open_regular(path, _APPENDS, "ab") as file:
        file.write(body)


@contextmanager
def open_regular(path: Path, flags: int = os.O_RDONLY, mode: str = "rb") -> Iterator[IO[bytes]]:
    """Open a regular file; whoever reads it bounds what is read.

    Raises:
        OSError: It is missing, cannot be opened, or is a folder, pipe or device.
    """
    with os.fdopen(os.open(path, flags | _FLAGS, 0o666), mode) as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise OSError(errno.EINVAL, "it is no regular file", str(path))
        yield file
