"""The command `modelpool`."""

from __future__ import annotations

import typer

from pipeline.cli import ask, judge, keep, week

app = typer.Typer(
    name="modelpool",
    help="Keeps an LLM router's model pools current: refreshed weekly, reviewed before deployment.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    epilog="Exit codes: 0 done; 10 a proposal waits for review; 20 a source is held; 30 refused; "
    "2 usage; 1 unexpected.",
)

for register in (week.register, judge.register, ask.register, keep.register):
    register(app)


def main() -> None:
    """Run the command line."""
    app()
