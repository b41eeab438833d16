"""The record the repository ships, as a workspace that a test may change."""

from __future__ import annotations

import functools
import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.publish.versions import pointer_bytes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from typer.testing import CliRunner

ROOT = Path(__file__).resolve().parent.parent
FIRST_WEEK = "2026-W22"
SECOND_WEEK = ("--week", "2026-W33", "--now", "2026-08-15T12:00:00Z")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command said."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, object]:
        """The JSON document on stdout."""
        document = json.loads(self.out)
        assert isinstance(document, dict)
        return document


@functools.cache
def _runner() -> CliRunner:
    """Return what runs commands in this process, and builds the tree of all commands once."""
    from typer import main, testing

    testing.__dict__["_get_command"] = functools.cache(main.get_command)
    return testing.CliRunner()


def invoke(words: Sequence[str]) -> Answer:
    """Run a command in this process."""
    from pipeline.cli.app import app

    done = _runner().invoke(app, list(words))
    return Answer(done.exit_code, done.stdout, done.stderr)


@dataclass(frozen=True, slots=True)
class Example:
    """A workspace with the record the repository ships."""

    folder: Path

    def __call__(self, *arguments: str) -> Answer:
        """Run a command in this workspace, in this process.

        The record is of a past summer: whoever publishes it without saying when, says that this is meant.
        """
        late = arguments[:1] == ("publish",) and "--now" not in arguments
        meant = ("--although-expired",) if late else ()
        return invoke([*arguments, *meant, "--workspace", str(self.folder)])

    def start(self) -> Answer:
        """Make a new workspace here, with the sample."""
        from typer.testing import CliRunner

        from pipeline.cli.app import app

        done = CliRunner().invoke(app, ["init", str(self.folder), "--sample"])
        return Answer(done.exit_code, done.stdout, done.stderr)

    def run(self, captures: str | None = None, *more: str) -> Answer:
        """Run the second embedded week, or other captures under its date."""
        return self(
            "run", "--captures", captures or str(self.folder / "data/sample/2026-W33"), *SECOND_WEEK, *more
        )

    def digest(self) -> str:
        """Digest of the pending pool."""
        digest = self("review", "--json").json["pool_sha256"]
        assert isinstance(digest, str)
        return digest

    def approve(self, digest: str | None = None) -> Answer:
        """Approve the pending pool."""
        start = digest or self.digest()[:16]
        return self("approve", start, "--reviewer", "R. Viewer", "--note", "Read the page.")

    def pools(self) -> dict[str, bytes]:
        """Every file below data/pools."""
        return {path.name: path.read_bytes() for path in sorted((self.folder / "data/pools").iterdir())}


def copy_record(target: Path) -> None:
    """Copy the shipped record, without what its owner ran, decided or published since."""
    for name in ("policy", "crosswalk", "sample"):
        shutil.copytree(ROOT / "data" / name, target / "data" / name)
    for sidecars in (ROOT / "data" / "raw").glob(f"*/{FIRST_WEEK}"):
        captured_bytes = shutil.ignore_patterns("*.gz")
        kept = target / "data" / "raw" / sidecars.parent.name / FIRST_WEEK
        shutil.copytree(sidecars, kept, ignore=captured_bytes)
    first = (ROOT / "data" / "pools" / "v0001.json").read_bytes()
    pools = target / "data" / "pools"
    pools.mkdir()
    (pools / "v0001.json").write_bytes(first)
    (pools / "latest.json").write_bytes(pointer_bytes(1, first))
    for name in (FIRST_WEEK, "used"):
        if (ROOT / "reviews" / name).exists():
            shutil.copytree(ROOT / "reviews" / name, target / "reviews" / name)
