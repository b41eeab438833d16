"""Collects this week's source names, each with everything its source says about it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from pipeline.domain.ids import (
    AA_INTELLIGENCE,
    ARTIFICIAL_ANALYSIS,
    LMARENA_TEXT,
    LMARENA_WEBDEV,
    SourceKey,
    SourceName,
    arena_metric,
)
from pipeline.domain.observation import Entry, Finding, Observation, Price, Reading, Severity

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pipeline.domain.ids import MetricName

NameId = tuple[SourceName, SourceKey]

MAIN_METRIC: Final[Mapping[SourceName, MetricName]] = {
    LMARENA_TEXT: arena_metric("text", "overall"),
    LMARENA_WEBDEV: arena_metric("webdev", "overall"),
    ARTIFICIAL_ANALYSIS: AA_INTELLIGENCE,
}
"""The metric that ranks a source's open names by what they could change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NameRecord:
    """One name of one score source in this week's data."""

    entry: Entry
    rows: Mapping[MetricName, Observation] = field(default_factory=dict)
    """One observation per metric."""
    prices: tuple[Price, ...] = ()

    @property
    def main_value(self) -> float | None:
        """The value on the source's main metric, in that metric's unit."""
        row = self.rows.get(MAIN_METRIC[self.entry.source])
        return None if row is None else row.value


@dataclass(slots=True)
class _Draft:
    entries: list[Entry] = field(default_factory=list)
    rows: dict[MetricName, Observation] = field(default_factory=dict)
    prices: list[Price] = field(default_factory=list)
    doubles: set[MetricName] = field(default_factory=set)

    def add(self, row: Observation) -> None:
        held = self.rows.setdefault(row.metric, row)
        if held is not row and held != row:
            self.doubles.add(row.metric)
            self.rows[row.metric] = min(held, row, key=row_order)


def row_order(row: Observation) -> tuple[int, int, float, str]:
    """Order rows that must not both count: most votes, then latest, then lowest value."""
    return -votes_of(row), -row.observed_on.toordinal(), row.value, repr(row)


def votes_of(row: Observation) -> int:
    """Return the votes, -1 where the source states none."""
    return -1 if row.votes is None else row.votes


def name_records(readings: Sequence[Reading]) -> tuple[dict[NameId, NameRecord], tuple[Finding, ...]]:
    """Collect the names of the score sources, sorted; two rows of one name and metric never both count."""
    drafts: dict[NameId, _Draft] = {}
    for reading in (one for one in readings if one.source in MAIN_METRIC):
        for entry in reading.entries:
            _draft(drafts, entry).entries.append(entry)
        for row in reading.observations:
            _draft(drafts, row).add(row)
        for price in reading.prices:
            _draft(drafts, price).prices.append(price)
    known = {place: drafts[place] for place in sorted(drafts)}
    findings = tuple(_double(place, draft) for place, draft in known.items() if draft.doubles)
    return {place: _finish(place, draft) for place, draft in known.items()}, findings


def _draft(drafts: dict[NameId, _Draft], item: Entry | Observation | Price) -> _Draft:
    place = (item.source, item.key)
    draft = drafts.get(place)
    if draft is None:
        draft = drafts[place] = _Draft()
    return draft


def _finish(place: NameId, draft: _Draft) -> NameRecord:
    if draft.entries:
        entry = min(draft.entries, key=_entry_order)
    else:
        name = min([row.name for row in draft.rows.values()] + [price.name for price in draft.prices])
        entry = Entry(source=place[0], key=place[1], name=name)
    return NameRecord(entry=entry, rows=draft.rows, prices=tuple(draft.prices))


def _entry_order(entry: Entry) -> tuple[str, str]:
    return entry.name, repr(entry)


def _double(place: NameId, draft: _Draft) -> Finding:
    metrics = ", ".join(sorted(draft.doubles))
    return Finding(
        kind="duplicate-name",
        severity=Severity.WARN,
        subject=place[0],
        message=f"{place[0]} states {metrics} more than once for {place[1]!r}; "
        "the row with most votes is used",
    )
