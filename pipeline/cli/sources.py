"""Defines the commands about sources: what is known of them, whether they answer, accepting a held one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.chosen_workspace import workspace_at
from pipeline.cli.console import PanelGroup, handle_errors, print_json, print_text, progress_line
from pipeline.cli.options import (
    HERE,
    AnyFolderOption,
    JsonOption,
    NoteOption,
    NowOption,
    ReviewerOption,
    WorkspaceOption,
    environment_settings,
    moment,
    only_writer,
    past_moment,
)
from pipeline.cli.run import SOURCE_HELD

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from pydantic import JsonValue
    from rich.console import RenderableType

    from pipeline.flow.record.source_status import SourceCheck, SourceState

sources = typer.Typer(
    cls=PanelGroup,
    help="Show each source: last good data, age, findings, requests left, held or not.",
    invoke_without_command=True,
    rich_markup_mode=None,
)


@sources.callback()
def show(
    context: typer.Context,
    workspace: AnyFolderOption = HERE,
    now: NowOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show each source: last good data, age, findings, requests left, held or not."""
    if context.invoked_subcommand:
        return
    with handle_errors(as_json=as_json, log=workspace / "data" / "errors.log"):
        from pipeline.flow.record.source_status import source_states

        at = moment(now)
        found = source_states(workspace_at(workspace), environment_settings(), now=at)
        if as_json:
            print_json([_state_payload(one, at) for one in found])
        else:
            print_text(*_state_text(found, at))


@sources.command()
def check(
    live: Annotated[
        bool, typer.Option("--live", help="Really ask: this uses your keys and your quota.")
    ] = False,
    workspace: WorkspaceOption = HERE,
    now: NowOption = None,
    as_json: JsonOption = False,
) -> None:
    """Ask every source with your keys and say in words what works; nothing is written."""
    with handle_errors(as_json=as_json, log=workspace / "data" / "errors.log"):
        from pipeline.errors import UsageError
        from pipeline.flow.record.source_status import ASKED, check_sources

        if not live:
            raise UsageError(
                "a check asks every source over the network, with your keys",
                hint="Say so: `modelpool sources check --live`; without asking: `modelpool sources`.",
            )
        with progress_line(quiet=as_json, steps=ASKED) as update:
            found = check_sources(
                workspace_at(workspace), environment_settings(), now=moment(now), progress=update
            )
        if as_json:
            print_json(
                [
                    {"source": one.source, "works": one.works, "words": one.words, "hint": one.hint}
                    for one in found
                ]
            )
        else:
            print_text(*_check_text(found))
        raise typer.Exit(0 if all(one.works for one in found) else SOURCE_HELD)


@sources.command()
def accept(
    source: Annotated[
        str, typer.Argument(metavar="NAME", help="The source that is held, or has the row or price.")
    ],
    reviewer: ReviewerOption,
    note: NoteOption,
    row: Annotated[
        list[str] | None,
        typer.Option(
            "--row", metavar="ROW", help="A held row or other price, as its finding names it; repeatable."
        ),
    ] = None,
    workspace: WorkspaceOption = HERE,
    now: NowOption = None,
    as_json: JsonOption = False,
) -> None:
    """Accept exactly what the last run held: a source, a row, or the other price. Publishes nothing."""
    with handle_errors(as_json=as_json, log=workspace / "data" / "errors.log") as log_event:
        from pipeline.flow.record.source_status import AcceptanceInput, accept_source, computed_before

        acceptance_input = AcceptanceInput(
            rows=tuple(row or ()), reviewer=reviewer, reason=note, now=past_moment(now)
        )
        with only_writer(workspace) as place:
            acceptance, file = accept_source(place, source, acceptance_input)
        log_event("accepted", source=acceptance.source, reviewer=acceptance.reviewer, file=file.name)
        if as_json:
            print_json(acceptance.model_dump(mode="json"))
            return
        what = ", ".join(acceptance.rows or acceptance.kinds)
        print_text(
            f"Accepted {acceptance.source} of {acceptance.week} by {acceptance.reviewer}, for exactly these "
            f"bytes ({', '.join(digest[:12] for digest in acceptance.captures)}): {what}.",
            f"File: {file}",
            *computed_before(place),
            f"Next: `{place.command(f'run --week {acceptance.week}')}`; it proposes with them, and publishes "
            "nothing.",
        )


def register(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.add_typer(sources, name="sources")


def _age(one: SourceState, now: datetime) -> int | None:
    return None if one.fetched_at is None else (now.date() - one.fetched_at.date()).days


def _state_payload(one: SourceState, now: datetime) -> JsonValue:
    return {
        "source": one.source,
        "fetched_at": one.fetched_at.strftime("%Y-%m-%dT%H:%M:%SZ") if one.fetched_at else None,
        "age_days": _age(one, now),
        "names": one.names,
        "held": one.held,
        "quota": one.quota,
        "findings": [line.model_dump(mode="json") for line in one.findings],
    }


def _state_text(found: Sequence[SourceState], now: datetime) -> list[RenderableType]:
    parts: list[RenderableType] = [_table(found, now)]
    parts.extend(
        f"{line.severity.upper()} {line.kind}: {line.message}"
        for one in found
        for line in one.findings
        if line.severity == "hold"
    )
    parts.extend(_next_step(one) for one in found if one.held)
    return parts


def _next_step(one: SourceState) -> str:
    if one.acceptable:
        return (
            "Next: if the figures are right, the next proposal can use them, which publishes nothing: "
            f'`modelpool sources accept {one.source} --reviewer NAME --note "..."`.'
        )
    return (
        f"Next: {one.source} returned no usable data, so there is nothing to accept. "
        "`modelpool sources check --live` shows what works; then `modelpool run`."
    )


def _table(found: Sequence[SourceState], now: datetime) -> RenderableType:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in ("source", "last good data", "age", "names", "findings", "state"):
        table.add_column(heading, overflow="fold", no_wrap=heading != "state")
    for one in found:
        age = _age(one, now)
        cells = (
            one.source,
            f"{one.fetched_at:%Y-%m-%d %H:%M}" if one.fetched_at else "none",
            "" if age is None else f"{age} d",
            str(one.names) if one.fetched_at else "",
            str(len(one.findings)),
            ("HELD" if one.held else "used" if one.fetched_at else "never used")
            + (f"; {one.quota}" if one.quota else ""),
        )
        table.add_row(*(Text(cell) for cell in cells))
    return table


def _check_text(found: Sequence[SourceCheck]) -> list[RenderableType]:
    parts: list[RenderableType] = []
    for one in found:
        parts.append(f"{'works' if one.works else 'FAILS':<6} {one.source}: {one.words}")
        if one.hint:
            parts.append(f"       hint: {one.hint}")
    return parts
