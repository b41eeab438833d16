"""Commands about the policy file: policy upgrade."""

from __future__ import annotations

from typing import Annotated

import typer

from pipeline.cli.options import HERE, JsonOption, WorkspaceOption, workspace_at
from pipeline.cli.speak import failing_politely, say, say_json

policy = typer.Typer(help="Rewrite the policy file, data/policy/tiers.toml.", no_args_is_help=True)


@policy.callback()
def about() -> None:
    """Keep `upgrade` a command of its own, however many there are."""


@policy.command()
def upgrade(
    workspace: WorkspaceOption = HERE,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the difference; write nothing.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Rewrite a policy of an earlier format and show the difference; the pool in force stays as it is."""
    with failing_politely(as_json=as_json, log=workspace / "data" / "errors.log") as tell:
        from pipeline.flow.upgrade_policy import upgrade_policy

        done = upgrade_policy(workspace_at(workspace), write=not dry_run)
        tell("policy upgraded", written=done.written)
        if as_json:
            say_json({"path": str(done.path), "written": done.written, "difference": list(done.difference)})
        elif not done.difference:
            say(f"{done.path} is of the present format; nothing was changed.")
        else:
            wrote = f"Wrote {done.path}; the file before it is {done.path}.format-1."
            say(*done.difference, "", wrote if done.written else "Nothing was written.")
            say(f"Next: read it, then `modelpool run --workspace {workspace}`.")


def register(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.add_typer(policy, name="policy")
