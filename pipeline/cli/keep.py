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
        from pipeline.flow.start import prices_of_answers, start
        from pipeline.workspace import Workspace

        written = start(Workspace(folder))
        prices = prices_of_answers(Workspace(folder))
        if as_json:
            say_json(
                {
                    "workspace": str(folder),
                    "written": [str(path) for path in written],
                    "lambda_usd": {one.tier: one.usd for one in prices},
                }
            )
            return
        say(
            f"Wrote {len(written)} files below {folder}.",
            "What a tier pays for one more acceptable answer decides most; it is yours to set:",
            *(f"  {one.tier:<16} ${one.usd:<6g} {one.seconds:g} seconds at $30 an hour" for one in prices),
            "Each proposal says what that buys, and at a third and three times of it. To change it, edit",
            f"lambda_usd in {folder}/data/policy/tiers.toml; after a run, to see the pools first:",
            f"  modelpool whatif --workspace {folder} --set tiers.{prices[0].tier}.lambda_usd=0.01",
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
