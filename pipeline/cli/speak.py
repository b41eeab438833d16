"""How the command line speaks: text for people, one JSON document for programs, errors with a next step."""

from __future__ import annotations

import json
import sys
import traceback
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

from pipeline.errors import PipelineError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from pydantic import JsonValue
    from rich.console import RenderableType

UNEXPECTED = 1
INTERRUPTED = 130
WIDTH_OF_A_FILE = 100
"""Columns of a table when nobody watches: a log or a mail."""


def say(*parts: RenderableType) -> None:
    """Print text for people; names are data, so nothing in them is read as markup."""
    from rich.console import Console

    width = None if sys.stdout.isatty() else WIDTH_OF_A_FILE
    console = Console(markup=False, highlight=False, emoji=False, soft_wrap=True, width=width)
    for part in parts:
        console.print(part)


def say_json(payload: JsonValue) -> None:
    """Print one JSON document."""
    sys.stdout.write(json.dumps(payload, ensure_ascii=False, indent=2, allow_nan=False) + "\n")


@contextmanager
def progress(*, quiet: bool) -> Iterator[Callable[[str], None]]:
    """Show on stderr what is being done, when a person watches."""
    if quiet or not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console

    with Console(stderr=True).status("starting") as status:
        yield status.update


@contextmanager
def failing_politely(*, as_json: bool, log: Path) -> Iterator[None]:
    """Turn every failure into a message with a next step and the documented exit code.

    Args:
        as_json: Print the failure as a JSON document on stdout.
        log: Where the traceback of an unexpected failure goes.
    """
    try:
        yield
    except PipelineError as error:
        _report(str(error), error.hint, error.exit_code, as_json=as_json)
        raise typer.Exit(error.exit_code) from error
    except KeyboardInterrupt as error:
        hint = "Nothing half-written is left; run the same command again."
        _report("interrupted", hint, INTERRUPTED, as_json=as_json)
        raise typer.Exit(INTERRUPTED) from error
    except OSError as error:
        _report(
            str(error),
            "Check space and permissions, then run the command again.",
            UNEXPECTED,
            as_json=as_json,
        )
        _keep(log)
        raise typer.Exit(UNEXPECTED) from error
    except (typer.Exit, typer.Abort):
        raise
    except Exception as error:
        place = _keep(log)
        _report(
            f"unexpected: {type(error).__name__}", f"This is a bug; {place}.", UNEXPECTED, as_json=as_json
        )
        raise typer.Exit(UNEXPECTED) from error


def _report(message: str, hint: str, code: int, *, as_json: bool) -> None:
    if as_json:
        say_json({"error": message, "hint": hint, "exit_code": code})
        return
    sys.stderr.write(f"error: {printable(message)}\n hint: {printable(hint)}\n")


def printable(text: str) -> str:
    """Escape control and format characters, so that a name cannot steer a terminal."""
    return "".join(c if c.isprintable() or c == "\n" else c.encode("unicode_escape").decode() for c in text)


def _keep(log: Path) -> str:
    """Keep the traceback for whoever mends the bug."""
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("a") as file:
            file.write(traceback.format_exc())
    except OSError:
        return "its traceback could not be kept"
    return f"its traceback is in {log}"
