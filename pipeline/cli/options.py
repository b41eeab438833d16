"""Defines the options that several commands share, and reads their values."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from pipeline.cli.chosen_workspace import choose_workspace, chosen_workspace, look_for_workspace
from pipeline.cli.console import command_name, print_message
from pipeline.domain.escape import escape_hidden
from pipeline.errors import ArgumentError, PipelineError, UsageError
from pipeline.workspace import Workspace, is_workspace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pipeline.settings import Settings


def typed_path(text: str) -> Path:
    """Read a path; an empty one, as of a variable that is not set, does not mean the folder one stands in.

    Raises:
        UsageError: It is empty.
    """
    if not str(text):
        raise UsageError(
            "'' is given where a path is asked for", hint="Name it; `.` is the folder this shell stands in."
        )
    return Path(text)


_WORKSPACE_HELP = "Folder that holds data/ and reviews/; default: the nearest one from here upwards."

WorkspaceOption = Annotated[
    Path,
    typer.Option(
        "--workspace",
        metavar="DIR",
        help=_WORKSPACE_HELP,
        parser=typed_path,
        callback=choose_workspace,
        show_default=False,
    ),
]
DigestArgument = Annotated[
    str,
    typer.Argument(
        metavar="DIGEST",
        help="The digest you reviewed: 8 characters of it, or the 16 that some proposals ask for.",
    ),
]
AnyFolderOption = Annotated[
    Path,
    typer.Option(
        "--workspace",
        metavar="DIR",
        help=_WORKSPACE_HELP,
        parser=typed_path,
        callback=look_for_workspace,
        show_default=False,
    ),
]
"""For a command that can do without a workspace; it asks `workspace_at` for the one it needs."""
FolderArgument = Annotated[
    Path, typer.Argument(metavar="DIR", parser=typed_path, help="An empty or new folder.")
]
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
PoolsOption = Annotated[
    Path | None,
    typer.Option(
        "--pools",
        metavar="ADDRESS",
        parser=typed_path,
        help="Folder of published pools; default: the workspace's.",
    ),
]
StateOption = Annotated[
    Path | None,
    typer.Option(
        "--state",
        metavar="DIR",
        parser=typed_path,
        help="Where the last good pool is kept; default: data/gateway.",
    ),
]

HERE = Path()


def environment_settings() -> Settings:
    """Read the settings of the environment; the model is loaded by the commands that ask for it alone.

    Raises:
        UsageError: A variable is not of its form.
    """
    from pipeline.settings import Settings

    return Settings.from_environment()


@contextmanager
def only_writer(folder: Path) -> Iterator[Workspace]:
    """Let no other command write into a workspace meanwhile; copy what was written where that is asked for.

    The workspace that it takes its crosswalk from is held too, because judgements go there; where that one
    cannot be used, the commands that need it say so.

    Raises:
        RefusedError: Another command writes, and did not end in time.
    """
    from pipeline.domain.calendar import moment_text
    from pipeline.flow.record.consistency_cache import carried_over
    from pipeline.settings import backup_dir
    from pipeline.workspace_lock import LockHolder, hold_lock

    place = chosen_workspace(folder)
    holder = LockHolder(command=command_name(), since=moment_text(moment(None)))
    with hold_lock(place.root / "data", holder), ExitStack() as held:
        with suppress(UsageError):
            if other := place.shared_from("crosswalk"):
                held.enter_context(hold_lock(other.root / "data", holder))
        held.enter_context(carried_over(place))
        try:
            yield place
        finally:
            if is_workspace(place.root) and command_name() != "backup":
                _try("backup", backup_dir(), partial(_back_up, place))


@contextmanager
def metrics_after(folder: Path) -> Iterator[None]:
    """Write the metrics when a command has ended, however it ended, where they are asked for.

    What goes wrong with them is one line on stderr: it changes neither the work nor the exit code.
    """
    try:
        yield
    finally:
        from pipeline.settings import metrics_file

        if is_workspace(folder):
            _try("metrics", metrics_file(), partial(_write_metrics, folder))


def _back_up(place: Workspace, target: Path) -> None:
    from pipeline.flow.operations.backup import back_up

    back_up(place, target)


def _write_metrics(folder: Path, target: Path) -> None:
    from pipeline.flow.operations.metrics import write_metrics

    place = chosen_workspace(folder)
    place.refuse_own_file("MODELPOOL_METRICS_FILE", target)
    write_metrics(place, target)


def _try(what: str, target: Path | None, write: Callable[[Path], None]) -> None:
    from pipeline.cli.log import redact

    if target is None:
        return
    try:
        write(target)
    except (PipelineError, OSError) as error:
        print_message(f"WARN {escape_hidden(redact(f'no {what} in {target}: {error}'))}")


_MOMENT: Final = "Write it as 2026-08-15T12:00:00Z."


def moment(text: str | None) -> datetime:
    """Return the moment an operator fixed, or the clock's to the second; the only place that reads the clock.

    Raises:
        ArgumentError: The text is not a moment with a time zone, or one of another age.
    """
    from pipeline.domain.calendar import YEARS

    if text is None:
        return datetime.now(UTC).replace(microsecond=0)
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise ArgumentError(f"--now {text!r} is not a moment in UTC", hint=_MOMENT)
    if found.year not in YEARS:
        raise ArgumentError(f"--now {text!r} is outside the years {YEARS[0]} to {YEARS[-1]}", hint=_MOMENT)
    return found.astimezone(UTC)


def past_moment(text: str | None) -> datetime:
    """Return the moment of what is about to be recorded, which the clock has reached.

    Raises:
        ArgumentError: The text is not a moment with a time zone, or lies in the future: whatever is dated
            by it would stand in the way of everything that is dated by the clock.
    """
    found, now = moment(text), moment(None)
    if found > now:
        raise ArgumentError(
            f"--now {text!r} lies in the future: the clock says {now:%Y-%m-%dT%H:%M:%SZ}",
            hint="Leave out --now, or give a moment that is past.",
        )
    return found
