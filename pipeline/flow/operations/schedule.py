"""Renders the unit that starts a workspace's weekly job, and makes its file of variables."""

from __future__ import annotations

import shlex
import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pipeline import __version__, atomic_files
from pipeline.errors import RefusedError, UsageError
from pipeline.folder_place import refuse_no_folder
from pipeline.schedules.schedule import ScheduledJob, environment_template, render_schedule
from pipeline.toml_file import missing_file_hint

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from pipeline.workspace import Workspace

_OWN_VARIABLES: Final = frozenset({"github-actions"})
"""Targets that keep the variables themselves."""
_PRIVATE: Final = 0o600


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderedSchedule:
    """The files of a unit, and the file of variables that they read."""

    files: Mapping[str, str]
    environment_file: Path | None
    """None where the target keeps the variables itself."""
    environment_is_new: bool


def schedule_workspace(workspace: Workspace, target: str, command: tuple[str, ...]) -> RenderedSchedule:
    """Render a target's unit; make the file of variables where there is none.

    Args:
        workspace: Whose weekly job.
        target: What starts it, e.g. `cron`.
        command: How this program is started without a PATH.

    Raises:
        UsageError: The workspace has no policy, or there is no such target.
        RefusedError: Others may read the file of variables.
    """
    if not workspace.policy.exists():
        raise UsageError(
            f"there is nothing to run: {workspace.policy} does not exist",
            hint=missing_file_hint(workspace.policy),
        )
    root = workspace.root.resolve()
    environment = root / "data" / "modelpool.env"
    job = ScheduledJob(
        workspace=root,
        command=command,
        environment_file=environment,
        log=root / "data" / "schedule.log",
        version=__version__,
    )
    files = render_schedule(target, job)
    if target in _OWN_VARIABLES:
        return RenderedSchedule(files=files, environment_file=None, environment_is_new=False)
    return RenderedSchedule(
        files=files, environment_file=environment, environment_is_new=_make_private(environment)
    )


def check_folder(folder: Path, target: str) -> None:
    """Refuse a place that the files of a unit cannot be written into; asked before anything is made.

    Raises:
        UsageError: It is no folder, and none can be made there.
    """
    refuse_no_folder(
        folder, hint=f"Name an empty or new folder, e.g. `modelpool schedule {target} --write units`."
    )


def write_schedule(rendered: RenderedSchedule, folder: Path) -> None:
    """Write the files of a unit into a folder.

    Raises:
        OSError: The disk refused.
    """
    for name, text in rendered.files.items():
        atomic_files.replace_file(folder / name, text.encode())


def _keep_out_of_git(file: Path) -> None:
    """Check that git ignores the file, in workspaces of earlier versions too."""
    ignored = file.with_name(".gitignore")
    lines = ignored.read_text(encoding="utf-8").splitlines() if ignored.exists() else []
    if file.name not in lines:
        atomic_files.replace_file(ignored, "".join(f"{line}\n" for line in (*lines, file.name)).encode())


def _make_private(file: Path) -> bool:
    """Make the file of variables; tell whether it is new.

    Raises:
        RefusedError: It is there, and others may read it.
    """
    if not file.exists():
        _keep_out_of_git(file)
        atomic_files.replace_file(file, environment_template().encode(), mode=_PRIVATE)
        return True
    mode = stat.S_IMODE(file.stat().st_mode)
    if mode & ~_PRIVATE:
        raise RefusedError(
            f"{file} holds secrets and has the mode {mode:04o}",
            hint=f"Run `chmod 600 {shlex.quote(str(file))}`, then again.",
        )
    return False
