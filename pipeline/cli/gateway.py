"""Defines the command that starts the gateway on this machine: `gateway`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.chosen_workspace import chosen_workspace, workspace_at
from pipeline.cli.console import handle_errors, print_json, print_text
from pipeline.cli.options import (
    HERE,
    AnyFolderOption,
    JsonOption,
    PoolsOption,
    StateOption,
    moment,
)

if TYPE_CHECKING:
    from pipeline.gateway.launch import Launch

PortOption = Annotated[int, typer.Option("--port", min=1, max=65535, help="Port to listen on.")]
HostOption = Annotated[str, typer.Option("--host", help="Address to listen on.")]
ConfigOption = Annotated[
    Path | None,
    typer.Option("--config", metavar="FILE", help="Your own LiteLLM config.yaml: models, keys, logging."),
]
DemoOption = Annotated[
    bool, typer.Option("--demo", help="Let stand-ins on this machine answer; for `make gateway` only.")
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
    """Serve the published pool by a LiteLLM proxy: one model name per tier."""
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
            print_text(*_launch_lines(launch))
        if not check:
            start(launch)


def _launch_lines(launch: Launch) -> list[str]:
    models = ", ".join(launch.models)
    lines = [f"v{launch.pool.version:04} of {launch.pool.pool.week}: {models}, at {launch.address}/v1."]
    if launch.pool.expired:
        lines.append(
            f"It expired on {launch.pool.expires_on}: it is served all the same. Next: `modelpool run`."
        )
    if launch.demo:
        lines.append("DEMONSTRATION: no provider key is set, so every answer is made up on this machine.")
    if launch.key_file:
        body = '{"model": "neo-mode/balanced", "messages": [{"role": "user", "content": "Hello"}]}'
        call = f"curl -s {launch.address}/v1/chat/completions -H 'Content-Type: application/json'"
        call += f" -H \"Authorization: Bearer $(cat {launch.key_file})\" -d '{body}'"
        lines.append(f"The proxy's key is in {launch.key_file}. When it says that startup is complete:")
        lines.append(call)
    return lines


def register(app: typer.Typer) -> None:
    """Add this module's command."""
    app.command()(gateway)
