"""Defines the commands about single changes: answer some, list the answers on record, take one back."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.chosen_workspace import workspace_at
from pipeline.cli.console import (
    PanelGroup,
    handle_errors,
    print_json,
    print_question,
    print_text,
    progress_line,
)
from pipeline.cli.options import (
    HERE,
    AnyFolderOption,
    DigestArgument,
    JsonOption,
    NoteOption,
    NowOption,
    ReviewerOption,
    WorkspaceOption,
    environment_settings,
    metrics_after,
    only_writer,
    past_moment,
)
from pipeline.cli.run import PROPOSAL_WAITS
from pipeline.domain.escape import escape_name, escape_text
from pipeline.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pipeline.flow.approval.answer_changes import AnswerResult, AnswersInput, ChangeAnswerInput
    from pipeline.flow.record.history import AnswerState
    from pipeline.settings import Settings
    from pipeline.workspace import Workspace

HoldOption = Annotated[
    list[str] | None,
    typer.Option("--hold", metavar="N=DAY", help="Hold change N until a day, e.g. 3=2027-01-31; repeatable."),
]
NeverOption = Annotated[
    list[str] | None,
    typer.Option("--never", metavar="N", help="Not change N (or 3,8) until its evidence moves; repeatable."),
]
FileOption = Annotated[
    Path | None, typer.Option("--file", metavar="FILE", help="Read the answers from a TOML file.")
]
AskOption = Annotated[bool, typer.Option("--ask", help="Ask about each change in turn.")]

_NUMBER = re.compile(r"[0-9]{1,4}", re.ASCII)


def answer(
    digest: DigestArgument,
    reviewer: ReviewerOption,
    note: NoteOption,
    hold: HoldOption = None,
    never: NeverOption = None,
    file: FileOption = None,
    ask: AskOption = False,
    workspace: WorkspaceOption = HERE,
    now: NowOption = None,
    as_json: JsonOption = False,
) -> None:
    """Hold some changes of the pending proposal; the rest is proposed anew, to approve or not."""
    log = workspace / "data" / "errors.log"
    with metrics_after(workspace), handle_errors(as_json=as_json, log=log) as log_event:
        from pipeline.flow.approval.answer_changes import AnswersInput, answer_changes, read_answers

        settings = environment_settings()
        read = read_answers(file)
        given = [*_held_answers(hold or []), *_declined_answers(never or []), *read.answers]
        if ask:
            given.extend(_ask_answers(workspace_at(workspace), settings))
        answers_input = AnswersInput(
            digest_start=digest,
            answers=tuple(given),
            accepted=read.accepted,
            reviewer=reviewer,
            note=note,
            now=past_moment(now),
        )
        with progress_line(quiet=as_json) as update, only_writer(workspace) as place:
            done = answer_changes(place, settings, answers_input, update)
        log_event("answered", folder=done.path.parent.name, **done.answers.model_dump(mode="json"))
        _show(done, answers_input, place, as_json=as_json)
        raise typer.Exit(PROPOSAL_WAITS if done.left.proposal else 0)


memory = typer.Typer(
    cls=PanelGroup,
    help="List the changes that people rejected or held, and whether they are asked again.",
    invoke_without_command=True,
    rich_markup_mode=None,
)


@memory.callback()
def answers_on_record(
    context: typer.Context, workspace: AnyFolderOption = HERE, as_json: JsonOption = False
) -> None:
    """List the changes that people rejected or held, and whether they are asked again."""
    if context.invoked_subcommand:
        return
    with handle_errors(as_json=as_json, log=workspace / "data" / "errors.log"):
        from pipeline.flow.record.history import answer_states

        found = answer_states(workspace_at(workspace))
        if as_json:
            print_json([one.as_json() for one in found])
        else:
            print_text(*(memory_text(found) or ["Nobody rejected or held a change that is still on record."]))


@memory.command()
def retract(
    key: Annotated[str, typer.Argument(metavar="KEY", help="Of the answer, as `modelpool memory` lists it.")],
    reviewer: ReviewerOption,
    note: NoteOption,
    workspace: WorkspaceOption = HERE,
    now: NowOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take an answer back, so that the next run may propose the change again. Publishes nothing."""
    with handle_errors(as_json=as_json, log=workspace / "data" / "errors.log") as log_event:
        from pipeline.flow.approval.answer_changes import RetractionInput, retract_answer

        retraction_input = RetractionInput(key=key, reviewer=reviewer, note=note, now=past_moment(now))
        with only_writer(workspace) as place:
            found, retraction, file = retract_answer(place, retraction_input)
        log_event("retracted", subject=found.subject, **retraction.model_dump(mode="json"))
        if as_json:
            print_json(retraction.model_dump(mode="json"))
            return
        print_text(
            f"Took back what {escape_text(found.reviewer)} answered about {escape_name(found.variant)} in "
            f"{escape_name(found.tier)} on {found.answered_on}.",
            f"File: {file}",
            f"Next: `{place.command('run')}` proposes it again where the rules still do.",
        )


