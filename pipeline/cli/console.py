"""Prints text for people, one JSON document for programs, and errors with a next step."""

from __future__ import annotations

import json
import re
import shlex
import sys
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Final, Protocol

import typer
from typer.core import TyperGroup
from typer.exceptions import TyperException

from pipeline.cli.chosen_workspace import forget_workspace, paste_ready
from pipeline.cli.command_help import PANELS, todays_spelling
from pipeline.cli.signals import INTERRUPTED, WORDS, forget_signals, received_signal
from pipeline.domain.escape import escape_hidden
from pipeline.errors import PipelineError, RefusedError, is_full_disk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from pydantic import JsonValue
    from rich.console import Console, RenderableType


UNEXPECTED = 1
USAGE = 2
WIDTH_OF_A_FILE = 100
"""Columns of a table when nobody watches: a log or a mail."""


_HELP = "NoArgsIsHelpError"
"""What typer raises where nothing was typed; it keeps the class to itself."""
_COMMAND: ContextVar[str] = ContextVar("command", default="")


def command_name() -> str:
    """Return the command that is running, as typed; empty where none is."""
    return _COMMAND.get()


class EventLogger(Protocol):
    """Add an event to the log of the command that is running."""

    def __call__(self, event: str, /, **facts: JsonValue) -> None:
        """Say what happened, with its facts."""


def print_text(*parts: RenderableType) -> None:
    """Print text for people; names are data: nothing is read as markup, nothing steers the terminal."""
    _print(_console(), parts)


def page_text(*parts: RenderableType) -> None:
    """Print text for people, through their pager where a terminal has fewer lines than the text.

    The pager is the one that `PAGER` names, else `less`; it is given plain text.
    """
    console = _console()
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        _print(console, parts)
        return
    from rich.pager import SystemPager
    from rich.text import Text

    with console.capture() as captured:
        _print(console, parts)
    shown = captured.get()
    if shown.count("\n") < console.height:
        sys.stdout.write(shown)
    else:
        SystemPager().show(Text.from_ansi(shown).plain)


def print_question(text: str) -> None:
    """Print what a person is asked about on stderr, so that stdout keeps to the answer."""
    _print(_console(stderr=True), (text,))


def _console(*, stderr: bool = False) -> Console:
    from rich.console import Console

    width = None if (sys.stderr if stderr else sys.stdout).isatty() else WIDTH_OF_A_FILE
    return Console(markup=False, highlight=False, emoji=False, width=width, stderr=stderr)


def _print(console: Console, parts: Iterable[RenderableType]) -> None:
    watched = console.file.isatty()
    for part in parts:
        if isinstance(part, str):
            text = escape_hidden(paste_ready(part))
            console.print(wrap_words(text, console.width) if watched else text, soft_wrap=True)
        else:
            console.print(part, crop=False)


def print_message(text: str, *, hang: int = 0) -> None:
    """Print a line about the work on stderr: one line for a program, whole words for whoever watches.

    Args:
        text: Printable.
        hang: By how much further rows are indented on a terminal.
    """
    if sys.stderr.isatty():
        text = wrap_words(text, _console(stderr=True).width, hang=hang)
    sys.stderr.write(f"{text}\n")


def print_json(payload: JsonValue) -> None:
    """Print one JSON document, in ASCII: a terminal has nothing to obey and no encoding to fail on."""
    sys.stdout.write(json.dumps(payload, ensure_ascii=True, indent=2, allow_nan=False) + "\n")
    sys.stdout.flush()


@contextmanager
def progress_line(*, quiet: bool, steps: int | None = None) -> Iterator[Callable[[str], None]]:
    """Show a bar on stderr, and beside it what is being done, when a person watches.

    Args:
        quiet: Show nothing.
        steps: How many things will be done; None: nobody knows, so the bar only moves.
    """
    if quiet or not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    words = TextColumn("{task.description}", markup=False)
    columns = (SpinnerColumn(), BarColumn(bar_width=20), TimeElapsedColumn(), words)
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("starting", total=steps)

        def step(message: str) -> None:
            done = bar.tasks[0].description != "starting"
            bar.update(task, description=escape_hidden(message), advance=1 if done else 0)

        yield step


class _HelpWriter(Protocol):
    """Write a titled list of terms with their sentences."""

    def section(self, name: str) -> AbstractContextManager[None]:
        """Write a heading, and indent what follows."""

    def write_dl(self, rows: Sequence[tuple[str, str]]) -> None:
        """Write terms and sentences, in two columns."""


class PanelGroup(TyperGroup):
    """A group of commands whose help lists them by panel, each with its whole first sentence."""

    def format_commands(self, ctx: object, formatter: _HelpWriter) -> None:  # noqa: ARG002 - typer calls it so
        """Write one section for each panel."""
        panels: dict[str, list[tuple[str, str]]] = {}
        for name, command in self.commands.items():
            panel = getattr(command, "rich_help_panel", None) or "Commands"
            panels.setdefault(panel, []).append((name, (command.help or "").partition("\n")[0]))
        for panel in sorted(panels, key=[*PANELS, "Commands"].index):
            sentences = dict(panels[panel])
            with formatter.section(panel):
                formatter.write_dl([(name, sentences[name]) for name in _in_order(panel, sentences)])


def _in_order(panel: str, names: Iterable[str]) -> list[str]:
    """Sort commands as the panel lists them; a group's own commands stay as they are."""
    order = PANELS.get(panel)
    return [*names] if order is None else sorted(names, key=[*order].index)


