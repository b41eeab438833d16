"""Defines the command that shows the manual: `help`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli.console import handle_errors, page_text, print_json, print_text
from pipeline.cli.options import JsonOption  # noqa: TC001 - typer reads it

TopicArgument = Annotated[
    str | None, typer.Argument(metavar="TOPIC", help="One of the topics; without it, they are listed.")
]


def help_(topic: TopicArgument = None, as_json: JsonOption = False) -> None:
    """Print a page of the manual; without a topic, list the topics."""
    with handle_errors(as_json=as_json, log=Path("data") / "errors.log"):
        from pipeline.cli.manual.topics import TOPICS, topic_text

        if topic is not None:
            text = topic_text(topic)
            print_json({"topic": topic, "markdown": text}) if as_json else _print_page(text)
            return
        if as_json:
            print_json({each.name: each.summary for each in TOPICS})
            return
        from pipeline.cli.blocks_text import WordWrap
        from pipeline.domain.blocks import line

        width = max(len(each.name) for each in TOPICS)
        print_text(
            "Pages of the manual:",
            *(WordWrap(lines=(line(each.summary),), bullet=f"  {each.name:<{width}}  ") for each in TOPICS),
            "Read one by `modelpool help TOPIC`, an option by `modelpool COMMAND -h`.",
        )


def _print_page(text: str) -> None:
    """Print Markdown: laid out and paged for whoever watches, as it is into a file or a pipe."""
    from pipeline.cli.manual_text import manual_text

    if sys.stdout.isatty():
        page_text(*manual_text(text))
    else:
        print_text(*text.splitlines())


def register(app: typer.Typer) -> None:
    """Add this module's command."""
    app.command("help")(help_)
