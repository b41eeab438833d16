"""Dates inside model names, taken out of the words: `20251101`, `2025-04-14`, `Sep '25`, `0324`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = r"(0[1-9]|1[0-2])"
_DAY = r"(0[1-9]|[12]\d|3[01])"
_WHOLE = re.compile(rf"(?<![\d.])(20[23]\d)-?{_MONTH}-?{_DAY}(?![\d.a-z])")
_YEAR_MONTH = re.compile(rf"(?<![\d.])(20[23]\d)-{_MONTH}(?![\d.a-z])")
_MONTH_YEAR = re.compile(rf"(?<![\d.]){_MONTH}-(20[23]\d)(?![\d.a-z])")
_DIGITS = re.compile(rf"(?<![\d.a-z])({_MONTH}{_DAY}|2[3-9]{_MONTH})(?![\d.a-z])")
_FOUR_DIGITS = re.compile(r"\d{4}")
"""What every date of the forms above holds, and most names do not."""
_NAMED = re.compile(rf"({'|'.join(_MONTHS)})[a-z]* (?:'(\d\d)|(20\d\d))")


@dataclass(frozen=True, slots=True, kw_only=True)
class Dated:
    """A name without its dates."""

    text: str
    dates: tuple[str, ...]
    remarks: tuple[str, ...]
    """Parts of the parentheses that are no dates."""


def take_dates(text: str, *, inside: tuple[str, ...]) -> Dated:
    """Take the dates out of a name in lower case and of the parts of its parentheses."""
    dates: list[str] = []
    if _FOUR_DIGITS.search(text):
        for form, order in (
            (_WHOLE, (1, 2, 3)),
            (_YEAR_MONTH, (1, 2)),
            (_MONTH_YEAR, (2, 1)),
            (_DIGITS, (1,)),
        ):
            dates.extend("-".join(found[group] for group in order) for found in form.finditer(text))
            text = form.sub(" ", text)
    remarks = []
    for part in inside:
        named = _NAMED.fullmatch(part)
        if named is None:
            remarks.append(part)
        else:
            year = named[3] or f"20{named[2]}"
            dates.append(f"{year}-{_MONTHS.index(named[1]) + 1:02}")
    return Dated(text=text, dates=tuple(sorted(set(dates))), remarks=tuple(remarks))
