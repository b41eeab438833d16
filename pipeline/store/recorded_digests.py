"""Reads from a SQLite file which proposals were recorded; the standard library is enough for that.

Whoever looks at a proposal waits for no other import.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Final

from pipeline.domain.ids import Sha256

if TYPE_CHECKING:
    from pathlib import Path

HEAD: Final = "0005"
"""The newest revision in `migrations/versions`; a test compares them."""
_REVISION: Final = "SELECT version_num FROM alembic_version"
_PROPOSALS: Final = "SELECT sha256 FROM proposal WHERE week = ? AND attempt = ?"


def proposals_in(file: Path, week: str, attempt: int) -> frozenset[Sha256] | None:
    """Return the digests of every proposal.json recorded for an attempt.

    Returns:
        None where the file is no sound database of the newest revision, or is being written: opening it as a
        database says why, or brings it there.
    """
    try:
        with closing(sqlite3.connect(file, timeout=0, isolation_level=None)) as there:
            there.execute("BEGIN")
            if there.execute(_REVISION).fetchall() != [(HEAD,)]:
                return None
            return frozenset(Sha256(one) for (one,) in there.execute(_PROPOSALS, (week, attempt)))
    except sqlite3.Error:
        return None
