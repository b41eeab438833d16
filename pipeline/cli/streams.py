"""Writes to a pipe whose reader may leave: `modelpool run | head` ends as `modelpool run` does."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from typing_extensions import Buffer


class _PatientFile(io.FileIO):
    """A file descriptor on which a broken pipe is no error: what nobody reads is dropped."""

    def write(self, data: Buffer, /) -> int:
        """Write, or drop what cannot arrive."""
        try:
            return super().write(data)
        except BrokenPipeError:
            return memoryview(data).nbytes


def patient(stream: TextIO) -> TextIO:
    """Return the same stream without broken pipes; what its encoding cannot write is spelled out."""
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
