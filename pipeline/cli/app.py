"""Defines the command `modelpool` and its groups."""

from __future__ import annotations

import atexit
import gc
from typing import Annotated, Final

import typer

from pipeline import __version__
from pipeline.cli import (
    answers,
    backtest,
    crosswalk,
    doctor,
    explain,
    gateway,
    manual_page,
    operations,
    replay,
    review,
    run,
    sources,
    status,
    usage,
    workspace,
)
from pipeline.cli.command_help import add_panels
from pipeline.cli.console import HintingGroup, print_text

_ALLOCATIONS: Final = 500_000
"""New objects before Python looks for cycles among them. A week is read into objects that live to its end;
at Python's own 700 an eighth of a run goes into looking at them again, at 50,000 a twelfth, and no memory is
won by it."""

app = typer.Typer(
    name="modelpool",
    cls=HintingGroup,
    help="Keeps an LLM router's model pools current: refreshed weekly, reviewed before deployment.",
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    epilog="Exit codes: 0 done; 10 a proposal waits for review; 20 a source is held, a proposal may wait; "
    "30 refused; 2 usage; 1 unexpected; 130 interrupted; 143 terminated.",
)

for register in (
    run.register,
    review.register,
    answers.register,
    status.register,
    explain.register,
    crosswalk.register,
    backtest.register,
    backtest.register_tune,
    usage.register,
    sources.register,
    workspace.register,
    workspace.register_policy,
    operations.register,
    replay.register,
    gateway.register,
    doctor.register,
    manual_page.register,
):
    register(app)
add_panels(app)


def _print_version(asked: bool) -> None:  # noqa: FBT001 - typer calls it so
    if asked:
        print_text(f"modelpool {__version__}")
        raise typer.Exit


@app.callback()
def about(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version."),
    ] = False,
) -> None:
    """Keep an LLM router's model pools current: refreshed weekly, reviewed before deployment."""


def run_command() -> int:
    """Run the command line, and return its exit code."""
    gc.set_threshold(_ALLOCATIONS, *gc.get_threshold()[1:])
    atexit.register(gc.freeze)  # else Python looks through everything again before it ends: .4 s after a run
    try:
        app()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 0
    return 0
