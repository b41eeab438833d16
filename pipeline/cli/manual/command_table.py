"""Writes every command of the command line with its arguments and options."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from typer.core import TyperCommand, TyperGroup


def command_pages() -> Iterator[str]:
    """Write one block for each command: its sentence, its arguments and options, its example."""
    from typer.core import TyperGroup
    from typer.main import get_command

    from pipeline.cli.app import app

    root = get_command(app)
    if isinstance(root, TyperGroup):
        yield from _pages("modelpool", root)


def _pages(words: str, command: TyperCommand | TyperGroup) -> Iterator[str]:
    inner = getattr(command, "commands", None)
    if inner is None or getattr(command, "invoke_without_command", False):
        yield _page(words, command)
    for name, child in (inner or {}).items():
        yield from _pages(f"{words} {name}", child)


def _page(words: str, command: TyperCommand | TyperGroup) -> str:
    lines = [f"## `{words}`", "", command.help or "", ""]
    for parameter in command.params:
        names = ", ".join(parameter.opts) if parameter.param_type_name == "option" else parameter.metavar
        if getattr(parameter, "hidden", False) or not names:
            continue
        lines.append(f"- `{names}`: {getattr(parameter, 'help', None) or 'see above'}")
    example = (command.epilog or "").rpartition("\n")[2].strip()
    return "\n".join((*lines, *((f"\n    {example}",) if example else ())))
