"""One row at a time against what a person approved: a row that moved too far keeps its approved value.

So one poisoned row, or many small steps that nobody looked at, win no place in a pool. Compared is with the
rows behind published pools only, never with a run that nobody approved. A row without an approved value
passes: its name is harmless until a person judges it in the crosswalk, which is how a new model waits until
somebody includes it by name. Values of two scales are never compared. Inside the bands a wrong value passes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pipeline.domain.observation import Finding, Price, Severity
from pipeline.observations.extent import PRICE
from pipeline.observations.price_band import AXES
from pipeline.observations.said import usd

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Sequence

    from pipeline.domain.memory import Approved
    from pipeline.domain.names import Sha256, SourceKey
    from pipeline.domain.observation import Observation, Reading
    from pipeline.observations.expectations import RowExpectation

HELD_ROW = "held-row"
_DIGITS = 12
_KEPT_FROM = re.compile(r" \(capture ([0-9a-f]{12})\)")


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldOut:
    """A reading in which rows that moved too far have their approved values."""

    reading: Reading
    findings: tuple[Finding, ...]
    captures: tuple[Sha256, ...]
    """The earlier captures from which values were kept."""


def metrics_held(rows: RowExpectation) -> tuple[str, ...]:
    """Name the metrics that are compared row by row."""
    compared = rows.shift.keys() | rows.creep.keys() | rows.factor.keys() | rows.creep_factor.keys()
    return tuple(sorted(compared - {PRICE}))


def subject_of(row: Observation | Price) -> str:
    """Name a row as findings and acceptances do, e.g. `openrouter:price:openai/gpt-5`."""
    if isinstance(row, Price):
        note = f" ({row.note})" if row.note else ""
        return f"{row.source}:{PRICE}:{row.key}{note}"
    return f"{row.source}:{row.metric}:{row.key}"


def hold_out(
    reading: Reading, rows: RowExpectation, approved: Sequence[Approved], *, routed: Container[str]
) -> HeldOut:
    """Keep the approved value of every row that moved too far.

    Args:
        reading: What the source says now.
        rows: How far is too far.
        approved: Approved rows, the newest first; the first is the last approval, the others are recent ones.
        routed: Keys that people judged to be a variant: a held row of any other is only noted.

    Returns:
        The reading to use, with one finding a held row that names both values.
    """
    keeper = _Keeper(rows, approved, routed)
    observations = tuple(keeper.observation(one) for one in reading.observations)
    prices = tuple(keeper.price(one) for one in reading.prices)
    return HeldOut(
        reading=replace(reading, observations=observations, prices=prices),
        findings=tuple(sorted(keeper.findings, key=lambda found: (found.subject, found.message))),
        captures=tuple(sorted(keeper.captures)),
    )


class _Keeper:
    """Compares rows with all approvals and remembers what it kept."""

    def __init__(self, rows: RowExpectation, approved: Sequence[Approved], routed: Container[str]) -> None:
        self.findings: list[Finding] = []
        self.captures: set[Sha256] = set()
        self._rows = rows
        self._routed = routed
        self._observed: dict[tuple[str, str, SourceKey], list[Observation]] = {}
        self._priced: dict[tuple[SourceKey, str], list[Price]] = {}
        closed: set[tuple[str, ...]] = set()
        for one in approved:
            for seen in one.observations:
                if (at := (seen.metric, seen.scale, seen.key)) not in closed:
                    self._observed.setdefault(at, []).append(seen)
            for price in one.prices:
                if (place := (price.key, price.note)) not in closed:
                    self._priced.setdefault(place, []).append(price)
            if one.by_name:
                closed.update((seen.metric, seen.scale, seen.key) for seen in one.observations)
                closed.update((price.key, price.note) for price in one.prices)

    def observation(self, now: Observation) -> Observation:
        """Return the row, or its last approved one."""
        before = self._observed.get((now.metric, now.scale, now.key), [])
        for place, then in enumerate(before):
            why = self._too_far(now.metric, then.value, now.value, first=place == 0)
            if why:
                kept = (
                    f"{now.metric} is {now.value:g}, where {then.value:g} of {then.observed_on} was approved"
                )
                self._keep(before[0], f"{kept}: {why}; {before[0].value:g} is kept")
                return before[0]
        return now

    def price(self, now: Price) -> Price:
        """Return the row, or its last approved one; every billed axis counts."""
        before = self._priced.get((now.key, now.note), [])
        for place, then in enumerate(before):
            for word, amount in AXES:
                old, new = amount(then), amount(now)
                why = "" if old is None or new is None else self._too_far(PRICE, old, new, first=place == 0)
                if why and old is not None and new is not None:
                    said = (
                        f"{word} costs {usd(new)}, where {usd(old)} of {then.observed_on} was approved: {why}"
                    )
                    self._keep(before[0], f"{said}; {_both(before[0])} is kept")
                    return before[0]
        return now

    def _too_far(self, metric: str, old: float, new: float, *, first: bool) -> str:
        since = "since the last approval" if first else "within 8 weeks"
        shift = (self._rows.shift if first else self._rows.creep).get(metric)
        if shift is not None and abs(new - old) > shift:
            return f"more than {shift:g} {since}"
        factor = (self._rows.factor if first else self._rows.creep_factor).get(metric)
        if factor is not None and max(new, old) > factor * min(new, old):
            return f"more than {factor:g} times {since}"
        return ""

    def _keep(self, row: Observation | Price, message: str) -> None:
        self.captures.add(row.capture)
        self.findings.append(
            Finding(
                kind=HELD_ROW,
                severity=Severity.WARN if row.key in self._routed else Severity.NOTE,
                subject=subject_of(row),
                message=f"{row.source}: {row.name}: {message} (capture {row.capture[:_DIGITS]})",
            )
        )


def _both(price: Price) -> str:
    return " / ".join(
        "unknown" if amount is None else usd(amount)
        for amount in (price.input_microusd_per_mtok, price.output_microusd_per_mtok)
    )


def kept_from(findings: Iterable[Finding]) -> dict[str, str]:
    """Say for each held row, by its subject, how the digest begins of the capture its value was kept from."""
    found = ((one.subject, _KEPT_FROM.search(one.message)) for one in findings if one.kind == HELD_ROW)
    return {subject: match[1] for subject, match in found if match}


def keep_again(reading: Reading, findings: Iterable[Finding], rows: Sequence[Observation | Price]) -> Reading:
    """Put the kept rows back in, as `hold_out` did: for a run that is rebuilt from its captures.

    Args:
        reading: What the source said.
        findings: Those of the run.
        rows: Rows of the earlier captures.
    """
    wanted = kept_from(findings)
    kept = {
        (subject_of(row), "" if isinstance(row, Price) else row.scale): row
        for row in rows
        if row.capture.startswith(wanted.get(subject_of(row), "-"))
    }
    observations = (kept.get((subject_of(one), one.scale), one) for one in reading.observations)
    prices = (kept.get((subject_of(one), ""), one) for one in reading.prices)
    return replace(
        reading,
        observations=tuple(one for one in observations if not isinstance(one, Price)),
        prices=tuple(one for one in prices if isinstance(one, Price)),
    )
