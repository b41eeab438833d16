"""Reads a CSV that people write, line by line; a cell that has not its form is refused with its place."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from pipeline.errors import UsageError
from pipeline.regular_file import read_file
from pipeline.toml_file import missing_file_hint

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from pathlib import Path


_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_WHOLE = re.compile(r"[1-9]\d{0,11}", re.ASCII)
_USD = re.compile(r"(0|[1-9]\d{0,5})(\.\d{1,6})?", re.ASCII)
_SHOWN = 80
"""Characters of a broken value that a message quotes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CsvLocation:
    """A line of a file, for messages."""

    path: Path
    line: int

    def form_error(self, found: str, expected: str) -> UsageError:
        """Build the error that names file, line, what was seen and what was expected."""
        return UsageError(
            f"{self.path}:{self.line}: {found}; expected {expected}",
            hint=f"Correct line {self.line} of {self.path}, then run the command again.",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CsvRow:
    """One record; each reader refuses what is not of its form."""

    spot: CsvLocation
    cells: Mapping[str, str]

    def form_error(self, column: str, expected: str) -> UsageError:
        """Build the error about one cell of this line."""
        return self.spot.form_error(f"column {column} is {cell_text(self.cells[column])}", expected)

    def text(self, column: str, expected: str = "some text, not an empty cell") -> str:
        """Return a cell that must not be empty."""
        if not self.cells[column]:
            raise self.form_error(column, expected)
        return self.cells[column]

    def optional(self, column: str) -> str | None:
        """Return a cell, None when it is empty."""
        return self.cells[column] or None

    def one_of(self, column: str, words: Collection[str], expected: str = "") -> str:
        """Return a cell that is one of some words; `expected` describes them when they are many."""
        if self.cells[column] not in words:
            raise self.form_error(column, expected or f"one of {', '.join(sorted(words))}")
        return self.cells[column]

    def like(self, column: str, form: re.Pattern[str], expected: str) -> str:
        """Return a cell that fully matches a form."""
        if form.fullmatch(self.cells[column]) is None:
            raise self.form_error(column, expected)
        return self.cells[column]

    def day(self, column: str) -> date:
        """Return a day."""
        expected = "a day that exists, e.g. 2026-08-15"
        try:
            return date.fromisoformat(self.like(column, _DAY, expected))
        except ValueError:
            raise self.form_error(column, expected) from None

    def whole_number(self, column: str) -> int:
        """Return a positive whole number, in plain digits."""
        return int(self.like(column, _WHOLE, "a whole number above 0 in plain digits, or an empty cell"))

    def microusd(self, column: str) -> int:
        """Return dollars as integer micro-dollars; exact, so at most six decimals."""
        text = self.like(column, _USD, "US dollars per million tokens, at most six decimals, e.g. 2.5")
        return int(Decimal(text) * 1_000_000)


def cell_text(value: object) -> str:
    """Quote a value for a message, cut to what a line can hold."""
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def read_csv_bytes(path: Path) -> bytes:
    """Read a file that people write.

    Raises:
        UsageError: It is missing or cannot be read.
    """
    try:
        return read_file(path)
    except FileNotFoundError:
        raise UsageError(f"{path} does not exist", hint=missing_file_hint(path)) from None
    except OSError as error:
        raise UsageError(
            f"{path} cannot be read: {error.strerror}", hint=f"Make {path} a readable file."
        ) from None


def csv_rows(path: Path, body: bytes, columns: tuple[str, ...]) -> Iterator[CsvRow]:
    """Read the bytes of a CSV file below a fixed header, record by record.

    Raises:
        UsageError: The text is not UTF-8, holds control characters, or a line is not of the form.
    """
    lines = _decode(path, body).replace("\r\n", "\n").split("\n")
    if lines[-1] == "":
        lines.pop()
    for number, line in enumerate(lines or [""], start=1):
        spot = CsvLocation(path=path, line=number)
        cells = _cells(spot, line)
        if number == 1:
            if tuple(cells) != columns:
                raise spot.form_error(f"the header is {cell_text(line)}", f"exactly {','.join(columns)}")
            continue
        if len(cells) != len(columns):
            raise spot.form_error(
                f"{len(cells)} cells in {cell_text(line)}", f"{len(columns)}: {','.join(columns)}"
            )
        row = CsvRow(spot=spot, cells=dict(zip(columns, cells, strict=True)))
        for column, cell in row.cells.items():
            if cell != cell.strip():
                raise row.form_error(column, "no blanks at either end")
        yield row


def header_of(body: bytes) -> tuple[str, ...]:
    """Return the cells of the first line; nothing where it cannot be read: `rows` says why."""
    first = body.partition(b"\n")[0].removesuffix(b"\r")
    return tuple(first.decode("utf-8-sig", "replace").split(","))


def _decode(path: Path, body: bytes) -> str:
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        spot = CsvLocation(path=path, line=error.object[: error.start].count(b"\n") + 1)
        raise spot.form_error(
            f"byte 0x{error.object[error.start]:02x} is not UTF-8", "a UTF-8 text file"
        ) from None


def _cells(spot: CsvLocation, line: str) -> list[str]:
    control = _CONTROL.search(line)
    if control is not None:
        raise spot.form_error(f"character {control[0]!r} in the line", "text without control characters")
    try:
        return next(csv.reader([line], strict=True), [])
    except csv.Error as error:
        raise spot.form_error(f"{error} in {cell_text(line)}", 'one record, quoted like "a, ""b"""') from None
