"""The three files of the crosswalk as one body of bytes, whose digest is the crosswalk's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pipeline.identity.table import read_bytes

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

FILES: Final = ("variants.csv", "judgements.csv", "prices.csv")


def bound(bodies: Mapping[str, bytes]) -> bytes:
    """Join the files, each below its name and length, so that no line can wander unseen into the next."""
    return b"".join(f"{name} {len(bodies[name])}\n".encode() + bodies[name] for name in FILES)


def unbound(body: bytes) -> dict[str, bytes]:
    """Take the files apart again.

    Raises:
        ValueError: Not a body that `bound` made.
    """
    found: dict[str, bytes] = {}
    rest = body
    for name in FILES:
        head, line_end, rest = rest.partition(b"\n")
        word, _, length = head.decode().partition(" ")
        if word != name or not line_end or len(rest) < int(length):
            raise ValueError(f"{name} was expected, found {head[:40]!r}")
        found[name], rest = rest[: int(length)], rest[int(length) :]
    return found


def crosswalk_bytes(folder: Path) -> bytes:
    """Read the three files as one body.

    Raises:
        UsageError: One is missing or cannot be read.
    """
    return bound({name: read_bytes(folder / name) for name in FILES})
