"""`open-names.csv`: the queue of names that wait for a judgement, for a spreadsheet."""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING, Final

from pipeline.domain.escape import escape_name, escape_text, spell_out

if TYPE_CHECKING:
    from pipeline.domain.proposal import OpenNameLine

_HEADER: Final = ("source", "key", "name", "value", "suggestions")
_FORMULA: Final = re.compile("\\s*[-=+@'\uff0d\uff1d\uff0b\uff20]")
"""What a spreadsheet runs, also in full width, and the apostrophe that we put before it."""
_CELL_AFTER: Final = re.compile(f";(?={_FORMULA.pattern})")
"""Where a spreadsheet of a country with decimal commas would start a new cell that it runs."""


def open_names_csv(names: tuple[OpenNameLine, ...]) -> str:
    """Write RFC 4180 rows; a cell that a spreadsheet would run starts with an apostrophe.

    A cell that starts with an apostrophe gets a second one, so that removing one restores it.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(_HEADER)
    for line in names:
        cells = (escape_name(line.source), escape_name(line.key), escape_name(line.name))
        suggestions = escape_text("; ".join(line.suggestions))
        writer.writerow([*(_inert(cell) for cell in cells), line.value or "", _inert(suggestions)])
    return out.getvalue()


def _inert(cell: str) -> str:
    one = _CELL_AFTER.sub(lambda _: spell_out(";"), cell)
    return f"'{one}" if _FORMULA.match(one) else one
