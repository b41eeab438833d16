"""Joins judged names to their variants: one name per variant, source and board."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.domain.crosswalk import Measure
from pipeline.domain.observation import Finding, Observation, Severity
from pipeline.identity.names.source_names import MAIN_METRIC, NameId, NameRecord, votes_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pipeline.domain.ids import MetricName, SourceName, VariantId

_Board = tuple["VariantId", "SourceName", str]


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinedName:
    """Observations with their variants."""

    measures: tuple[Measure, ...]
    kept: frozenset[NameId]
    """The names whose rows are used."""
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Claim:
    """All rows one name has on one board."""

    place: NameId
    name: str
    rows: tuple[Observation, ...]

    @property
    def votes(self) -> int:
        return max(votes_of(row) for row in self.rows)

    @property
    def order(self) -> tuple[bool, int, int, str]:
        has_main = any(row.metric == MAIN_METRIC[self.place[0]] for row in self.rows)
        latest = max(row.observed_on for row in self.rows)
        return not has_main, -self.votes, -latest.toordinal(), self.place[1]

    def __str__(self) -> str:
        votes = f"{self.votes} votes" if self.votes >= 0 else "no votes stated"
        return f"{self.name!r} ({self.place[1]}, {votes})"


def join_names(names: Mapping[NameId, NameRecord], meant: Mapping[NameId, VariantId]) -> JoinedName:
    """Turn the rows of judged names into measures.

    Several names of one variant on one board never add up, and the higher one does not win: the
    name with the board's main score is used, then the one with most votes, the latest, the first key.
    """
    claims: defaultdict[_Board, list[_Claim]] = defaultdict(list)
    for place, variant in meant.items():
        for board, rows in _by_board(names[place].rows.values()).items():
            claims[variant, place[0], board].append(
                _Claim(place=place, name=names[place].entry.name, rows=tuple(rows))
            )
    measures: list[Measure] = []
    kept: set[NameId] = set()
    findings: list[Finding] = []
    for seat in sorted(claims):
        first, *others = sorted(claims[seat], key=lambda claim: claim.order)
        kept.add(first.place)
        measures += (Measure(variant=seat[0], observation=row) for row in first.rows)
        if others:
            findings.append(_two_names(seat, first, others))
    measures.sort(key=lambda m: (m.variant, m.observation.source, m.observation.metric))
    return JoinedName(measures=tuple(measures), kept=frozenset(kept), findings=tuple(findings))


def board_of(metric: MetricName) -> str:
    """Return the board of a metric: what stands before the slash."""
    return metric.partition("/")[0]


def _by_board(rows: Iterable[Observation]) -> dict[str, list[Observation]]:
    boards: defaultdict[str, list[Observation]] = defaultdict(list)
    for row in rows:
        boards[board_of(row.metric)].append(row)
    return boards


def _two_names(board: _Board, first: _Claim, others: list[_Claim]) -> Finding:
    left_out = ", ".join(str(claim) for claim in others)
    return Finding(
        kind="two-names",
        severity=Severity.WARN,
        subject=board[0],
        message=f"{board[1]} has several names judged to be {board[0]} on {board[2]}: "
        f"{first} is used, left out: {left_out}",
    )
