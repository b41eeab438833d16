"""Writes the body of a pull or merge request, for a job that opens one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pipeline import atomic_files
from pipeline.errors import NotificationError

if TYPE_CHECKING:
    from pathlib import Path

_LONGEST: Final = 60_000
"""Characters: GitHub takes 65,536, GitLab far more."""
_CUT: Final = "\n\nThe rest is in the proposal's folder.\n"


def write_body_file(markdown: str, file: Path) -> None:
    """Replace the file, whole or not at all.

    Raises:
        NotificationError: It cannot be written.
    """
    cut = markdown if len(markdown) <= _LONGEST else markdown[:_LONGEST].rpartition("\n")[0] + _CUT
    try:
        atomic_files.replace_file(file, cut.encode())
    except OSError as error:
        raise NotificationError(f"{file} was not written ({error.strerror})") from None
