"""Counts the rows left out of a reading, and holds the whole answer when they are too many."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.domain.observation import Finding, Severity
from pipeline.sources.parsing.fields import is_plain, value_text
from pipeline.sources.parsing.json_body import held_error

if TYPE_CHECKING:
    from pipeline.domain.ids import SourceName

BAD_ROW_SHARE = 0.05
"""A few odd rows happen (one of 365 at OpenRouter on 2026-05-31); above this the format has changed."""

_MOST_FIELDS = 12
"""A new version of a source brings a handful of fields at once."""


class RowIssues:
    """Collects the odd rows of one answer; nothing is dropped without a finding."""

    def __init__(self, source: SourceName) -> None:
        self._source = source
        self._refused = 0
        self._seen: dict[tuple[str, str], tuple[str, int]] = {}
        self._drift: dict[str, str] = {}
        self._notes: list[Finding] = []

    def refuse(self, kind: str, subject: object, message: str) -> None:
        """Leave one row out, for a reason."""
        self._refused += 1
        key = (kind, _subject(subject))
        first, count = self._seen.get(key, (message, 0))
        self._seen[key] = (min(first, message), count + 1)

    def set_aside(self, kind: str, subject: object, message: str) -> None:
        """Leave a name out that is ambiguous rather than broken: it does not count against the answer."""
        self._seen[kind, _subject(subject)] = (message, 1)

    def drift(self, unknown: set[str], where: str = "") -> None:
        """Note fields that are not known yet, each once."""
        for field in unknown:
            self._drift.setdefault(f"{where}{field}", "")

    def note(self, kind: str, subject: str, message: str) -> None:
        """Add a finding that is good to know."""
        self._notes.append(Finding(kind=kind, severity=Severity.NOTE, subject=subject, message=message))

    def tell(self, kind: str, message: str) -> None:
        """Add a finding about the whole answer that should be read before approving."""
        self._notes.append(Finding(kind=kind, severity=Severity.WARN, subject=self._source, message=message))

    def check(self, rows: int) -> None:
        """Hold the source when too many of its rows were refused.

        Raises:
            SourceHeldError: More than 5 % of the rows, and more than one, were refused.
        """
        if self._refused == 0 or self._refused <= max(1, int(BAD_ROW_SHARE * rows)) < rows:
            return
        (_, subject), (message, _) = min(self._seen.items(), key=lambda item: (-item[1][1], item[0]))
        raise held_error(
            self._source, f"{self._refused} of {rows} rows cannot be used; e.g. {subject}: {message}"
        )

    def findings(self) -> tuple[Finding, ...]:
        """Return everything a person should know, in a fixed order."""
        left_out = [
            Finding(
                kind=kind,
                severity=Severity.WARN,
                subject=subject,
                message=f"{subject} is left out of {self._source}: {message}{_count_more(count)}",
            )
            for (kind, subject), (message, count) in sorted(self._seen.items())
        ]
        drift = [
            Finding(kind="drift", severity=Severity.NOTE, subject=self._source, message=message)
            for message in self._drift_messages()
        ]
        return (*left_out, *drift, *self._notes)

    def _drift_messages(self) -> list[str]:
        """Name each unknown field, or a few and their number: an answer may hold a hundred thousand."""
        fields = sorted(self._drift)
        if len(fields) <= _MOST_FIELDS:
            return [f"{self._source} has a field nobody reads yet: {value_text(field)}" for field in fields]
        shown = ", ".join(value_text(field) for field in fields[:_MOST_FIELDS])
        more = len(fields) - _MOST_FIELDS
        return [f"{self._source} has {len(fields)} fields nobody reads yet: {shown} and {more} more"]


def _subject(value: object) -> str:
    return value if isinstance(value, str) and is_plain(value) else value_text(value)


def _count_more(count: int) -> str:
    return f" ({count} rows)" if count > 1 else ""
