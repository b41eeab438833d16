"""Defines the commands that judge rules on past weeks: `backtest` and its siblings."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.chosen_workspace import chosen_workspace, workspace_at
from pipeline.cli.console import handle_errors, print_json, print_text, progress_line
from pipeline.cli.options import HERE, AnyFolderOption, JsonOption, WorkspaceOption
from pipeline.domain.calendar import read_week

if TYPE_CHECKING:
    from collections.abc import Callable

    from pipeline.flow.backtests.backtest import BacktestRequest


HistoryOption = Annotated[
    str,
    typer.Option("--history", metavar="store|FILE", help="The workspace's own weeks, or a table (CSV, .gz)."),
]
PolicyOption = Annotated[
    Path | None,
    typer.Option("--policy", metavar="FILE", help="The rules to judge; default: the workspace's."),
]
FromOption = Annotated[str | None, typer.Option("--from", metavar="WEEK", help="First week to simulate.")]
ToOption = Annotated[
    str | None, typer.Option("--to", metavar="WEEK", help="Last week; nobody sees a later one.")
]
HorizonOption = Annotated[
    int, typer.Option("--horizon", metavar="WEEKS", help="Judge a pick so many weeks later.")
]
SeedOption = Annotated[int | None, typer.Option("--seed", metavar="N", help="In place of the policy's seed.")]
CompareOption = Annotated[
    list[str] | None,
    typer.Option("--compare", metavar="all|NAME", help="Judge a naive policy too; repeatable."),
]
BackfilledOption = Annotated[
    bool, typer.Option("--backfilled-prices", help="Use prices that became known only later, too.")
]
ReportOption = Annotated[
    Path | None, typer.Option("--report", metavar="FILE.html", help="Write a page of the same, week by week.")
]
DrawsOption = Annotated[bool, typer.Option("--draws", help="Draw and explain as a proposal does.")]


def backtest(
    history: HistoryOption = "store",
    policy: PolicyOption = None,
    first: FromOption = None,
    last: ToOption = None,
    horizon: HorizonOption = 12,
    seed: SeedOption = None,
    compare: CompareOption = None,
    backfilled_prices: BackfilledOption = False,
    draws: DrawsOption = False,
    report: ReportOption = None,
    workspace: AnyFolderOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Judge a policy on past weeks: what its pools lost, how often they changed, what they cost."""
    with handle_errors(as_json=as_json, log=workspace / "data" / "errors.log"):
        from pipeline.flow.backtests.backtest import BacktestRequest

        needed = history == "store" or policy is None
        place = workspace_at(workspace) if needed else chosen_workspace(workspace)
        question = BacktestRequest(
            history=None if history == "store" else Path(history),
            policy=policy,
            workspace=place,
            first=read_week(first) if first else None,
            last=read_week(last) if last else None,
            horizon=horizon,
            seed=seed,
            compare=tuple(compare or ()),
            backfilled_prices=backfilled_prices,
            draws=draws,
            with_log=report is not None,
        )
        _answer(question, report, as_json=as_json)


def register(app: typer.Typer) -> None:
    """Add this module's command."""
    app.command()(backtest)


def _answer(question: BacktestRequest, report: Path | None, *, as_json: bool) -> None:
    from pipeline.cli.backtest_text import backtest_json, backtest_text
    from pipeline.flow.backtests.backtest import backtest as judge
    from pipeline.flow.backtests.backtest import check_place, write_page

    if report is not None:
        check_place(report)
    answer = judge(question)
    if report is not None:
        write_page(answer, report)
    if as_json:
        print_json(backtest_json(answer))
    else:
        print_text(*backtest_text(answer), *([f"Page: {report}"] if report else []))


GridOption = Annotated[
    Path, typer.Option("--grid", metavar="FILE", help="What to try, e.g. data/policy/grid.toml.")
]
HistoryTableOption = Annotated[
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
    history: HistoryTableOption = None,
    processes: ProcessesOption = None,
    scheduler: SchedulerOption = None,
    workspace: WorkspaceOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Try many policies on past weeks: choose on earlier ones, report on later ones; writes nothing."""
    with handle_errors(as_json=as_json, log=workspace / "data" / "errors.log"):
        from pipeline.cli.backtest_text import tune_text
        from pipeline.cli.json_output import tune_json
        from pipeline.flow.backtests.tune import TuneRequest
        from pipeline.flow.backtests.tune import tune as search

        with progress_line(quiet=as_json) as step:

            def on_start(cells: int) -> Callable[[str], None]:
                done = iter(range(1, cells + 1))
                return lambda name: step(f"{next(done)} of {cells}: {name}")

            tuned = search(
                TuneRequest(
                    grid=grid,
                    workspace=workspace_at(workspace),
                    history=history,
                    processes=processes if processes is not None else os.cpu_count() or 1,
                    scheduler=scheduler,
                ),
                on_start,
            )
        if as_json:
            print_json(tune_json(tuned))
        else:
            print_text(*tune_text(tuned))


def register_tune(app: typer.Typer) -> None:
    """Add this module's command."""
    app.command()(tune)
