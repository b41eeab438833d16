"""The command `modelpool`."""

from __future__ import annotations

import io
import sys

import typer

from pipeline.cli import ask, backtest, explain, judge, keep, names, replay, sources, tune, week
from pipeline.cli.speak import Politely

app = typer.Typer(
    name="modelpool",
    cls=Politely,
    help="Keeps an LLM router's model pools current: refreshed weekly, reviewed before deployment.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    epilog="Exit codes: 0 done; 10 a proposal waits for review; 20 a source is held; 30 refused; "
    "2 usage; 1 unexpected.",
)

for register in (
    week.register,
    judge.register,
    ask.register,
    explain.register,
    names.register,
    backtest.register,
    tune.register,
    sources.register,
    keep.register,
    replay.register,
):
    register(app)


def main() -> None:
    """Run the command line; what the terminal's encoding cannot write is spelled out."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    app()
