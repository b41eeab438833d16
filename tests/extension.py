"""A copy of the package with one more file and one more line, as somebody who extends it would make it."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.example import ROOT

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Extension:
    """A new file, and the line of a registry that names it."""

    file: str
    """Path below `pipeline/`; it does not exist there."""
    text: str
    registry: str
    """Path below `pipeline/` of the file that lists its kind."""
    imported: str
    """The import that the new line needs, e.g. `from pipeline.exporters.csv import CSV`."""
    before: str
    """The line of the registry before which the new one stands."""
    line: str


@dataclass(frozen=True, slots=True)
class ExtendedPackage:
    """The package with an extension, elsewhere."""

    folder: Path

    def modelpool(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command of the extended package."""
        return subprocess.run(
            [sys.executable, "-m", "pipeline.cli", *arguments],
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": str(self.folder)},
            capture_output=True,
            text=True,
            check=False,
        )


def extend(folder: Path, extension: Extension) -> ExtendedPackage:
    """Make the package anew in a folder: links to it, a new file, a registry with one more line."""
    own = ROOT / "pipeline"
    written = {own / extension.file: extension.text, own / extension.registry: _registry(own, extension)}
    assert not (own / extension.file).exists()
    _mirror(own, folder / "pipeline", {parent for path in written for parent in path.parents})
    (folder / "data").symlink_to(ROOT / "data")
    for path, text in written.items():
        place = folder / path.relative_to(ROOT)
        place.unlink(missing_ok=True)
        place.write_text(text)
    return ExtendedPackage(folder)


def _registry(own: Path, extension: Extension) -> str:
    text = (own / extension.registry).read_text()
    assert text.count(extension.before) == 1
    marker = "from __future__ import annotations\n"
    assert text.count(marker) == 1
    return text.replace(marker, f"{marker}\n{extension.imported}\n").replace(
        extension.before, f"{extension.line}\n{extension.before}"
    )


def _mirror(source: Path, target: Path, opened: set[Path]) -> None:
    """Link a folder's content; the folders on the way to a written file are folders of their own."""
    target.mkdir(parents=True)
    for path in source.iterdir():
        if path in opened:
            _mirror(path, target / path.name, opened)
        elif path.name != "__pycache__":
            (target / path.name).symlink_to(path)
