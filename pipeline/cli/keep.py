"""Commands that keep a workspace: init, rebuild."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.cli.options import HERE, FolderArgument, JsonOption, WorkspaceOption, workspace_at
from pipeline.cli.speak import failing_politely, say, say_json

if TYPE_CHECKING:
    import typer


def init(
    folder: FolderArgument,
    as_json: JsonOption = False,
) -> None:
    """Start an operator's own, empty workspace with the shipped policy and crosswalk."""
    with failing_politely(as_json=as_json, log=folder / "data" / "errors.log"):
        from pipeline.flow.start import start
        from pipeline.workspace import Workspace

        written = start(Workspace(folder))
        if as_json:
            say_json({"workspace": str(folder), "written": [str(path) for path in written]})
            return
        say(
            f"Wrote {len(written)} files below {folder}.",
            f"Next: read {folder}/data/policy/tiers.toml, then `modelpool run --workspace {folder}`.",
        )


def rebuild(workspace: WorkspaceOption = HERE, as_json: JsonOption = False) -> None:
    """Fill the database anew from captures, crosswalk, proposals, decisions and pools."""
    with failing_politely(as_json=as_json, log=workspace / "data" / "errors.log") as tell:
        from pipeline.flow.rebuild import rebuild_workspace
        from pipeline.settings import Settings

        found = rebuild_workspace(workspace_at(workspace), Settings.from_environment())
        tell("rebuilt", runs=found.runs, decisions=found.decisions, pools=found.pools)
        if as_json:
            say_json(
                {
                    "runs": found.runs,
                    "without_bytes": list(found.without_bytes),
                    "decisions": found.decisions,
                    "pools": found.pools,
                }
            )
            return
        say(f"Rebuilt from {found.runs} runs, {found.decisions} decisions and {found.pools} pools.")
        if found.without_bytes:
            say(f"Captured bytes are not on this machine for: {', '.join(found.without_bytes)}.")


def register(app: typer.Typer) -> None:
    """Add this module's commands."""
    for command in (init, rebuild):
        app.command()(command)
