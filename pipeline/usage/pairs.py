"""Joins the answers that several variants gave to one request, and takes pairs of two variants from them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pipeline.usage.smoothing import kind_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pipeline.domain.usage import UsageRecord
    from pipeline.usage.smoothing import Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """One request that two variants answered, each graded."""

    request: str
    session: str
    """The request itself where no session is recorded."""
    time: str
    """Moment of the first answer in UTC; text in the order of time."""
    kind: Kind | None
    chars: int | None
    difference: int
    """Outcome of the better variant minus that of the cheaper."""
    extra_usd: float | None
    """Dollars of the better variant's answer minus those of the cheaper; None where one is not on record."""


@dataclass(slots=True, kw_only=True)
class Question:
    """One request with the answers of every variant."""

    first: UsageRecord
    """The first answer: its workload, session, time and kind are the request's."""
    grades: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    usd: dict[str, float] = field(default_factory=dict)

    def outcome(self, variant: str) -> int | None:
        """Return what the graders of a variant's answer say; None where none did, or they contradict."""
        grades = set(self.grades.get(variant, ()))
        return grades.pop() if len(grades) == 1 else None

    def extra_usd(self, *, cheaper: str, better: str) -> float | None:
        """Return what the better variant's answer cost more; None where one of both is not on record."""
        known = cheaper in self.usd and better in self.usd
        return self.usd[better] - self.usd[cheaper] if known else None


def questions(records: Iterable[UsageRecord]) -> dict[str, Question]:
    """Join records by the request they answer, the earliest first."""
    found: dict[str, Question] = {}
    for record in sorted(records, key=lambda one: (one.pair is not None, one.time, one.key)):
        asked = found.setdefault(record.pair or record.request, Question(first=record))
        if record.usd is not None:
            asked.usd.setdefault(record.variant, float(record.usd))
        if record.outcome is not None:
            asked.grades[record.variant].append(record.outcome)
    return found


def pairs_of(asked: Iterable[Question], *, cheaper: str, better: str) -> tuple[Pair, ...]:
    """Return the requests that both variants answered and somebody graded, in the order of time."""
    found = []
    for question in asked:
        low, high = question.outcome(cheaper), question.outcome(better)
        if low is None or high is None:
            continue
        first = question.first
        request = first.pair or first.request
        found.append(
            Pair(
                request=request,
                session=first.session or request,
                time=first.time,
                kind=kind_of(first.tools, first.chars),
                chars=first.chars,
                difference=high - low,
                extra_usd=question.extra_usd(cheaper=cheaper, better=better),
            )
        )
    return tuple(sorted(found, key=lambda one: (one.time, one.request)))


def sessions_of(pairs: Sequence[Pair]) -> dict[str, tuple[Pair, ...]]:
    """Group pairs by session, in the order in which the sessions began."""
    found: dict[str, list[Pair]] = defaultdict(list)
    for pair in pairs:
        found[pair.session].append(pair)
    return {session: tuple(each) for session, each in found.items()}
