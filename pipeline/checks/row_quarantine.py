"""Compares each score with the value a person approved; one that moved too far keeps its approved value.

So one poisoned row, or many small steps that nobody looked at, win no place in a pool. Compared is with the
rows behind published pools only, never with a run that nobody approved. A row without an approved value
passes: its name is harmless until a person judges it in the crosswalk, which is how a new model waits until
somebody includes it by name. Values of two scales are never compared. Inside the bands a wrong value passes.

A hold ends: by a person who takes the row by name, or when the source has said the same in so many weekly
runs that it is no slip, each of which asked. Prices are decided route by route (`scoring.prices.decision`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pipeline.checks.reading_stats import asked_by_key
from pipeline.domain.ids import AA_USD_PER_TASK, Sha256, SourceKey
from pipeline.domain.observation import HELD_ROW, Finding, Observation, Price, Reading, Severity
from pipeline.domain.subjects import PRICE_METRIC, RowSubject

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Mapping, Sequence

    from pipeline.checks.expectations import RowExpectation
    from pipeline.domain.run import ApprovedRows

LASTING = 3
"""Earlier weekly runs, of other numbers each, in which a source said the same: then it is used."""
_SHOWN = 6
LASTED = "held-row-ended"
_DIGITS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class QuarantineResult:
    """A reading in which rows that moved too far have their approved values."""

    reading: Reading
    findings: tuple[Finding, ...]
    captures: tuple[Sha256, ...]
    """The earlier captures from which values were kept."""


def quarantined_metrics(rows: RowExpectation) -> tuple[str, ...]:
    """Name the metrics that are compared row by row."""
    compared = rows.shift.keys() | rows.creep.keys() | rows.factor.keys() | rows.creep_factor.keys()
    return tuple(sorted(compared - {PRICE_METRIC}))


def subject_of(row: Observation | Price) -> str:
    """Name a row as findings and acceptances do, e.g. `openrouter:price:openai/gpt-5`."""
    if isinstance(row, Price):
        key = SourceKey(f"{row.key} ({row.note})") if row.note else row.key
        return str(RowSubject(source=row.source, metric=PRICE_METRIC, key=key))
    return str(RowSubject(source=row.source, metric=row.metric, key=row.key))


def quarantine_rows(
    reading: Reading,
    rows: RowExpectation,
    approved: Sequence[ApprovedRows],
    *,
    routed: Container[str],
    earlier: Sequence[Reading] = (),
) -> QuarantineResult:
    """Keep the approved value of every row that moved too far.

    Args:
        reading: What the source says now.
        rows: How far is too far.
        approved: Approved rows, the newest first; the first is the last approval, the others are recent ones.
        routed: Keys that people judged to be a variant: a held row of any other is only noted.
        earlier: What the source said itself in its last `LASTING` weekly runs.

    Returns:
        The reading to use, with one finding a held row that names both values.
    """
    keeper = _Keeper(rows, approved, routed, earlier)
    keeper.asks = asked_by_key(reading.prices)
    observations = tuple(keeper.observation(one) for one in reading.observations)
    return QuarantineResult(
        reading=replace(reading, observations=observations),
        findings=(
            *sorted(keeper.findings, key=lambda found: (found.subject, found.message)),
            *_lasting_rows(reading.source, keeper.lasted),
        ),
        captures=tuple(sorted(keeper.captures)),
    )


class _Keeper:
    """Compares rows with all approvals and remembers what it kept."""

    def __init__(
        self,
        rows: RowExpectation,
        approved: Sequence[ApprovedRows],
        routed: Container[str],
        earlier: Sequence[Reading],
    ) -> None:
        self.lasted: list[Observation] = []
        self.asks: Mapping[SourceKey, int] = {}
        self._earlier = [
            {(one.metric, one.scale, one.key): one.value for one in reading.observations}
            for reading in earlier
        ]
        self.findings: list[Finding] = []
        self.captures: set[Sha256] = set()
        self._rows = rows
        self._routed = routed
        self._observed: dict[tuple[str, str, SourceKey], list[tuple[Observation, int | None]]] = {}
        closed: set[tuple[str, ...]] = set()
        for one in approved:
            for seen in one.observations:
                if (at := (seen.metric, seen.scale, seen.key)) not in closed:
                    self._observed.setdefault(at, []).append((seen, one.asked.get(seen.key)))
            if one.by_name:
                closed.update((seen.metric, seen.scale, seen.key) for seen in one.observations)

    def observation(self, now: Observation) -> Observation:
        """Return the row, or its last approved one."""
        before = self._observed.get((now.metric, now.scale, now.key), [])
        for place, (then, asked) in enumerate(before):
            old = then.value * self._price_factor(now, asked)
            why = self._too_far(now.metric, old, now.value, first=place == 0)
            if why and self._has_lasted(now):
                self.lasted.append(now)
                return now
            if why:
                kept = (
                    f"{now.metric} is {now.value:g}, where {then.value:g} of {then.observed_on} was approved"
                )
                self._keep(before[0][0], f"{kept}: {why}; {before[0][0].value:g} is kept")
                return before[0][0]
        return now

    def _price_factor(self, now: Observation, asked: int | None) -> float:
        """Say how much dearer a name got since: measured dollars are paid at the source's own price."""
        price = self.asks.get(now.key)
        return price / asked if now.metric == AA_USD_PER_TASK and price and asked else 1.0

    def _has_lasted(self, now: Observation) -> bool:
        """Return whether the source has said so for so long that it is no slip."""
        place = (now.metric, now.scale, now.key)
        earlier = [values.get(place) for values in self._earlier]
        near = [
            one is not None and not self._too_far(now.metric, one, now.value, first=True) for one in earlier
        ]
        return len(near) >= LASTING and all(near)

    def _too_far(self, metric: str, old: float, new: float, *, first: bool) -> str:
        since = "since the last approval" if first else "within 8 weeks"
        shift = (self._rows.shift if first else self._rows.creep).get(metric)
        if shift is not None and abs(new - old) > shift:
            return f"more than {shift:g} {since}"
        factor = (self._rows.factor if first else self._rows.creep_factor).get(metric)
        if factor is not None and max(new, old) > factor * min(new, old):
            return f"more than {factor:g} times {since}"
        return ""

    def _keep(self, row: Observation, message: str) -> None:
        self.captures.add(row.capture)
        self.findings.append(
            Finding(
                kind=HELD_ROW,
                severity=Severity.WARN if row.key in self._routed else Severity.NOTE,
                subject=subject_of(row),
                message=f"{row.source}: {row.name}: {message} (capture {row.capture[:_DIGITS]})",
                kept_from=row.capture,
            )
        )


