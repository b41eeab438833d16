"""Removes captured bytes that were let go of, and keeps when: `raw/pruned.json`. Their sidecars stay."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from pydantic import Field, ValidationError

from pipeline import atomic_files
from pipeline.domain.document import Document, MomentText, canonical_json
from pipeline.regular_file import read_file

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from pipeline.captures.store import Sidecar

PRUNED: Final = "pruned.json"


class PrunedCaptures(Document):
    """What was removed, and when."""

    format: Literal[1] = 1
    removed: dict[str, MomentText] = Field(default_factory=dict)
    """By `source/week/sha256`."""


def pruned_at(raw: Path, sidecar: Sidecar) -> str | None:
    """Return the moment at which the bytes of a capture were let go of; None where nobody did."""
    return _load(raw).removed.get(_name(sidecar))


def remove_captures(cars: Sequence[Sidecar], *, raw: Path, at: str) -> int:
    """Remove the stored bytes of captures and return how many bytes that freed.

    What is removed is written down first: a command that is cut off has removed less than it says, and
    repeated it removes the rest.

    Args:
        cars: Which.
        raw: The folder `data/raw`.
        at: The moment, as it is written.

    Raises:
        OSError: The disk refused; some may be left.
    """
    found = [(sidecar, file) for sidecar in cars if (file := _file(raw, sidecar)).exists()]
    if not found:
        return 0
    removed = {**_load(raw).removed, **{_name(sidecar): at for sidecar, _ in found}}
    said = PrunedCaptures(removed=dict(sorted(removed.items())))
    atomic_files.replace_file(raw / PRUNED, canonical_json(said.model_dump(mode="json")) + b"\n")
    freed = 0
    for _, file in found:
        freed += file.stat().st_size
        file.unlink()
    return freed


def _file(raw: Path, sidecar: Sidecar) -> Path:
    return raw / sidecar.source / sidecar.week / f"{sidecar.sha256}.gz"


def _name(sidecar: Sidecar) -> str:
    return f"{sidecar.source}/{sidecar.week}/{sidecar.sha256}"


def _load(raw: Path) -> PrunedCaptures:
    """Read it; one that cannot be read says nothing, and no capture hangs on it."""
    try:
        return PrunedCaptures.model_validate_json(read_file(raw / PRUNED))
    except (OSError, ValidationError):
        return PrunedCaptures()
