"""Defines the commands that repeat past weeks: a run rebuilt, or a week as of its end. Nothing is written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.chosen_workspace import workspace_at
from pipeline.cli.console import handle_errors, print_json, print_text, progress_line
from pipeline.cli.options import HERE, JsonOption, NowOption, WorkspaceOption, environment_settings, moment
from pipeline.domain.calendar import read_week
from pipeline.domain.escape import escape_text
from pipeline.errors import RefusedError, UsageError

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from pydantic import JsonValue
    from rich.console import RenderableType

    from pipeline.domain.proposal import Heartbeat, Proposal
    from pipeline.flow.replay.replay import ReplayResult
    from pipeline.workspace import Workspace

RunArgument = Annotated[
    str | None,
    typer.Argument(metavar="RUN", help="A version (v0007), a week (2026-W33) or an attempt (2026-W33.2)."),
]
AsOfOption = Annotated[
    str | None,
    typer.Option("--as-of", metavar="WEEK", help="Show the pools of a past week, run or not, as of its end."),
]


def replay(
    run: RunArgument = None,
    as_of: AsOfOption = None,
    workspace: WorkspaceOption = HERE,
    now: NowOption = None,
    as_json: JsonOption = False,
) -> None:
    """Rebuild a past run from what it found and compare every byte; names the first input that differs."""
    with handle_errors(as_json=as_json, log=workspace / "data" / "errors.log"):
        if as_of is not None and run is None:
            _show_as_of(workspace, as_of, moment(now), as_json=as_json)
            return
        if run is None or as_of is not None:
            raise UsageError(
                "replay rebuilds one past run",
                hint="Name it (`modelpool replay v0001`), or a week: `modelpool replay --as-of 2026-W33`.",
            )
        done = _replay_run(workspace, run, as_json=as_json)
        if as_json:
            _print_result(_payload(done), done)
        else:
            print_text(*_verdict(done))


def _show_as_of(workspace: Path, week: str, now: datetime, *, as_json: bool) -> None:
    """Show a past week again: its run rebuilt, or what would have been proposed where there was none.

    Raises:
        UsageError: No such week, or it has not begun.
        RefusedError: The bytes differ, or the record is damaged.
    """
    from pipeline.flow.replay.as_of import end_of
    from pipeline.flow.replay.replay import is_recorded

    place, wanted = workspace_at(workspace), read_week(week)
    ends = end_of(wanted, now)
    if is_recorded(place, wanted):
        done = _replay_run(workspace, week, as_json=as_json)
        document = done.rebuilt
        payload, lines = _payload(done), [] if as_json else _verdict(done)
    else:
        done, document = None, _run_as_of(workspace, week, ends, as_json=as_json)
        payload = {"run": week, "same": None}
        lines = [f"Nothing was run in {week}; this is what stood on record by {ends:%Y-%m-%d %H:%M} UTC."]
    if as_json:
        _print_result({**payload, "document": document.model_dump(mode="json") if document else None}, done)
        return
    print_text(
        *_document(workspace_at(workspace), week, document),
        "",
        *lines,
        "Nothing was written, and nothing waits for review by this.",
    )


def register(app: typer.Typer) -> None:
    """Add this module's command."""
    app.command()(replay)


def _replay_run(workspace: Path, name: str, *, as_json: bool) -> ReplayResult:
    from pipeline.flow.replay.replay import find_run
    from pipeline.flow.replay.replay import replay as replay_run

    place = workspace_at(workspace)
    with progress_line(quiet=as_json) as step:
        return replay_run(find_run(place, name), place, environment_settings(), step)


def _run_as_of(workspace: Path, week: str, ends: datetime, *, as_json: bool) -> Proposal | Heartbeat:
    from pipeline.flow.replay.as_of import as_of

    with progress_line(quiet=as_json) as step:
        settings = environment_settings()
        return as_of(workspace_at(workspace), settings, read_week(week), ends, step).document


def _verdict(done: ReplayResult) -> list[RenderableType]:
    """Say that the bytes are the same.

    Raises:
        RefusedError: They are not.
    """
    if done.differs:
        raise done.differs
    name = done.recorded.file
    published = f", published as v{done.recorded.version:04}" if done.recorded.version else ""
    return [f"The same bytes: {name.parent.name}/{name.name} ({done.sha256[:8]}{published})."]


def _print_result(payload: dict[str, JsonValue], done: ReplayResult | None) -> None:
    print_json(payload)
    if done and done.differs:
        raise typer.Exit(RefusedError.exit_code)


def _payload(done: ReplayResult) -> dict[str, JsonValue]:
    from pipeline.flow.replay.replay import digest_of

    differs = done.differs
    return {
        "run": done.recorded.file.parent.name,
        "version": done.recorded.version,
        "file": str(done.recorded.file),
        "same": differs is None,
        "sha256": done.sha256,
        "rebuilt_sha256": digest_of(done.rebuilt),
        "differs": differs.name if differs else None,
        **({"error": str(differs), "hint": differs.hint, "exit_code": differs.exit_code} if differs else {}),
    }


def _document(place: Workspace, week: str, document: Proposal | Heartbeat | None) -> list[RenderableType]:
    from pipeline.cli.blocks_text import blocks_text
    from pipeline.domain.proposal import Proposal
    from pipeline.flow.record.record_files import RecordFiles
    from pipeline.flow.record.review_page import ReviewQuery, review_blocks

    if isinstance(document, Proposal):
        base = f"v{document.pool.base.version:04}" if document.pool.base else "no pool"
        blocks = review_blocks(RecordFiles(place), document, ReviewQuery(decide=False))
        return [f"{week}, as of then: v{document.pool.version:04} on {base}.", *blocks_text(blocks)]
    warned = [finding for finding in document.findings if finding.severity != "note"] if document else []
    lines: list[RenderableType] = [f"{one.severity.upper()} {escape_text(one.message)}" for one in warned]
    none = document is not None and document.outcome == "held"
    return [*lines, f"{week}, as of then: nothing {'could be proposed' if none else 'to review'}."]
