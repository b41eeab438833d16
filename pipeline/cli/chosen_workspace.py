"""Keeps which workspace the running command works on, and writes commands that work on it when pasted."""

from __future__ import annotations

import re
import shlex
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pipeline.errors import UsageError
from pipeline.folder_place import refuse_no_folder
from pipeline.workspace import Workspace, find_workspace, is_workspace

if TYPE_CHECKING:
    from re import Match

_CHOSEN: ContextVar[Workspace | None] = ContextVar("workspace", default=None)
_COMMAND: Final = re.compile(r"`modelpool ([^`\n]+)`")
"""A command in a text for people; between backticks, as in Markdown."""
_OF_GIT: Final = re.compile(r"`git (checkout|log) ([^`\n]*?)-- ([^`\n]+)`")
"""A command that restores files of record or shows their history."""
_ANYWHERE: Final = ("init ", "help ", "-")
"""How commands begin that belong to no workspace."""
_HERE: Final = Path()


def forget_workspace() -> None:
    """Know of no workspace: a command line has ended."""
    _CHOSEN.set(None)


def look_for_workspace(folder: Path) -> Path:
    """Return the folder that was named, or the nearest workspace from here upwards; else this folder.

    Raises:
        UsageError: The folder that the shell stands in is gone.
    """
    try:
        found = find_workspace(_HERE) if folder == _HERE else None
    except OSError as error:
        raise UsageError(
            f"the folder this shell stands in cannot be read ({error.strerror})",
            hint="Go into a workspace, or name one with --workspace.",
        ) from None
    _CHOSEN.set(Workspace(found or folder, named=folder != _HERE))
    return found or folder


def choose_workspace(folder: Path) -> Path:
    """Return the folder of the workspace that was named, or of the nearest one from here upwards.

    Raises:
        UsageError: There is none.
    """
    return workspace_at(look_for_workspace(folder)).root


def workspace_at(folder: Path) -> Workspace:
    """Return the workspace in a folder.

    Raises:
        UsageError: The folder does not exist, or holds none.
    """
    if not folder.is_dir():
        refuse_no_folder(folder, hint="Name the folder of a workspace with --workspace.")
        raise UsageError(f"no folder {folder}", hint=f"Make one with `modelpool init {_quote(folder)}`.")
    if not is_workspace(folder):
        where = "this folder and those above it are" if folder == _HERE else f"{folder} is"
        raise UsageError(
            f"{where} no workspace",
            hint="Make one with `modelpool init my-pools` (or any empty or new folder), go into one, or name "
            "one with --workspace.",
        )
    return chosen_workspace(folder)


def chosen_workspace(folder: Path) -> Workspace:
    """Return the workspace whose folder an option gave, as its commands name it."""
    chosen = _CHOSEN.get()
    return chosen if chosen is not None and chosen.root == folder else Workspace(folder)


def command_line(words: str) -> str:
    """Write a command of this program so that it works where somebody stands, for the workspace at hand."""
    chosen = _CHOSEN.get()
    if chosen is None or words.startswith(_ANYWHERE) or "--workspace" in words or "--help" in words:
        return f"modelpool {words}"
    return chosen.command(words)


def paste_ready(text: str) -> str:
    """Write every command between backticks so that it works where somebody stands."""
    return _OF_GIT.sub(_from_git_or_backup, _COMMAND.sub(_written_command, text))


def _written_command(found: Match[str]) -> str:
    return f"`{command_line(found[1])}`"


def _from_git_or_backup(found: Match[str]) -> str:
    """Write a command of git for the workspace at hand; where no git keeps it, that of a backup."""
    chosen = _CHOSEN.get()
    root = chosen.root if chosen else _HERE
    command, options = found[1], found[2]
    try:
        places = [Path(place) for place in shlex.split(found[3])]
    except ValueError:  # a name with a quote of its own, in a text that does not quote it
        return found[0]
    if any((folder / ".git").exists() for folder in (root.resolve(), *root.resolve().parents)):
        inside = root != _HERE and not any(place.is_relative_to(root) for place in places)
        return f"`git -C {_quote(root)} {command} {options}-- {found[3]}`" if inside else found[0]
    below = [place.relative_to(root) if place.is_relative_to(root) else place for place in places]
    kept = {place: f'"${{MODELPOOL_BACKUP_DIR:?}}"/{_quote(place)}' for place in below}
    if command == "log":
        return "`" + " && ".join(f"diff -r {kept[place]} {_quote(root / place)}" for place in below) + "`"
    return "`" + " && ".join(f"cp -r {kept[place]} {_quote(root / place.parent)}/" for place in below) + "`"


def _quote(folder: Path) -> str:
    return shlex.quote(str(folder))
