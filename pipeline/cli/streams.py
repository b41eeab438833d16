"""Keeps a closed, full or broken output from changing what a command does."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from typing import TYPE_CHECKING, Final, TextIO

from pipeline.errors import RefusedError, is_full_disk

if TYPE_CHECKING:
    from typing_extensions import Buffer

_STANDARD: Final = (0, 1, 2)
_UNWRITTEN: Final = 1
_LOST: Final[list[OSError]] = []


class _PatientFile(io.FileIO):
    """A file descriptor on which a failed write is no error: what cannot arrive is dropped."""

    def write(self, data: Buffer, /) -> int:
        """Write, or drop what cannot arrive; what a reader did not leave on purpose is remembered."""
        try:
            return super().write(data)
        except BrokenPipeError:
            return memoryview(data).nbytes
        except OSError as error:
            _LOST.append(error)
            return memoryview(data).nbytes


def open_streams() -> None:
    """Open the standard streams that are closed, and write to stdout and stderr without errors.

    A closed descriptor would be given to the next file that is opened, and print into it.
    """
    for number in _STANDARD:
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest that is free, which is this one
    sys.stdin = sys.stdin or open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - for the whole process
    sys.stdout, sys.stderr = _tolerant_stream(sys.stdout, 1), _tolerant_stream(sys.stderr, 2)


def _tolerant_stream(stream: TextIO | None, number: int) -> TextIO:
    """Return a stream that drops what cannot be written; what its encoding cannot write is spelled out.

    `modelpool run | head` ends as `modelpool run` does.
    """
    if stream is None:
        return open(number, "w", encoding="utf-8", closefd=False)
    if not isinstance(stream, io.TextIOWrapper):
        return stream
    file = io.BufferedWriter(_PatientFile(stream.fileno(), "wb", closefd=False))
    return io.TextIOWrapper(
        file,
        encoding=stream.encoding,
        errors="backslashreplace",
        line_buffering=stream.line_buffering,
        write_through=stream.write_through,
    )


def code_after_output(code: int) -> int:
    """Return the exit code of a command whose output may not have arrived: then it is no success.

    Says so on stderr, as far as that can be written. What the command did stands.
    """
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    if not _LOST:
        return code
    from pipeline.cli.console import print_message

    lost = _LOST[0]
    print_message(f"error: the output could not be written: {lost.strerror}", hang=len("error: "))
    print_message(" hint: What the command did stands; `modelpool status` shows it.", hang=len("hint: "))
    return code or (RefusedError.exit_code if is_full_disk(lost) else _UNWRITTEN)
