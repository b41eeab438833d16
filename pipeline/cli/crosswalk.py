"""Defines the commands about names: list the open ones, rank whom one may mean, map, undo."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

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
    environment_settings,
    only_writer,
    past_moment,
)

if TYPE_CHECKING:
    from datetime import date

    from pipeline.flow.approval.name_judgements import JudgementInput

crosswalk = typer.Typer(
    cls=PanelGroup,
    help="Say which variant a source's name means.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

NameArgument = Annotated[
    str, typer.Argument(metavar="NAME", help="A name as its source publishes it, or its key there.")
]
SourceOption = Annotated[
    str | None, typer.Option("--source", metavar="SOURCE", help="Needed where several sources have the name.")
]


@crosswalk.command("open")
def list_open(
    top: Annotated[int, typer.Option("--top", min=1, metavar="N", help="How many names.")] = 20,
    workspace: WorkspaceOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """List the names nobody has judged, first those that could change most."""
    with handle_errors(as_json=as_json, log=workspace / "data" / "errors.log"):
        from pipeline.cli import crosswalk_text, explanation_text
        from pipeline.flow.questions.open_names import list_names

        found = list_names(workspace_at(workspace), environment_settings(), top=top)
        if as_json:
            print_json(explanation_text.to_plain(found))
        else:
            print_text(*crosswalk_text.open_names_text(found))


@crosswalk.command()
def suggest(
    name: NameArgument,
    source: SourceOption = None,
    workspace: WorkspaceOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Rank the variants a name may mean, with evidence and with what each would change."""
    with handle_errors(as_json=as_json, log=workspace / "data" / "errors.log"):
        from pipeline.cli import crosswalk_text, explanation_text
        from pipeline.flow.questions.open_names import query_name

        found = query_name(workspace_at(workspace), environment_settings(), name, source)
        if as_json:
            print_json(explanation_text.to_plain(found))
        else:
            print_text(*crosswalk_text.name_query_text(found))


@crosswalk.command("map")
def map_variant(
    name: NameArgument,
    reviewer: ReviewerOption,
    note: NoteOption,
    variant: Annotated[
        str | None, typer.Argument(metavar="VARIANT", help="The variant it means, release@effort.")
    ] = None,
    not_routed: Annotated[
        bool, typer.Option("--not-routed", help="It is known, and means nothing we route to.")
    ] = False,
    source: SourceOption = None,
    workspace: WorkspaceOption = HERE,
    now: NowOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say what a name means: one more line in judgements.csv; the next run uses it."""
    with handle_errors(as_json=as_json, log=workspace / "data" / "errors.log") as tell:
        from pipeline.cli import crosswalk_text, explanation_text
        from pipeline.flow.approval.name_judgements import judgement_input, map_name

        said = _answer(name, reviewer, note, source, day=past_moment(now).date())
        answer = judgement_input(said, variant, not_routed=not_routed)
        with only_writer(workspace) as place:
            done = map_name(place, environment_settings(), answer)
        line = done.line
        tell("judged", source=line.source, key=line.key, variant=line.variant, reviewer=line.decided_by)
        if as_json:
            print_json(explanation_text.to_plain(line))
        else:
            print_text(*crosswalk_text.mapping_text(done, place))


@crosswalk.command()
def undo(
    name: NameArgument,
    reviewer: ReviewerOption,
    note: NoteOption,
    source: SourceOption = None,
    workspace: WorkspaceOption = HERE,
    now: NowOption = None,
    as_json: JsonOption = False,
) -> None:
    """Withdraw the last judgement of a name: what held before holds again, or it is open again."""
    with handle_errors(as_json=as_json, log=workspace / "data" / "errors.log") as tell:
        from pipeline.cli import crosswalk_text, explanation_text
        from pipeline.flow.approval.name_judgements import undo_mapping

        said = _answer(name, reviewer, note, source, day=past_moment(now).date())
        with only_writer(workspace) as place:
            undone = undo_mapping(place, environment_settings(), said)
        tell("undone", source=undone.line.source, key=undone.line.key, reviewer=undone.line.decided_by)
        if as_json:
            print_json(explanation_text.to_plain(undone))
        else:
            print_text(*crosswalk_text.undo_text(undone))


def register(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.add_typer(crosswalk, name="crosswalk")


def _answer(name: str, reviewer: str, note: str, source: str | None, *, day: date) -> JudgementInput:
    from pipeline.flow.approval.name_judgements import JudgementInput

    return JudgementInput(name=name, variant=None, reviewer=reviewer, reason=note, source=source, on=day)
