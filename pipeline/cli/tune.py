"""Many rules judged on past weeks: tune."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.options import HERE, JsonOption, WorkspaceOption
from pipeline.cli.speak import failing_politely, progress, say, say_json

if TYPE_CHECKING:
    from collections.abc import Callable

GridOption = Annotated[
    Path, typer.Option("--grid", metavar="FILE", help="What to try, e.g. data/policy/grid.toml.")
]
HistoryOption = Annotated[
    Path | None,
    typer.Option("--history", metavar="FILE", help="Weekly table in place of the grid's."),
]
ProcessesOption = Annotated[
    int | None,
    typer.Option("--processes", metavar="N", help="Local processes; as many as processors if left out."),
]
SchedulerOption = Annotated[
    str | None,
    typer.Option(
        "--scheduler",
        metavar="ADDRESS",
        help="Work on a Dask cluster instead, e.g. tcp://10.0.0.5:8786 (extra `dask`).",
    ),
]


def tune(
    grid: GridOption,
    history: HistoryOption = None,
    processes: ProcessesOption = None,
    scheduler: SchedulerOption = None,
    workspace: WorkspaceOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Try many policies on past weeks: choose on earlier ones, report on later ones; writes nothing."""
    with failing_politely(as_json=as_json, log=workspace / "data" / "errors.log"):
        from pipeline.cli.tune_payload import tune_payload
        from pipeline.cli.tune_table import tune_text
        from pipeline.flow.tune import Search
        from pipeline.flow.tune import tune as search
        from pipeline.workspace import Workspace

        with progress(quiet=as_json) as step:

            def started(cells: int) -> Callable[[str], None]:
                done = iter(range(1, cells + 1))
                return lambda name: step(f"{next(done)} of {cells}: {name}")

            tuned = search(
                Search(
                    grid=grid,
                    workspace=Workspace(workspace),
                    history=history,
                    processes=processes if processes is not None else os.cpu_count() or 1,
                    scheduler=scheduler,
                ),
                started,
            )
        if as_json:
            say_json(tune_payload(tuned))
        else:
            say(*tune_text(tuned))


def register(app: typer.Typer) -> None:
    """Add this module's command."""
    app.command()(tune)
