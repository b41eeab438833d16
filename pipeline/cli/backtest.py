"""Rules judged on past weeks: backtest."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.options import HERE, JsonOption, WorkspaceOption
from pipeline.cli.speak import failing_politely, say, say_json
from pipeline.domain.week import read_week

if TYPE_CHECKING:
    from pipeline.flow.backtest import Question

HistoryOption = Annotated[
    str,
    typer.Option("--history", metavar="store|FILE", help="The workspace's own weeks, or a table (CSV, .gz)."),
]
PolicyOption = Annotated[
    Path | None,
    typer.Option("--policy", metavar="FILE", help="The rules to judge; default: the workspace's."),
]
FromOption = Annotated[str | None, typer.Option("--from", metavar="WEEK", help="First week to walk.")]
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
    workspace: WorkspaceOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Judge a policy on past weeks: what its pools lost, how often they changed, what they cost."""
    with failing_politely(as_json=as_json, log=workspace / "data" / "errors.log"):
        from pipeline.flow.backtest import Question
        from pipeline.settings import Settings
        from pipeline.workspace import Workspace

        question = Question(
            history=None if history == "store" else Path(history),
            policy=policy,
            workspace=Workspace(workspace),
            settings=Settings.from_environment(),
            first=read_week(first) if first else None,
            last=read_week(last) if last else None,
            horizon=horizon,
            seed=seed,
            compare=tuple(compare or ()),
            backfilled_prices=backfilled_prices,
            draws=draws,
            told=report is not None,
        )
        _answer(question, report, as_json=as_json)


def register(app: typer.Typer) -> None:
    """Add this module's command."""
    app.command()(backtest)


def _answer(question: Question, report: Path | None, *, as_json: bool) -> None:
    from pipeline.cli.backtest_table import backtest_payload, backtest_text
    from pipeline.flow.backtest import backtest as judge
    from pipeline.flow.backtest_page import check_place, write_page

    if report is not None:
        check_place(report)
    answer = judge(question)
    if report is not None:
        write_page(answer, report)
    if as_json:
        say_json(backtest_payload(answer))
    else:
        say(*backtest_text(answer), *([f"Page: {report}"] if report else []))