def memory_text(found: Sequence[AnswerState]) -> list[str]:
    """Write each answer on record in one line."""
    return [_line(one) for one in found]


def register(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.command()(answer)
    app.add_typer(memory, name="memory")


def _line(state: AnswerState) -> str:
    one = state.answer
    if state.stands:
        asked = f"Not asked in {state.last_run}." if state.last_run else "No run since."
    else:
        asked = f"No longer holds in {state.last_run}: its day came, or its evidence moved."
    return (
        f"{one.key} {escape_name(one.tier)}: {escape_name(one.variant)} {one.effect}. "
        f"{escape_text(one.words)} {asked}"
    )


def _held_answers(typed: Sequence[str]) -> Iterator[ChangeAnswerInput]:
    from pipeline.flow.approval.answer_changes import ChangeAnswerInput

    for one in typed:
        named, _, day = one.partition("=")
        numbers = _numbers(named, f"--hold {one!r}", "Write it as --hold 3=2027-01-31.")
        if not day:
            raise UsageError(f"--hold {one!r} names no day", hint=f"Write it as --hold {named}=2027-01-31.")
        if day.strip() == "never":
            raise UsageError(f"--hold {one!r} names no day", hint=f"Write it as --never {named}.")
        until = _day(f"--hold {one!r}", day)
        yield from (ChangeAnswerInput(number=number, until=until) for number in numbers)


def _numbers(typed: str, what: str, hint: str) -> list[int]:
    """Read the numbers of changes, between commas."""
    words = [word.strip() for word in typed.split(",")]
    if not all(_NUMBER.fullmatch(word) for word in words):
        raise UsageError(f"{what} names no change", hint=hint)
    return [int(word) for word in words]


def _day(what: str, text: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise UsageError(f"{what} names no day", hint="Write a day as 2027-01-31.") from None


def _declined_answers(typed: Sequence[str]) -> Iterator[ChangeAnswerInput]:
    from pipeline.flow.approval.answer_changes import ChangeAnswerInput

    for one in typed:
        numbers = _numbers(one, f"--never {one!r}", "Write it as --never 3, or --never 3,8 for two.")
        yield from (ChangeAnswerInput(number=number) for number in numbers)


def _ask_answers(place: Workspace, settings: Settings) -> Iterator[ChangeAnswerInput]:
    """Ask about each change that can be answered; an empty line accepts it."""
    from pipeline.flow.approval.answer_changes import questions_of
    from pipeline.flow.approval.approve import pending_proposal

    for question in questions_of(pending_proposal(place, settings).proposal):
        if question.direction is None:
            continue
        change = question.change
        where = f"{change.rank_before or 'out'} → {change.rank_after or 'out'}"
        print_question(
            f"{question.number}. {escape_name(change.tier)}: {escape_name(change.variant)} {where}. "
            f"{escape_text(change.reason)}"
        )
        yield from _answer_typed(question.number)


def _answer_typed(number: int) -> Iterator[ChangeAnswerInput]:
    """Ask until what is typed is an answer; nothing where the change is accepted."""
    from pipeline.flow.approval.answer_changes import ChangeAnswerInput

    while True:
        said = typer.prompt("   accept, hold or never?", default="accept", err=True).strip().lower()
        if said == "accept":
            return
        try:
            until = (
                _day("what you typed", typer.prompt("   until which day?", err=True))
                if said == "hold"
                else None
            )
        except UsageError as error:
            print_question(f"   {error}. {error.hint}")
            continue
        if said in {"hold", "never"}:
            yield ChangeAnswerInput(number=number, until=until)
            return
        print_question(f"   {said!r} is no answer.")


def _show(done: AnswerResult, answers_input: AnswersInput, place: Workspace, *, as_json: bool) -> None:
    from pipeline.cli import json_output, text_output
    from pipeline.cli.run import proposed_blocks

    if as_json:
        print_json({"answers": done.answers.model_dump(mode="json"), "left": json_output.run_json(done.left)})
        return
    held = "1 change" if len(answers_input.answers) == 1 else f"{len(answers_input.answers)} changes"
    print_text(f"{held} of {done.path.parent.name} not taken, by {escape_text(answers_input.reviewer)}.", "")
    print_text(
        *text_output.run_text(done.left, place, proposed_blocks(done.left, place, answers_input.now.date()))
    )
