"""The options every command shares, and what they become."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.console import command_name
from pipeline.errors import UsageError
from pipeline.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Iterator

WorkspaceOption = Annotated[
    Path, typer.Option("--workspace", metavar="DIR", help="Folder that holds data/ and reviews/.")
]
DigestArgument = Annotated[
    str, typer.Argument(metavar="DIGEST", help="First 8 characters of the digest you reviewed, or more.")
]
FolderArgument = Annotated[Path, typer.Argument(metavar="DIR", help="An empty or new folder.")]
NowOption = Annotated[
    str | None,
    typer.Option("--now", metavar="MOMENT", help="Fix the clock, e.g. 2026-08-15T12:00:00Z (replay, tests)."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of text.")]
ReviewerOption = Annotated[
    str, typer.Option("--reviewer", metavar="NAME", help="Your name; kept in the record.")
]
NoteOption = Annotated[
    str, typer.Option("--note", metavar="TEXT", help="Why, in a sentence; kept in the record.")
]

HERE = Path()


def workspace_at(folder: Path) -> Workspace:
    """Return the workspace in a folder.

    Raises:
        UsageError: The folder does not exist.
    """
    if not folder.is_dir():
        raise UsageError(f"no folder {folder}", hint=f"Make one with `modelpool init {folder}`.")
    return Workspace(folder)


@contextmanager
def only_writer(folder: Path) -> Iterator[Workspace]:
    """Let no other command write into a workspace meanwhile.

    Raises:
        UsageError: The folder does not exist.
        RefusedError: Another command writes, and did not end in time.
    """
    from pipeline.domain.calendar import moment_text
    from pipeline.workspace_lock import LockHolder, hold_lock

    place = workspace_at(folder)
    holder = LockHolder(command=command_name(), since=moment_text(moment(None)))
    with hold_lock(place.root / "data", holder):
        yield place


def moment(text: str | None) -> datetime:
    """Return the moment an operator fixed, or the clock's to the second; the only place that reads the clock.

    Raises:
        UsageError: The text is not a moment with a time zone.
    """
    if text is None:
        return datetime.now(UTC).replace(microsecond=0)
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise UsageError(f"--now {text!r} is not a moment in UTC", hint="Write it as 2026-08-15T12:00:00Z.")
    return found.astimezone(UTC)


def past_moment(text: str | None) -> datetime:
    """Return the moment of what is about to be recorded, which the clock has reached.

    Raises:
        UsageError: The text is not a moment with a time zone, or lies in the future: whatever is dated by it
            would stand in the way of everything that is dated by the clock.
    """
    found, now = moment(text), moment(None)
    if found > now:
        raise UsageError(
            f"--now {text!r} lies in the future: the clock says {now:%Y-%m-%dT%H:%M:%SZ}",
            hint="Leave out --now, or give a moment that is past.",
        )
    return found
