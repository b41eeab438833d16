"""Defines the commands that keep a workspace: `init`, `rebuild`, `prune`."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.chosen_workspace import workspace_at
from pipeline.cli.console import PanelGroup, handle_errors, print_json, print_text
from pipeline.cli.options import (
    HERE,
    FolderArgument,
    JsonOption,
    NowOption,
    WorkspaceOption,
    environment_settings,
    moment,
    only_writer,
)
from pipeline.domain.escape import escape_text
from pipeline.folder_place import refuse_no_folder

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pipeline.flow.operations.init_workspace import AnswerPrice
    from pipeline.workspace import Workspace


def init(
    folder: FolderArgument,
    sample: Annotated[
        bool,
        typer.Option(
            "--sample", help="With two weeks and a history of real figures, to try it without key or network."
        ),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Start an operator's own, empty workspace with the shipped policy and crosswalk."""
    with handle_errors(as_json=as_json, log=folder / "data" / "errors.log"):
        from pipeline.flow.operations.init_workspace import init_workspace, prices_of_answers

        refuse_no_folder(folder, hint="Name an empty or new folder.")
        (folder / "data").mkdir(parents=True, exist_ok=True)
        with only_writer(folder) as place:
            written = init_workspace(place, sample=sample)
        prices = prices_of_answers(place)
        if as_json:
            print_json(
                {
                    "workspace": str(folder),
                    "written": [str(path) for path in written],
                    "lambda_usd": {price.tier: price.usd for price in prices},
                }
            )
            return
        print_text(f"Wrote {len(written)} files below {folder}.", *_started_lines(place, prices))


def _started_lines(place: Workspace, prices: Sequence[AnswerPrice]) -> Iterator[str]:
    """Say what is the operator's to set, and what comes next."""
    policy, sample = place.policy, place.sample_command
    yield "What a tier pays for one more acceptable answer decides most; it is yours to set:"
    for price in prices:
        yield f"  {price.tier:<16} ${price.usd:<6g} {price.seconds:g} seconds at $30 an hour"
    yield "Each proposal says what that buys, and at a third and three times of it. To change it, edit"
    yield f"lambda_usd in {policy}."
    then = " run the sample, which needs no key and no network" if sample else ""
    yield f"Next: read {policy}, then{then}:"
    yield f"  {sample or place.command('run')}"
    yield "After it, the pools at another price:"
    yield f"  {place.command(f'whatif --set tiers.{prices[0].tier}.lambda_usd=0.01')}"


def rebuild(workspace: WorkspaceOption = HERE, as_json: JsonOption = False) -> None:
    """Fill the database anew from captures, crosswalk, proposals, decisions and pools."""
    with handle_errors(as_json=as_json, log=workspace / "data" / "errors.log") as log_event:
        from pipeline.flow.record.rebuild import rebuild_workspace

        with only_writer(workspace) as place:
            found = rebuild_workspace(place, environment_settings())
        log_event("rebuilt", runs=found.runs, decisions=found.decisions, pools=found.pools)
        if as_json:
            print_json(
                {
                    "runs": found.runs,
                    "without_bytes": list(found.without_bytes),
                    "pruned": list(found.pruned),
                    "damaged": list(found.damaged),
                    "decisions": found.decisions,
                    "pools": found.pools,
                }
            )
            return
        print_text(f"Rebuilt from {found.runs} runs, {found.decisions} decisions and {found.pools} pools.")
        if found.without_bytes:
            print_text(f"Captured bytes are not on this machine for: {', '.join(found.without_bytes)}.")
        print_text(*(f"`modelpool prune` removed captures of {said}." for said in found.pruned))
        print_text(*(f"WARN {escape_text(said)}" for said in found.damaged))


def prune(
    keep_weeks: Annotated[
        int | None,
        typer.Option(
            "--keep-weeks", metavar="N", help="Remove captures that are older than N weeks (at least 8), too."
        ),
    ] = None,
    workspace: WorkspaceOption = HERE,
    now: NowOption = None,
    as_json: JsonOption = False,
) -> None:
    """Free disk: pack proposals older than eight weeks and, on request, remove captures of no more use."""
    with handle_errors(as_json=as_json, log=workspace / "data" / "errors.log") as log_event:
        from pipeline.flow.operations.prune import prune as free_disk
        from pipeline.flow.record.consistency_cache import known_state
        from pipeline.flow.record.status import remember_agreement

        settings = environment_settings()
        with only_writer(workspace) as place:
            agreed = known_state(place).agrees
            done = free_disk(place, settings, keep_weeks=keep_weeks, now=moment(now))
        if agreed:
            remember_agreement(place, settings)
        log_event("pruned", packed=len(done.packed), captures=done.captures, bytes=done.bytes_freed)
        if as_json:
            print_json(asdict(done))
            return
        print_text(f"Packed {len(done.packed)} proposals: {', '.join(done.packed) or 'none is old enough'}.")
        if keep_weeks is not None:
            weeks = f" of {done.weeks[0]} to {done.weeks[-1]}" if done.weeks else ""
            print_text(f"Removed {done.captures} captures{weeks}; what is in force or waits keeps its own.")
        print_text(f"Freed {done.bytes_freed / 1e6:.1f} MB.")
        print_text(*(f"WARN {escape_text(said)}" for said in done.warnings))


def register(app: typer.Typer) -> None:
    """Add this module's commands."""
    for command in (init, rebuild, prune):
        app.command()(command)


policy = typer.Typer(
    cls=PanelGroup,
    help="Rewrite the policy file, data/policy/tiers.toml.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


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
    with handle_errors(as_json=as_json, log=workspace / "data" / "errors.log") as log_event:
        from pipeline.flow.operations.upgrade_policy import upgrade_policy

        with only_writer(workspace) if not dry_run else nullcontext(workspace_at(workspace)) as place:
            done = upgrade_policy(place, write=not dry_run)
        log_event("policy upgraded", written=done.written)
        if as_json:
            print_json({"path": str(done.path), "written": done.written, "difference": list(done.difference)})
        elif not done.difference:
            print_text(f"{done.path} is of the present format; nothing was changed.")
        else:
            wrote = f"Wrote {done.path}; the file before it is {done.path}.format-1."
            print_text(*done.difference, "", wrote if done.written else "Nothing was written.")
            print_text("Next: read it, then `modelpool run`.")


def register_policy(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.add_typer(policy, name="policy")
