"""`open-names.csv`: the queue of names that wait for a judgement, for a spreadsheet."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Final

from pipeline.review.words import shown_name, shown_text

if TYPE_CHECKING:
    from pipeline.domain.proposal import OpenNameLine

_HEADER: Final = ("source", "key", "name", "value", "suggestions")
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "'")


def open_names_csv(names: tuple[OpenNameLine, ...]) -> str:
    """Write RFC 4180 rows; a cell that a spreadsheet would run starts with an apostrophe.

    A cell that starts with an apostrophe gets a second one, so that removing one restores it.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(_HEADER)
    for line in names:
        suggestions = shown_text("; ".join(line.suggestions))
        cells = (shown_name(line.source), shown_name(line.key), shown_name(line.name))
        writer.writerow([*(_inert(cell) for cell in cells), line.value or "", _inert(suggestions)])
    return out.getvalue()


def _inert(cell: str) -> str:
    return f"'{cell}" if cell.lstrip().startswith(_FORMULA) else cell
