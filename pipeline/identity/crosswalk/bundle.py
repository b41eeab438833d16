"""Packs the crosswalk's three files into one body of bytes, whose digest is the crosswalk's."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Final

from pipeline.domain.document import sha256_hex
from pipeline.identity.crosswalk.csv_reader import read_csv_bytes

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from pathlib import Path

FILES: Final = ("variants.csv", "judgements.csv", "prices.csv")
_DATED: Final = {
    "variants.csv": (("id",), None),
    "judgements.csv": ((), "decided_on"),
    "prices.csv": (("release", "valid_from"), "valid_from"),
}
"""By file: the columns by which a line that stood is not replaced, and the column with a line's date."""


def pack(bodies: Mapping[str, bytes]) -> bytes:
    """Join the files, each below its name and length, so that no line can wander unseen into the next."""
    return b"".join(f"{name} {len(bodies[name])}\n".encode() + bodies[name] for name in FILES)


def unpack(body: bytes) -> dict[str, bytes]:
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
    return pack({name: read_csv_bytes(folder / name) for name in FILES})


def known_on(day: date, *, then: bytes | None, now: bytes) -> bytes:
    """Return the crosswalk as it stood at the end of a day on which no run kept it.

    Args:
        day: Lines that are dated later do not count.
        then: What the last run before that day used: all of it counts, whatever was edited since.
        now: What is written now. Beyond `then`, its judgements decided by that day count, its prices of other
            releases or days that held by then, and its other variants: they mean nothing without a judgement.
    """
    held, written = unpack(then) if then else dict.fromkeys(FILES, b""), unpack(now)
    return pack({name: _known(held[name], written[name], *_DATED[name], day) for name in FILES})


def cut_back(now: bytes, sha256: str) -> bytes | None:
    """Take the latest judgements away, line by line, until the crosswalk has a digest; None if it never has.

    Judgements are only ever added at the end, so this finds an earlier crosswalk that nobody kept, as long as
    the other two files are as they were.
    """
    files = unpack(now)
    judgements = files["judgements.csv"]
    while judgements:
        body = pack({**files, "judgements.csv": judgements})
        if sha256_hex(body) == sha256:
            return body
        judgements = judgements[: judgements[:-1].rfind(b"\n") + 1]
    return None


def _known(held: bytes, written: bytes, key: tuple[str, ...], dated: str | None, day: date) -> bytes:
    old, new = _lines(held), _lines(written)
    header = next(csv.reader(new[:1]))
    kept = next(csv.reader(old[:1]), header)
    seen, keys = set(old), {_named(_cells(line, kept), key) for line in old[1:]}
    added = []
    for line in new if not old else new[1:]:
        cells = _cells(line, header)
        late = dated is not None and line != new[0] and cells.get(dated, "") > day.isoformat()
        if line not in seen and not late and (not key or _named(cells, key) not in keys):
            added.append(line if kept == header else _line(cells, kept))
    return "".join(f"{line}\n" for line in (*old, *added)).encode()


def _named(cells: Mapping[str, str], columns: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(cells.get(column, "") for column in columns)


def _line(cells: Mapping[str, str], header: list[str]) -> str:
    """Write a line below the header of the file as it stood: columns that came later are not known there."""
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow([cells.get(column, "") for column in header])
    return text.getvalue()


def _lines(body: bytes) -> list[str]:
    return body.decode("utf-8-sig").splitlines()


def _cells(line: str, header: list[str]) -> dict[str, str]:
    return dict(zip(header, next(csv.reader([line]), []), strict=False))
