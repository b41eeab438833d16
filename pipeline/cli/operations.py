"""Defines the commands that operate a workspace: `schedule`, `metrics`, `backup`, `restore`."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli.chosen_workspace import workspace_at
from pipeline.cli.console import handle_errors, print_json, print_message, print_text
from pipeline.cli.options import (
    HERE,
    FolderArgument,
    JsonOption,
    WorkspaceOption,
    environment_settings,
    only_writer,
    typed_path,
)
from pipeline.domain.escape import escape_text
from pipeline.errors import UsageError
from pipeline.workspace import Workspace

BackupArgument = Annotated[
    Path | None,
    typer.Argument(
        metavar="BACKUP", parser=typed_path, help="A folder elsewhere; default: MODELPOOL_BACKUP_DIR."
    ),
]
FromArgument = Annotated[
    Path, typer.Argument(metavar="BACKUP", parser=typed_path, help="The folder that `backup` wrote.")
]


def backup(
    folder: BackupArgument = None, workspace: WorkspaceOption = HERE, as_json: JsonOption = False
) -> None:
    """Copy what is on record into a folder elsewhere: every decision, version, capture and policy; no key."""
    with handle_errors(as_json=as_json, log=workspace / "data" / "errors.log"):
        from pipeline.flow.operations.backup import back_up
        from pipeline.settings import backup_dir

        target = folder or backup_dir()
        if target is None:
            raise UsageError(
                "no folder is named for the backup", hint="Name one, or set MODELPOOL_BACKUP_DIR."
            )
        with only_writer(workspace) as place:
            done = back_up(place, target)
        if as_json:
            print_json({"folder": str(done.folder), "files": done.files, "copied": done.copied})
            return
        print_text(f"{done.folder} holds {done.files} files of record; {done.copied} were new or changed.")


def restore(folder: FromArgument, target: FolderArgument, as_json: JsonOption = False) -> None:
    """Make a workspace from a backup in an empty or new folder; publishes nothing that was not published."""
    with handle_errors(as_json=as_json, log=target / "data" / "errors.log"):
        from pipeline.flow.operations.backup import restore as restore_backup

        place = Workspace(target)
        done = restore_backup(folder, place, environment_settings())
        if as_json:
            print_json(
                {
                    "workspace": str(target),
                    "files": done.files,
                    "decisions": done.decisions,
                    "version": done.version,
                    "warnings": list(done.warnings),
                }
            )
            return
        force = f"v{done.version:04} is in force" if done.version else "nothing was published"
        print_text(
            f"Restored {done.files} files with {done.decisions} decisions into {target}; {force}.",
            *(f"WARN {escape_text(warning)}." for warning in done.warnings),
            f"Next: `{place.command('verify')}`; keys are not in a backup: set them again.",
        )


AlertsOption = Annotated[
    bool, typer.Option("--alerts", help="Print the rules of alerts for Prometheus in their place.")
]


def metrics(
    workspace: WorkspaceOption = HERE, alerts: AlertsOption = False, as_json: JsonOption = False
) -> None:
    """Print what a monitor watches, in the text format of Prometheus; writes nothing."""
    with handle_errors(as_json=as_json, log=workspace / "data" / "errors.log"):
        from pipeline.flow.operations.metrics import ALERT_RULES, metrics_text

        place = workspace_at(workspace)
        text = ALERT_RULES.read_text(encoding="utf-8") if alerts else metrics_text(place)
        if as_json:
            print_json({"text": text})
        else:
            sys.stdout.write(text)


TargetArgument = Annotated[
    str, typer.Argument(metavar="TARGET", help="cron, systemd, github-actions or kubernetes.")
]
WriteOption = Annotated[
    Path | None,
    typer.Option(
        "--write", metavar="DIR", parser=typed_path, help="Write the files here instead of printing them."
    ),
]


def schedule(
    target: TargetArgument,
    workspace: WorkspaceOption = HERE,
    write: WriteOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print the unit that runs this workspace every week; starts nothing, and no unit publishes anything.

    Where data/modelpool.env is missing, it is made (mode 0600), for your keys: the unit reads it.
    """
    with handle_errors(as_json=as_json, log=workspace / "data" / "errors.log"):
        from pipeline.flow.operations.schedule import check_folder, schedule_workspace, write_schedule

        if write is not None:
            check_folder(write, target)
        done = schedule_workspace(workspace_at(workspace), target, _command())
        if write is not None:
            write_schedule(done, write)
        if as_json:
            kept = str(done.environment_file) if done.environment_file else None
            print_json({"files": dict(done.files), "environment_file": kept})
            return
        for name, text in done.files.items():
            sys.stdout.write(f"Wrote {write / name}\n" if write else text)
        if done.environment_is_new:
            print_message(f"Next: write your key into {done.environment_file} (new, mode 0600).")
        if write is not None:
            print_message("Nothing is started: the first lines of a file say where it goes.")


def _command() -> tuple[str, ...]:
    """Return how this program is started where there is no PATH."""
    beside = Path(sys.executable).with_name("modelpool")
    found = str(beside) if beside.exists() else shutil.which("modelpool")
    return (found,) if found else (sys.executable, "-m", "pipeline.cli")


def register(app: typer.Typer) -> None:
    """Add this module's commands."""
    for command in (schedule, backup, restore, metrics):
        app.command()(command)
