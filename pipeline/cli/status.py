"""Defines the commands that read the record: `status`, `history`, `verify`, `export`."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from pipeline.cli.chosen_workspace import command_line, workspace_at
from pipeline.cli.console import handle_errors, print_json, print_message, print_text
from pipeline.cli.options import (
    HERE,
    AnyFolderOption,
    JsonOption,
    NowOption,
    WorkspaceOption,
    environment_settings,
    moment,
)
from pipeline.domain.escape import escape_text
from pipeline.errors import RefusedError

CheckOption = Annotated[
    bool,
    typer.Option(
        "--check",
        help="Exit 30 where the pool is expired, the last run failed, or a proposal waits too long.",
    ),
]


def status(
    workspace: WorkspaceOption = HERE,
    check: CheckOption = False,
    now: NowOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say what is in force, which members end soon, what waits for review, and what to do next."""
    with handle_errors(as_json=as_json, log=workspace / "data" / "errors.log"):
        from pipeline.cli import json_output, text_output
        from pipeline.flow.questions.staleness_cost import staleness_cost
        from pipeline.flow.record.status import alarms
        from pipeline.flow.record.status import status as ask_status

        today = moment(now).date()
        found = ask_status(workspace_at(workspace), environment_settings(), today=today)
        lost = staleness_cost(workspace_at(workspace), found.in_force, today)
        if as_json:
            print_json(json_output.status_json(found, today, lost))
        else:
            print_text(*text_output.status_text(found, today, lost))
        said = alarms(found, found.workspace, today=today) if check else ()
        for one in said:
            print_message(f"ALARM {escape_text(one)}.")
        if said:
            raise typer.Exit(RefusedError.exit_code)


def history(workspace: WorkspaceOption = HERE, as_json: JsonOption = False) -> None:
    """List what was published, approved, rejected, held or taken back, by whom, and why."""
    with handle_errors(as_json=as_json, log=workspace / "data" / "errors.log"):
        from pipeline.cli import json_output, text_output
        from pipeline.cli.answers import memory_text
        from pipeline.flow.record.history import answer_states
        from pipeline.flow.record.history import history as ask_history
        from pipeline.flow.record.run_log import read_run_log

        place = workspace_at(workspace)
        found, failed = ask_history(place), read_run_log(place.log).failed
        if as_json:
            print_json(json_output.history_json(found))
        else:
            answers, runs = memory_text(answer_states(place)), [one.words() for one in reversed(failed)]
            print_text(*text_output.history_text(found, answers, runs))


BeforeArgument = Annotated[str, typer.Argument(metavar="BEFORE", help="A version, e.g. v0003.")]
AfterArgument = Annotated[str, typer.Argument(metavar="AFTER", help="Another version, e.g. v0007.")]


def diff(
    before: BeforeArgument,
    after: AfterArgument,
    workspace: WorkspaceOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Compare two published versions: who entered, left or moved, and which facts changed."""
    with handle_errors(as_json=as_json, log=workspace / "data" / "errors.log"):
        from pipeline.flow.questions.version_diff import version_diff

        found = version_diff(workspace_at(workspace), before, after)
        if as_json:
            print_json(found.as_json())
            return
        lines = tuple(escape_text(line) for line in found.lines())
        print_text(*(lines or ("The two versions hold the same members, places and facts.",)))


def verify(workspace: WorkspaceOption = HERE, now: NowOption = None, as_json: JsonOption = False) -> None:
    """Check the pool in force as a router must, the approvals behind it, and the database."""
    with handle_errors(as_json=as_json, log=workspace / "data" / "errors.log"):
        from pipeline.flow.record.status import check

        found = check(workspace_at(workspace), environment_settings(), today=moment(now).date())
        if as_json:
            print_json(
                {
                    "version": found.version,
                    "sha256": found.sha256,
                    "expires_on": found.expires_on.isoformat(),
                    "expired": found.expired,
                    "reviewer": found.reviewer,
                    "runs": found.runs,
                }
            )
            return
        by = f", approved by {escape_text(found.reviewer)}" if found.reviewer else ""
        before = "; so is every version before it, with the approval behind each" if found.version > 1 else ""
        print_text(f"v{found.version:04} ({found.sha256[:8]}) is intact{by}{before}.")
        if found.runs is not None:
            runs = "1 run" if found.runs == 1 else f"{found.runs} runs"
            print_text(f"The rows of {runs} in the database are what files and captures say.")
        word = "expired on" if found.expired else "expires on"
        print_text(
            f"It {word} {found.expires_on}; a router keeps serving it and raises an alarm from that day."
        )


def export(
    target: Annotated[
        str | None, typer.Argument(metavar="TARGET", help="For whom; without it the targets are listed.")
    ] = None,
    workspace: AnyFolderOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Print the pool in force as a router's configuration: one model name per tier."""
    with handle_errors(as_json=as_json, log=workspace / "data" / "errors.log"):
        from pipeline.cli import json_output
        from pipeline.flow.operations.export import export_pool, export_targets

        if target is None:
            known = export_targets()
            if as_json:
                print_json({one.target: {"title": one.title, "file": one.file} for one in known})
            else:
                for one in known:
                    print_text(f"{command_line(f'export {one.target}')} > {one.file}", f"    {one.title}")
            return
        found = export_pool(workspace_at(workspace), target)
        if as_json:
            print_json(json_output.export_json(found))
            return
        sys.stdout.write(found.text)
        for line in (*found.left_out, *found.inexpressible):
            print_message(f"not expressed: {line}")


def register(app: typer.Typer) -> None:
    """Add this module's commands."""
    for command in (status, history, diff, verify, export):
        app.command()(command)
