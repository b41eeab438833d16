"""Stores what people had written when a run used it, once for each content, below `reviews/used/`.

A proposal names the digests of policy, expectations and crosswalk; here are the bytes behind them, so that a
past week can be rebuilt whatever was edited since.
"""

from __future__ import annotations

import gzip
import shlex
import zlib
from typing import TYPE_CHECKING, Final

from pipeline import atomic_files
from pipeline.domain.document import sha256_hex
from pipeline.errors import RefusedError
from pipeline.regular_file import read_file

if TYPE_CHECKING:
    from pathlib import Path

_FOLDER: Final = "used"


def place_of(reviews: Path, name: str, sha256: str) -> Path:
    """Name the file of a content."""
    return reviews / _FOLDER / f"{name}-{sha256}.gz"


def keep_snapshot(reviews: Path, name: str, body: bytes) -> None:
    """Keep a content, once; a file of it that was damaged is written anew.

    Raises:
        OSError: The disk refused; nothing is half written.
    """
    file = place_of(reviews, name, sha256_hex(body))
    if _read_unpacked(file) != body:
        atomic_files.replace_file(file, gzip.compress(body, mtime=0))


def read_snapshot(reviews: Path, name: str, sha256: str) -> bytes | None:
    """Return a content; None where no run here kept it.

    Raises:
        RefusedError: The file does not hold the content its name says.
    """
    file = place_of(reviews, name, sha256)
    body = _read_unpacked(file)
    if body is not None and sha256_hex(body) != sha256:
        raise RefusedError(
            f"{file} does not hold the {name} its name says",
            hint=f"Restore it: `git checkout -- {shlex.quote(str(file))}`.",
        )
    return body


def _read_unpacked(file: Path) -> bytes | None:
    """Read a file; what cannot be unpacked is returned as it is, and its digest does not fit."""
    if not file.is_file():
        return None
    packed = read_file(file)
    try:
        return gzip.decompress(packed)
    except (OSError, EOFError, zlib.error):
        return packed
