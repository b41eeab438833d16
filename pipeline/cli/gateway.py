"""Commands about the gateway: gateway, doctor gateway."""

from __future__ import annotations

import os
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.chosen_workspace import chosen_workspace, workspace_at
from pipeline.cli.console import PanelGroup, handle_errors, print_json, print_text
from pipeline.cli.options import HERE, AnyFolderOption, JsonOption, moment

if TYPE_CHECKING:
    from pipeline.gateway.doctor import Check
    from pipeline.gateway.launch import Launch

doctor = typer.Typer(cls=PanelGroup, help="Check what runs.", no_args_is_help=True, rich_markup_mode=None)

PoolsOption = Annotated[
    Path | None,
    typer.Option("--pools", metavar="ADDRESS", help="Folder of published pools; default: the workspace's."),
]
StateOption = Annotated[
    Path | None,
    typer.Option("--state", metavar="DIR", help="Where the last good pool is kept; default: data/gateway."),
]
PortOption = Annotated[int, typer.Option("--port", min=1, max=65535, help="Port to listen on.")]
HostOption = Annotated[str, typer.Option("--host", help="Address to listen on.")]
ConfigOption = Annotated[
    Path | None,
    typer.Option("--config", metavar="FILE", help="Your own LiteLLM config.yaml: models, keys, logging."),
]
DemoOption = Annotated[
    bool, typer.Option("--demo", help="Let stand-ins on this machine answer; for `make gateway` only.")
]
UrlOption = Annotated[str, typer.Option("--url", help="Address of the running gateway.")]
CallOption = Annotated[
    bool, typer.Option("--call", help="Also send one small request to every tier; a provider bills it.")
]
CheckOption = Annotated[bool, typer.Option("--check", help="Check everything and start nothing.")]


def gateway(
    workspace: AnyFolderOption = HERE,
    pools: PoolsOption = None,
    port: PortOption = 4000,
    host: HostOption = "127.0.0.1",
    config: ConfigOption = None,
    state: StateOption = None,
    demo: DemoOption = False,
    check: CheckOption = False,
    as_json: JsonOption = False,
) -> None:
    """Serve the published pool by a LiteLLM proxy: one model neo-mode/TIER per tier."""
    with handle_errors(as_json=as_json, log=workspace / "data" / "errors.log"):
        from pipeline.gateway.launch import LaunchOptions, prepare, start

        place = chosen_workspace(workspace) if pools and state else workspace_at(workspace)
        options = LaunchOptions(
            pools=pools or place.pools,
            state=state or place.gateway,
            host=host,
            port=port,
            config=config,
            demo=demo,
        )
        launch = prepare(options, os.environ, today=moment(None).date())
        if as_json:
            print_json({"version": launch.pool.version, "address": launch.address, "demo": launch.demo})
        else:
            print_text(*_told(launch))
        if not check:
            start(launch)


def _told(launch: Launch) -> list[str]:
    tiers = ", ".join(f"neo-mode/{name}" for name in launch.pool.pool.tiers)
    lines = [f"v{launch.pool.version:04} of {launch.pool.pool.week}: {tiers}, at {launch.address}/v1."]
    if launch.pool.expired:
        lines.append(f"It expired on {launch.pool.expires_on}: it is served, and an alarm is raised.")
    if launch.demo:
        lines.append("DEMONSTRATION: no provider key is set, so every answer is made up on this machine.")
    if launch.key_file:
        body = '{"model": "neo-mode/balanced", "messages": [{"role": "user", "content": "Hello"}]}'
        call = f"curl -s {launch.address}/v1/chat/completions -H 'Content-Type: application/json'"
        call += f" -H \"Authorization: Bearer $(cat {launch.key_file})\" -d '{body}'"
        lines.append(f"The proxy's key is in {launch.key_file}. When it says that startup is complete:")
        lines.append(call)
    return lines


@doctor.callback()
def about() -> None:
    """Check what runs."""


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
            print_text(*(_check_line(check) for check in checks))
        failed = [check for check in checks if not check.passed]
        if failed and as_json:
            raise typer.Exit(RefusedError.exit_code)
        if failed:
            raise RefusedError(f"{len(failed)} of {len(checks)} checks failed", hint=failed[0].next_step)


def _check_line(check: Check) -> str:
    line = f"{'ok  ' if check.passed else 'FAIL'} {check.name}: {check.found}"
    return line if check.passed else f"{line} - {check.next_step}"


def register(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.command()(gateway)
    app.add_typer(doctor, name="doctor")
