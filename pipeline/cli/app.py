"""The command `modelpool`."""

from __future__ import annotations

import atexit
import gc
import io
import sys
from typing import Final

import typer

from pipeline.cli import (
    backtest,
    crosswalk,
    explain,
    gateway,
    replay,
    review,
    run,
    sources,
    status,
    usage,
    workspace,
)
from pipeline.cli.console import HintingGroup

_ALLOCATIONS: Final = 500_000
"""New objects before Python looks for cycles among them. A week is read into objects that live to its end;
at Python's own 700 an eighth of a run goes into looking at them again, at 50,000 a twelfth, and no memory is
won by it."""

app = typer.Typer(
    name="modelpool",
    cls=HintingGroup,
    help="Keeps an LLM router's model pools current: refreshed weekly, reviewed before deployment.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    epilog="Exit codes: 0 done; 10 a proposal waits for review; 20 a source is held; 30 refused; "
    "2 usage; 1 unexpected.",
)

for register in (
    run.register,
    review.register,
    status.register,
    explain.register,
    crosswalk.register,
    backtest.register,
    backtest.register_tune,
    usage.register,
    sources.register,
    workspace.register,
    workspace.register_policy,
    replay.register,
    gateway.register,
):
    register(app)


def main() -> None:
    """Run the command line; what the terminal's encoding cannot write is spelled out."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    gc.set_threshold(_ALLOCATIONS, *gc.get_threshold()[1:])
    atexit.register(gc.freeze)  # else Python looks through everything again before it ends: .4 s after a run
    app()
