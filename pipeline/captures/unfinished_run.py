"""Keeps which answers a run has stored, until it has filed something: `raw/unfinished.json`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final, Literal

from pydantic import Field, ValidationError

from pipeline import atomic_files
from pipeline.domain.document import DigestText, Document, MomentText, canonical_json

if TYPE_CHECKING:
    from pathlib import Path

UNFINISHED: Final = "unfinished.json"


class StoredAnswer(Document):
    """One capture of an answer, as the run recorded it."""

    sha256: DigestText
    url: str
    fetched_at: MomentText


class UnfinishedRun(Document):
    """A run that asks the sources, or was killed before it filed anything."""

    format: Literal[1]
    week: str
    began: MomentText
    answers: dict[str, Annotated[tuple[StoredAnswer, ...], Field(min_length=1)]]
    """By source, the captures of its whole answer in reading order."""


def load_unfinished(raw: Path) -> UnfinishedRun | None:
    """Read it; None where there is none, or it cannot be read: then the sources are asked again."""
    try:
        return UnfinishedRun.model_validate_json((raw / UNFINISHED).read_bytes())
    except (OSError, ValidationError):
        return None


def store_unfinished(raw: Path, run: UnfinishedRun) -> None:
    """Replace it.

    Raises:
        OSError: The disk refused; it is as it was.
    """
    atomic_files.replace_file(raw / UNFINISHED, canonical_json(run.model_dump(mode="json")) + b"\n")


def drop_unfinished(raw: Path) -> None:
    """Forget it: the run has filed what it came to."""
    (raw / UNFINISHED).unlink(missing_ok=True)
