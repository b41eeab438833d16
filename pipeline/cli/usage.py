"""Defines the commands about the operator's own traffic: import, fit, table, approve, sample, costs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli.chosen_workspace import workspace_at
from pipeline.cli.console import PanelGroup, handle_errors, print_json, print_text
from pipeline.cli.options import (
    HERE,
    JsonOption,
    NoteOption,
    NowOption,
    ReviewerOption,
    WorkspaceOption,
    moment,
    only_writer,
)

usage = typer.Typer(
    cls=PanelGroup,
    help="Learn from graded answers of your own traffic which workloads need which band.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

FileArgument = Annotated[
    Path,
    typer.Argument(metavar="FILE", help="LiteLLM spend logs or the documented JSONL, plain or .gz."),
]
DigestArgument = Annotated[
    str, typer.Argument(metavar="DIGEST", help="First 8 or more characters of the table's digest.")
]
MarginOption = Annotated[
    float,
    typer.Option(
        "--margin", metavar="POINTS", help="What a workload may lose per 100 answers and still be simple."
    ),
]


@usage.command(name="import")
def import_file(
    file: FileArgument,
    workspace: WorkspaceOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Keep what a file says of answers: cost and outcome, never their text.

    A line of the JSONL has request, workload, time, variant, and where known session, tokens_in, tokens_out,
    usd, outcome (1 or 0) with its grader, pair (the request it answers again), tools and chars. Importing a
    file again changes nothing.
    """
    with handle_errors(as_json=as_json, log=workspace / "data" / "errors.log") as log_event:
        from pipeline.cli import usage_text
        from pipeline.flow.usage.records import import_usage
        from pipeline.flow.usage.workload_table import next_command

        with only_writer(workspace) as place:
            done = import_usage(place, file)
        log_event("usage imported", new=done.new, known=done.known, rejected=len(done.rejected))
        if as_json:
            print_json(usage_text.imported_payload(done))
        else:
            print_text(*usage_text.imported_text(done, next_command(place)))


@usage.command()
def fit(
    margin: MarginOption = 5.0,
    workspace: WorkspaceOption = HERE,
    now: NowOption = None,
    as_json: JsonOption = False,
) -> None:
    """Fit the workload table and put it before a person; what a gateway follows stays as it is."""
    with handle_errors(as_json=as_json, log=workspace / "data" / "errors.log") as log_event:
        from pipeline.cli import usage_text
        from pipeline.flow.usage.workload_table import fit_table

        with only_writer(workspace) as place:
            done = fit_table(place, margin_points=margin, now=moment(now))
        log_event("usage fitted", sha256=done.sha256, rows=len(done.table.rows))
        if as_json:
            print_json(usage_text.fitted_payload(done))
        else:
            print_text(*usage_text.fitted_text(done, place))


@usage.command()
def table(workspace: WorkspaceOption = HERE, as_json: JsonOption = False) -> None:
    """Show the table in force, which of its rows have ended, and the one that waits."""
    with handle_errors(as_json=as_json, log=workspace / "data" / "errors.log"):
        from pipeline.cli import usage_text
        from pipeline.flow.usage.workload_table import next_command, table_state

        place = workspace_at(workspace)
        found = table_state(place)
        if as_json:
            print_json(usage_text.state_payload(found))
        else:
            print_text(*usage_text.state_text(found, next_command(place)))


@usage.command()
def approve(
    digest: DigestArgument,
    reviewer: ReviewerOption,
    note: NoteOption,
    workspace: WorkspaceOption = HERE,
    now: NowOption = None,
    as_json: JsonOption = False,
) -> None:
    """Put exactly the waiting table in force, in your name: gateways that read the folder follow it."""
    with handle_errors(as_json=as_json, log=workspace / "data" / "errors.log") as log_event:
        from pipeline.cli import usage_text
        from pipeline.flow.usage.workload_table import approve_table

        with only_writer(workspace) as place:
            done, file = approve_table(place, digest=digest, reviewer=reviewer, note=note, now=moment(now))
        log_event("usage approved", file=file.name, sha256=done.table_sha256, reviewer=done.reviewer)
        if as_json:
            print_json({"file": str(file), "sha256": done.table_sha256, "reviewer": done.reviewer})
        else:
            print_text(*usage_text.approved_text(done, file))


@usage.command()
def sample(
    count: Annotated[int, typer.Option("--count", min=1, metavar="N", help="How many requests.")] = 50,
    workspace: WorkspaceOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Pick requests worth a second answer by another member and a grade; nothing is sent or written."""
    with handle_errors(as_json=as_json, log=workspace / "data" / "errors.log"):
        from pipeline.cli import usage_text
        from pipeline.flow.usage.records import sample_requests

        found = sample_requests(workspace_at(workspace), count=count)
        if as_json:
            print_json(usage_text.sample_payload(found))
        else:
            print_text(*usage_text.sample_text(found))


@usage.command()
def costs(workspace: WorkspaceOption = HERE, as_json: JsonOption = False) -> None:
    """Compare dollars really spent with those projected, and print tokens measured for the policy's task mix.

    What it prints for data/policy/tiers.toml is grade 1 of the cost from the next run on, once a person has
    put it there.
    """
    with handle_errors(as_json=as_json, log=workspace / "data" / "errors.log"):
        from pipeline.cli import usage_text
        from pipeline.flow.usage.costs import usage_costs

        found = usage_costs(workspace_at(workspace))
        if as_json:
            print_json(usage_text.costs_payload(found))
        else:
            print_text(*usage_text.costs_text(found))


def register(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.add_typer(usage, name="usage")
