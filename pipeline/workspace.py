"""Locates every file of a workspace; the default is the nearest one from the current folder upwards."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

from pipeline.errors import UsageError
from pipeline.toml_file import broken_at, line_of, read_toml

_MARKS: Final = ("policy", "crosswalk", "pools")
"""A folder whose `data` holds one of these is a workspace."""


Shareable = Literal["captures", "crosswalk"]
"""What a workspace may take from another one."""
_FOLDERS: Final[dict[Shareable, str]] = {"captures": "raw", "crosswalk": "crosswalk"}
_SHARED_FORM: Final = 'format = 1, captures = "../FOLDER" and crosswalk = "../FOLDER", each of a workspace'


def is_workspace(folder: Path) -> bool:
    """Return whether a folder is a workspace, even one of which a part is gone."""
    return any((folder / "data" / mark).is_dir() for mark in _MARKS)


def find_workspace(folder: Path) -> Path | None:
    """Find the nearest workspace from a folder upwards, written as seen from there; None where there is none.

    Raises:
        OSError: The folder does not exist any more.
    """
    for _ in folder.absolute().parts:
        if is_workspace(folder):
            return folder
        folder /= ".."
    return None


_IN_DATA: Final = 2
"""Parts of the path of a file directly below `data/`."""
_OWN_FILES: Final = ("pipeline.sqlite", "log.jsonl", "errors.log", "workspace.lock", "modelpool.env", ".git")


@dataclass(frozen=True, slots=True)
class Workspace:
    """The places on disk below one folder; each has one writing room."""

    root: Path
    named: bool = field(default=True, kw_only=True)
    """Whether a command has to name it; one that is found from where somebody stands need not be."""

    def command(self, words: str) -> str:
        """Write a command of this program so that it works in this workspace when pasted."""
        where = f" --workspace {shlex.quote(str(self.root))}" if self.named and self.root != Path() else ""
        return f"modelpool {words}{where}"

    def refuse_own_file(self, variable: str, file: Path) -> None:
        """Refuse to write what an operator asked for over what commands keep here.

        Raises:
            UsageError: It lies below `reviews/`, in a folder of `data/`, or commands write it.
        """
        place, root = file.resolve(), self.root.resolve()
        inner = place.relative_to(root).parts if place.is_relative_to(root) else ()
        kept = inner[:1] == ("data",) and (len(inner) > _IN_DATA or place.name.startswith(_OWN_FILES))
        if inner[:1] == ("reviews",) or kept:
            raise UsageError(
                f"{variable} is {file}, where modelpool keeps its record",
                hint=f"Name another file in {variable}, for example one outside the workspace.",
            )

    @property
    def sample_command(self) -> str | None:
        """Write the run on the embedded week, which needs no key and no network; None without the sample."""
        folder = self.root / "data" / "sample" / "2026-W33"
        if not folder.is_dir():
            return None
        captures = shlex.quote(str(folder))
        return self.command(f"run --captures {captures} --week 2026-W33 --now 2026-08-15T12:00:00Z")

    @property
    def policy(self) -> Path:
        """Tiers and constants, written by people."""
        return self.root / "data" / "policy" / "tiers.toml"

    @property
    def expectations(self) -> Path:
        """What each source must at least deliver, written by people."""
        return self.root / "data" / "policy" / "expectations.toml"

    @property
    def lateness(self) -> Path:
        """What a late approval costs, measured on past weeks, written by people."""
        return self.root / "data" / "policy" / "lateness.toml"

    @property
    def crosswalk(self) -> Path:
        """The folder of variants.csv, judgements.csv and prices.csv, written by people, here or elsewhere.

        Raises:
            UsageError: The workspace that holds it cannot be used.
        """
        return (self.shared_from("crosswalk") or self).root / "data" / "crosswalk"

    @property
    def shared(self) -> Path:
        """Names the other workspaces that this one takes something from, written by people; may be absent."""
        return self.root / "data" / "policy" / "shared.toml"

    @property
    def raw(self) -> Path:
        """Captured bytes and their sidecars, written by `captures`."""
        return self.root / "data" / "raw"

    @property
    def readings(self) -> Path:
        """What later weeks ask of captures, written by `captures`: worked out anew where it is gone."""
        return self.root / "data" / "readings"

    @property
    def pools(self) -> Path:
        """Published versions and the pointer, written by `publish`."""
        return self.root / "data" / "pools"

    @property
    def gateway(self) -> Path:
        """The pool that a gateway here served last, and its proxy's configuration, written by `gateway`."""
        return self.root / "data" / "gateway"

    @property
    def usage(self) -> Path:
        """Answers of the operator's own traffic, without their text, written by `usage`."""
        return self.root / "data" / "usage"

    @property
    def workloads(self) -> Path:
        """Which band a workload takes: the table that waits and those approved, written by `usage`."""
        return self.root / "data" / "workloads"

    @property
    def reviews(self) -> Path:
        """Proposals and decisions, written by `review`."""
        return self.root / "reviews"

    @property
    def log(self) -> Path:
        """One line per event of every command that writes or fails, written by `cli`."""
        return self.root / "data" / "log.jsonl"

    @property
    def database(self) -> Path:
        """The database: rebuilt from the files above, written by `store`."""
        return self.root / "data" / "pipeline.sqlite"

    def shared_from(self, what: Shareable) -> Workspace | None:
        """Return the workspace that this one takes something from; None where it has its own.

        Raises:
            UsageError: The file that names it is not of the form, or what it names is a link, no workspace,
                this one, or one that takes the same from a third.
        """
        text = _read_shared(self.shared).get(what)
        if text is None:
            return None
        place = self.root / text
        if wrong := self._wrong_with(place, what):
            raise UsageError(
                f"{self.shared}: {what} = {text!r}: {wrong}",
                hint=f"Write the path of another workspace there, as seen from {self.root.resolve()}, or "
                "take the line out: then this workspace has its own.",
            )
        return Workspace(place)

    def _wrong_with(self, place: Path, what: Shareable) -> str:
        """Say why a folder cannot be taken from; links are not followed, they may lead anywhere."""
        for one in (place, place / "data", place / "data" / _FOLDERS[what]):
            if one.is_symlink():
                return f"{one} is a link"
        if not is_workspace(place):
            return f"{place} is no workspace"
        if place.resolve() == self.root.resolve():
            return "that is this workspace itself"
        third = _read_shared(Workspace(place).shared).get(what)
        return "" if third is None else f"{place} takes its own from {third}"


def _read_shared(path: Path) -> dict[str, str]:
    """Read what a file of shared workspaces names; nothing where it is absent."""
    if not path.exists():
        return {}
    _, text, document = read_toml(path)
    if document.pop("format", None) != 1:
        raise broken_at(path, line_of(text, ("format",)), "no `format = 1`", _SHARED_FORM)
    named: dict[str, str] = {}
    for key, value in document.items():
        if key not in _FOLDERS or not isinstance(value, str) or not value:
            raise broken_at(path, line_of(text, (key,)), f"{key} = {value!r}", _SHARED_FORM)
        named[key] = value
    return named
