"""Read a CSV that people write, one record a line, and say exactly where it is broken."""

from __future__ import annotations

import csv
import re
from typing import TYPE_CHECKING

from pipeline.errors import UsageError
from pipeline.identity.row import Row, Spot, shown

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def read_bytes(path: Path) -> bytes:
    """Read a file that people write.

    Raises:
        UsageError: It is missing or cannot be read.
    """
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise UsageError(
            f"{path} does not exist", hint=f"`modelpool init DIR` writes a starting {path.name}."
        ) from None
    except OSError as error:
        raise UsageError(
            f"{path} cannot be read: {error.strerror}", hint=f"Make {path} a readable file."
        ) from None


def rows(path: Path, body: bytes, columns: tuple[str, ...]) -> Iterator[Row]:
    """Read the bytes of a CSV file below a fixed header, record by record.

    Raises:
        UsageError: The text is not UTF-8, holds control characters, or a line is not of the form.
    """
    lines = _decode(path, body).replace("\r\n", "\n").split("\n")
    if lines[-1] == "":
        lines.pop()
    for number, line in enumerate(lines or [""], start=1):
        spot = Spot(path=path, line=number)
        cells = _cells(spot, line)
        if number == 1:
            if tuple(cells) != columns:
                raise spot.broken(f"the header is {shown(line)}", f"exactly {','.join(columns)}")
            continue
        if len(cells) != len(columns):
            raise spot.broken(f"{len(cells)} cells in {shown(line)}", f"{len(columns)}: {','.join(columns)}")
        row = Row(spot=spot, cells=dict(zip(columns, cells, strict=True)))
        for column, cell in row.cells.items():
            if cell != cell.strip():
                raise row.broken(column, "no blanks at either end")
        yield row


def header_of(body: bytes) -> tuple[str, ...]:
    """Return the cells of the first line; nothing where it cannot be read: `rows` says why."""
    first = body.partition(b"\n")[0].removesuffix(b"\r")
    return tuple(first.decode("utf-8-sig", "replace").split(","))


def _decode(path: Path, body: bytes) -> str:
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        spot = Spot(path=path, line=error.object[: error.start].count(b"\n") + 1)
        raise spot.broken(
            f"byte 0x{error.object[error.start]:02x} is not UTF-8", "a UTF-8 text file"
        ) from None


def _cells(spot: Spot, line: str) -> list[str]:
    control = _CONTROL.search(line)
    if control is not None:
        raise spot.broken(f"character {control[0]!r} in the line", "text without control characters")
    try:
        return next(csv.reader([line], strict=True), [])
    except csv.Error as error:
        raise spot.broken(f"{error} in {shown(line)}", 'one record, quoted like "a, ""b"""') from None
