"""Defines the command of the weekly job: `run`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.console import EventLogger, handle_errors, print_json, print_text, progress_line
from pipeline.cli.options import (
    HERE,
    JsonOption,
    NowOption,
    WorkspaceOption,
    environment_settings,
    metrics_after,
    only_writer,
    past_moment,
)
from pipeline.domain.calendar import read_week, week_of
from pipeline.flow.record.record_files import RecordFiles

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date

    from rich.console import RenderableType

    from pipeline.flow.run.run_state import RunResult
    from pipeline.workspace import Workspace

PROPOSAL_WAITS = 10
SOURCE_HELD = 20


CapturesOption = Annotated[
    list[str] | None,
    typer.Option(
        "--captures", metavar="DIR|SOURCE=FILE", help="Read files instead of asking the sources; repeatable."
    ),
]
WeekOption = Annotated[
    str | None, typer.Option("--week", metavar="WEEK", help="ISO week, e.g. 2026-W33; default: of now.")
]
CatchUpOption = Annotated[
    bool,
    typer.Option(
        "--catch-up",
        help="First run the weeks that were missed and whose captures are here, stored or in DIR/WEEK.",
    ),
]


def run(
    workspace: WorkspaceOption = HERE,
    captures: CapturesOption = None,
    week: WeekOption = None,
    catch_up: CatchUpOption = False,
    now: NowOption = None,
    as_json: JsonOption = False,
) -> None:
    """Capture, score and select; open a proposal where there is something to approve. Publishes nothing."""
    log = workspace / "data" / "errors.log"
    with metrics_after(workspace), handle_errors(as_json=as_json, log=log) as log_event:
        from pipeline.flow.record.status import remember_agreement
        from pipeline.flow.run.catch_up import catch_up as catch_up_weeks
        from pipeline.flow.run.notification import notify
        from pipeline.flow.run.run_state import RunRequest
        from pipeline.flow.run.weekly import run as run_week

        at, settings = past_moment(now), environment_settings()
        with progress_line(quiet=as_json) as update:
            with only_writer(workspace) as place:
                job = RunRequest(
                    workspace=place,
                    settings=settings,
                    week=read_week(week) if week is not None else week_of(at),
                    now=at,
                    captures=tuple(captures or ()),
                    progress=_show_and_log(update, log_event),
                )
                log_event("started", week=job.week, captures=list(job.captures))
                result = _last_of(catch_up_weeks(job), quiet=as_json) if catch_up else run_week(job)
            remember_agreement(job.workspace, settings)
        untold = notify(result, job.workspace, settings)
        result = replace(result, warnings=(*result.warnings, *untold))
        _tell_of(result, log_event)
        _show(result, job.workspace, as_json=as_json)
        raise typer.Exit(_exit_code(result))


def register(app: typer.Typer) -> None:
    """Add this module's command."""
    app.command()(run)


def _last_of(results: Iterator[RunResult], *, quiet: bool) -> RunResult:
    """Run one week after the other, say a line of each that was missed, and return the last."""
    result = next(results)
    for later in results:
        if not quiet:
            proposed = "a proposal, which the next one supersedes" if result.proposal else "no proposal"
            print_text(f"Caught up {result.week}: {result.outcome.value}, {proposed}.")
        result = later
    return result


def _show_and_log(update: Callable[[str], None], log_event: EventLogger) -> Callable[[str], None]:
    """Show a step to whoever watches, and log it for whoever does not."""

    def step(said: str) -> None:
        update(said)
        log_event("step", said=said)

    return step


def _tell_of(result: RunResult, log_event: EventLogger) -> None:
    for warning in result.warnings:
        log_event("warned", message=warning)
    for finding in result.held:
        log_event("held", subject=finding.subject, message=finding.message)
    from pipeline.flow.approval.approve import consent_digest

    digest = consent_digest(result.proposal) if result.proposal else None
    log_event(
        "ended",
        outcome=result.outcome.value,
        folder=result.folder.name,
        digest=digest,
        exit=_exit_code(result),
    )


def _exit_code(result: RunResult) -> int:
    if result.held:
        return SOURCE_HELD
    return PROPOSAL_WAITS if result.proposal else 0


def _show(result: RunResult, workspace: Workspace, *, as_json: bool) -> None:
    from pipeline.cli import json_output, text_output

    if as_json:
        print_json(json_output.run_json(result))
    else:
        from pipeline.flow.approval.stale_proposal import waits_to_be_published

        print_text(*text_output.run_text(result, workspace, proposed_blocks(result, workspace)))
        waits = waits_to_be_published(RecordFiles(workspace))
        if waits is not None and result.proposal is not None:
            print_text(
                f"{waits.folder.name} is approved, not published: `{workspace.command('publish')}` would put "
                "it in force and make this proposal stale."
            )


def proposed_blocks(
    result: RunResult, workspace: Workspace, today: date | None = None
) -> Iterator[RenderableType]:
    """Lay the proposal of a run out as `modelpool review` shows it on a day; None: the day of the run."""
    from pipeline.cli.blocks_text import blocks_text
    from pipeline.flow.record.review_page import ReviewQuery, review_blocks

    if result.proposal is not None:
        yield from blocks_text(
            review_blocks(RecordFiles(workspace), result.proposal, ReviewQuery(today=today))
        )