class HintingGroup(PanelGroup):
    """The whole command line; errors of typing are reported like every other failure."""

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,  # noqa: FBT001 - typer calls it so
        windows_expand_args: bool = True,  # noqa: FBT001 - typer calls it so
        **extra: object,
    ) -> object:
        """Run a command and leave with its exit code."""
        typed = list(sys.argv[1:] if args is None else args)
        _COMMAND.set(typed[0] if typed else "")
        forget_signals()
        if today := todays_spelling(typed):
            message = f"`modelpool {shlex.join(typed)}` was renamed"
            _report(message, f"Use `modelpool {shlex.join(today)}`.", USAGE, as_json="--json" in typed)
            sys.exit(USAGE)
        try:
            code = super().main(
                typed,
                prog_name,
                complete_var,
                standalone_mode=False,
                windows_expand_args=windows_expand_args,
                **extra,
            )
        except TyperException as error:
            code = error.exit_code
            self._explain(error, typed)
        except PipelineError as error:
            code = error.exit_code
            _report(str(error), error.hint, code, as_json="--json" in typed)
        finally:
            forget_workspace()
        if code == INTERRUPTED:  # typer says so of both signals
            code = received_signal() or code
        if standalone_mode:
            sys.exit(code if isinstance(code, int) else 0)
        return code

    def _explain(self, error: TyperException, typed: Sequence[str]) -> None:
        """Say what is wrong with what was typed; the help itself where nothing was."""
        if type(error).__name__ == _HELP:
            sys.stderr.write(error.format_message() + "\n")
            return
        hint = f"Read `{' '.join(('modelpool', *self._command_words(typed)))} --help`."
        _report(error.format_message(), hint, error.exit_code, as_json="--json" in typed)

    def _command_words(self, typed: Sequence[str]) -> Iterator[str]:
        """List the words with which a command line begins that name a group or a command of it."""
        group: object = self
        for word in typed:
            group = getattr(group, "commands", {}).get(word)
            if group is None:
                return
            yield word


@contextmanager
def handle_errors(*, as_json: bool, log: Path) -> Iterator[EventLogger]:
    """Turn every failure into a message with a next step and the documented exit code.

    Args:
        as_json: Print the failure as a JSON document on stdout.
        log: Where the traceback of an unexpected failure goes; the log of events lies beside it.

    Yields:
        What adds an event to that log.
    """
    from pipeline.cli.log import CommandLog

    command = _COMMAND.get()
    events = CommandLog(log.with_name("log.jsonl"), command)

    def fail(error: BaseException, message: str, hint: str, code: int) -> typer.Exit:
        if not events.fail(message, hint, code, type(error).__name__) or as_json:
            _report(message, hint, code, as_json=as_json)
        return typer.Exit(code)

    try:
        yield events.tell
    except (typer.Exit, BrokenPipeError):
        raise
    except (Exception, KeyboardInterrupt) as error:
        raise fail(error, *_describe_failure(error, log, command)) from error


def _describe_failure(error: BaseException, log: Path, command: str) -> tuple[str, str, int]:
    """Return message, hint and exit code of what ended a command."""
    from pipeline.cli.log import keep_traceback

    aborted = isinstance(error, (typer.Abort, KeyboardInterrupt))
    code = received_signal() or (INTERRUPTED if aborted else None)
    if code is not None:
        return WORDS[code], "Nothing half-written is left; run the same command again.", code
    if isinstance(error, PipelineError):
        return str(error), error.hint, error.exit_code
    if isinstance(error, OSError):
        return str(error), *_of_a_disk(error, log, command)
    place = keep_traceback(log, command)
    return f"unexpected: {type(error).__name__}", f"This is a bug; {place}.", UNEXPECTED


def _of_a_disk(error: OSError, log: Path, command: str) -> tuple[str, int]:
    """Return hint and exit code where a disk refused; a full one is no bug and leaves no traceback."""
    from pipeline.cli.log import keep_traceback

    if is_full_disk(error):
        hint = "Free space on that disk (`df -h` lists them), then run the command again."
        return hint, RefusedError.exit_code
    keep_traceback(log, command)
    return "Check space and permissions, then run the command again.", UNEXPECTED


def _report(message: str, hint: str, code: int, *, as_json: bool) -> None:
    from pipeline.cli.log import redact

    message, hint = redact(message), redact(paste_ready(hint))
    if as_json:
        print_json({"error": message, "hint": hint, "exit_code": code})
        return
    print_message(f"error: {escape_hidden(message)}", hang=len("error: "))
    print_message(f" hint: {escape_hidden(hint)}", hang=len("hint: "))


WORD: Final = re.compile(r"(?:`[^`]*`|\S)+")
"""A word, or a command between backticks with all its blanks and what touches it, e.g. a bracket."""
_COMMANDS: Final = ("modelpool ", "curl ")
"""How a line begins that is a command and nothing else."""


def wrap_words(text: str, width: int, *, hang: int = 0) -> str:
    """Break a line that is too long; further rows begin below the first word, or `hang` blanks behind it."""
    indent = len(text) - len(text.lstrip(" "))
    hang = hang or len("- ") * text.lstrip(" ").startswith("- ")
    if len(text) <= width or text.lstrip(" ").startswith(_COMMANDS):
        return text
    rows = [" " * indent]
    started = False
    for word in WORD.findall(text):
        if started and len(rows[-1]) + 1 + len(word) > width:
            rows.append(" " * (indent + hang) + word)
        else:
            rows[-1] += f" {word}" if started else word
        started = True
    return "\n".join(rows)
