"""Defines the commands that check what runs: `doctor`, `doctor gateway`."""

from __future__ import annotations

import os
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.chosen_workspace import chosen_workspace, workspace_at
from pipeline.cli.console import PanelGroup, handle_errors, print_json, print_text
from pipeline.cli.options import (
    HERE,
    AnyFolderOption,
    JsonOption,
    NowOption,
    PoolsOption,
    StateOption,
    moment,
)
from pipeline.domain.escape import escape_text

if TYPE_CHECKING:
    from pipeline.flow.operations.health_check import HealthCheck
    from pipeline.gateway.doctor import Check

SOMETHING_IS_WRONG = 1
_SUMMARY = "Check everything a weekly run and its routers need, and say what to do: exit 0 or 1."

doctor = typer.Typer(cls=PanelGroup, help=_SUMMARY, invoke_without_command=True, rich_markup_mode=None)

UrlOption = Annotated[str, typer.Option("--url", help="Address of the running gateway.")]
CallOption = Annotated[
    bool, typer.Option("--call", help="Also send one small request to every tier; a provider bills it.")
]


@doctor.callback()
def examine(
    context: typer.Context,
    workspace: AnyFolderOption = HERE,
    now: NowOption = None,
    as_json: JsonOption = False,
) -> None:
    """Check everything a weekly run and its routers need, and say what to do: exit 0 or 1."""
    if context.invoked_subcommand:
        return
    with handle_errors(as_json=as_json, log=workspace / "data" / "errors.log"):
        from pipeline.flow.operations.doctor import examine_workspace

        checks = examine_workspace(workspace_at(workspace), now=moment(now))
        if as_json:
            print_json([asdict(check) for check in checks])
        else:
            print_text(*(_line(check) for check in checks))
        if not all(check.passed for check in checks):
            raise typer.Exit(SOMETHING_IS_WRONG)


@doctor.command("gateway")
def doctor_gateway(
    workspace: AnyFolderOption = HERE,
    url: UrlOption = "http://127.0.0.1:4000",
    pools: PoolsOption = None,
    state: StateOption = None,
    call: CallOption = False,
    as_json: JsonOption = False,
) -> None:
    """Check a running gateway: its pool, settings and models, and with --call an answer of every tier."""
    with handle_errors(as_json=as_json, log=workspace / "data" / "errors.log"):
        from pipeline.errors import RefusedError
        from pipeline.gateway.doctor import Proxy, examine, published_version
        from pipeline.gateway.launch import MASTER_KEY, read_master_key

        needed = not os.environ.get(MASTER_KEY) and not (pools and state)
        place = workspace_at(workspace) if needed else chosen_workspace(workspace)
        key = read_master_key(state or place.gateway, os.environ)
        published = published_version(pools or place.pools)
        checks = examine(Proxy(url, key), published=published, call=call)
        if as_json:
            print_json([asdict(check) for check in checks])
        else:
            print_text(*(_line(check) for check in checks))
        failed = [check for check in checks if not check.passed]
        if failed and as_json:
            raise typer.Exit(RefusedError.exit_code)
        if failed:
            raise RefusedError(f"{len(failed)} of {len(checks)} checks failed", hint=failed[0].next_step)


def _line(check: Check | HealthCheck) -> str:
    line = f"{'ok  ' if check.passed else 'FAIL'} {check.name}: {escape_text(check.found)}"
    return line if check.passed else f"{line} - {escape_text(check.next_step)}"


def register(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.add_typer(doctor, name="doctor")
