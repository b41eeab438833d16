"""The unit that starts the weekly job: schedule."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli.chosen_workspace import workspace_at
from pipeline.cli.console import handle_errors, print_json
from pipeline.cli.options import HERE, JsonOption, WorkspaceOption

TargetArgument = Annotated[
    str, typer.Argument(metavar="TARGET", help="cron, systemd, github-actions or kubernetes.")
]
WriteOption = Annotated[
    Path | None, typer.Option("--write", metavar="DIR", help="Write the files here instead of printing them.")
]


def schedule(
    target: TargetArgument,
    workspace: WorkspaceOption = HERE,
    write: WriteOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print the unit that runs this workspace every week; starts nothing, and no unit publishes anything."""
    with handle_errors(as_json=as_json, log=workspace / "data" / "errors.log"):
        from pipeline.flow.record.schedule import schedule_workspace, write_schedule

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
            sys.stderr.write(f"Next: write your key into {done.environment_file} (new, mode 0600).\n")


def _command() -> tuple[str, ...]:
    """Return how this program is started where there is no PATH."""
    beside = Path(sys.executable).with_name("modelpool")
    found = str(beside) if beside.exists() else shutil.which("modelpool")
    return (found,) if found else (sys.executable, "-m", "pipeline.cli")


def register(app: typer.Typer) -> None:
    """Add this module's command."""
    app.command()(schedule)