def _lasting_rows(source: str, rows: Sequence[Observation]) -> tuple[Finding, ...]:
    """Tell in one line which rows are used again, since the source stays with what it says."""
    if not rows:
        return ()
    names = sorted({row.name for row in rows})
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    message = (
        f"{source}: {len(rows)} values that were held are used, since it has said so in {LASTING + 1} weekly "
        f"runs: {', '.join(names[:_SHOWN])}{more}"
    )
    return (Finding(kind=LASTED, severity=Severity.NOTE, subject=source, message=message),)


def restore_quarantined(
    observations: Iterable[Observation], findings: Iterable[Finding], rows: Sequence[Observation]
) -> tuple[Observation, ...]:
    """Put the kept rows back in, as `quarantine_rows` did: for a run that is rebuilt from its captures.

    Args:
        observations: What the source said.
        findings: Those of the run.
        rows: Rows of the earlier captures.
    """
    wanted = {one.subject: one.kept_from for one in findings if one.kind == HELD_ROW and one.kept_from}
    kept = {
        (subject_of(row), row.scale): row
        for row in rows
        if row.capture.startswith(wanted.get(subject_of(row), "-"))
    }
    if not kept:
        return tuple(observations)
    return tuple(kept.get((subject_of(one), one.scale), one) for one in observations)
