"""One line of a CSV that people write: each cell is read in its form or refused with its place."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from pipeline.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_WHOLE = re.compile(r"[1-9]\d{0,11}", re.ASCII)
_USD = re.compile(r"(0|[1-9]\d{0,5})(\.\d{1,6})?", re.ASCII)
_SHOWN = 80
"""Characters of a broken value that a message quotes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """A line of a file, for messages."""

    path: Path
    line: int

    def broken(self, found: str, expected: str) -> UsageError:
        """Build the error that names file, line, what was seen and what was expected."""
        return UsageError(
            f"{self.path}:{self.line}: {found}; expected {expected}",
            hint=f"Correct line {self.line} of {self.path}, then run the command again.",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One record; each reader refuses what is not of its form."""

    spot: Spot
    cells: Mapping[str, str]

    def broken(self, column: str, expected: str) -> UsageError:
        """Build the error about one cell of this line."""
        return self.spot.broken(f"column {column} is {shown(self.cells[column])}", expected)

    def text(self, column: str, expected: str = "some text, not an empty cell") -> str:
        """Return a cell that must not be empty."""
        if not self.cells[column]:
            raise self.broken(column, expected)
        return self.cells[column]

    def optional(self, column: str) -> str | None:
        """Return a cell, None when it is empty."""
        return self.cells[column] or None

    def one_of(self, column: str, words: Collection[str], expected: str = "") -> str:
        """Return a cell that is one of some words; `expected` describes them when they are many."""
        if self.cells[column] not in words:
            raise self.broken(column, expected or f"one of {', '.join(sorted(words))}")
        return self.cells[column]

    def like(self, column: str, form: re.Pattern[str], expected: str) -> str:
        """Return a cell that fully matches a form."""
        if form.fullmatch(self.cells[column]) is None:
            raise self.broken(column, expected)
        return self.cells[column]

    def day(self, column: str) -> date:
        """Return a day."""
        expected = "a day that exists, e.g. 2026-08-15"
        try:
            return date.fromisoformat(self.like(column, _DAY, expected))
        except ValueError:
            raise self.broken(column, expected) from None

    def whole(self, column: str) -> int:
        """Return a positive whole number, in plain digits."""
        return int(self.like(column, _WHOLE, "a whole number above 0 in plain digits, or an empty cell"))

    def microusd(self, column: str) -> int:
        """Return dollars as integer micro-dollars; exact, so at most six decimals."""
        text = self.like(column, _USD, "US dollars per million tokens, at most six decimals, e.g. 2.5")
        return int(Decimal(text) * 1_000_000)


def shown(value: object) -> str:
    """Quote a value for a message, cut to what a line can hold."""
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
