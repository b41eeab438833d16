"""Locates every file of a workspace; the default is the nearest one from the current folder upwards."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

_MARKS: Final = ("policy", "crosswalk", "pools")
"""A folder whose `data` holds one of these is a workspace."""


def is_workspace(folder: Path) -> bool:
    """Tell whether a folder is a workspace, even one of which a part is gone."""
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
        """The folder of variants.csv, judgements.csv and prices.csv, written by people."""
        return self.root / "data" / "crosswalk"

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
