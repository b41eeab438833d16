"""Defines every error that the pipeline raises on purpose.

Hierarchy:

* PipelineError
  + UsageError            a command, policy or crosswalk line is not of the written form (exit 2)
    - ArgumentError       ... and nothing began: the log of runs passes over it
  + SourceHeldError       a source answered something it must not be trusted with (exit 20)
  + RefusedError          stale, unapproved, wrong digest, failed verification, full disk (exit 30)
"""

from __future__ import annotations

import errno
from typing import ClassVar


class PipelineError(Exception):
    """A failure with a next step.

    `str(error)` says what is wrong, with the value seen. `error.hint` says what to do about it,
    with the command or the file.
    """

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, *, hint: str) -> None:
        """Keep the message and the next step."""
        super().__init__(message)
        self.hint = hint


class UsageError(PipelineError):
    """An argument, or a file that people write, is not of the form that is expected."""

    exit_code: ClassVar[int] = 2


class ArgumentError(UsageError):
    """What was typed is not of its form, or names a week that cannot run: nothing began, so no run failed."""


def line_end_note(body: bytes) -> str:
    """Name the cause where a file of record was rewritten with CRLF; empty where it was not."""
    if b"\r\n" not in body:
        return ""
    return " (its lines end in CRLF, as git's core.autocrlf writes them: `git config core.autocrlf false`)"


def is_full_disk(error: OSError) -> bool:
    """Return whether a disk, or what a user may keep on it, is full."""
    return error.errno in {errno.ENOSPC, errno.EDQUOT}


class SourceHeldError(PipelineError):
    """A source published something that must not replace its last good data."""

    exit_code: ClassVar[int] = 20

    def __init__(self, source: str, found: str, *, hint: str) -> None:
        """Name the source and what was found in its answer."""
        super().__init__(f"{source} is held: {found}", hint=hint)
        self.source = source
        self.found = found


class NotificationError(PipelineError):
    """A notice could not be sent; what it is about stands."""

    def __init__(self, message: str) -> None:
        """Say which channel and why, without an address or a password."""
        super().__init__(message, hint="The run stands. `modelpool help settings` lists the variables.")


class RefusedError(PipelineError):
    """What was asked would publish or trust something that nobody approved as it is."""

    exit_code: ClassVar[int] = 30
