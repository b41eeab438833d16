"""Picks the requests whose second answer would teach most: where traffic is large and pairs are few."""

from __future__ import annotations

import hashlib
import heapq
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.usage.smoothing import kind_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pipeline.usage.fit import BandMembers
    from pipeline.usage.pairs import Question
    from pipeline.usage.smoothing import Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleLine:
    """One request to answer again and grade, both answers by the same grader."""

    request: str
    workload: str
    tier: str
    answered_by: str
    answer_again_by: str


@dataclass(frozen=True, slots=True)
class _Stratum:
    tier: str
    workload: str
    cheaper: str
    better: str
    kind: Kind | None


def sample(
    asked: Mapping[str, Question], members: Sequence[BandMembers], count: int
) -> tuple[SampleLine, ...]:
    """Pick requests, at most one of a session, the same ones for the same records.

    Each pick goes where requests per pair are most, counting the pairs picked so far.
    """
    waiting: dict[_Stratum, list[tuple[str, Question]]] = defaultdict(list)
    traffic: Counter[_Stratum] = Counter()
    pairs: Counter[_Stratum] = Counter()
    for request, question in asked.items():
        for stratum in _strata(question, members):
            traffic[stratum] += 1
            if any(question.outcome(name) is None for name in (stratum.cheaper, stratum.better)):
                waiting[stratum].append((request, question))
            else:
                pairs[stratum] += 1
    for each in waiting.values():
        each.sort(key=lambda one: hashlib.sha256(one[0].encode()).digest(), reverse=True)
    order = list(waiting)
    heap = [(-traffic[each] / (pairs[each] + 1), index) for index, each in enumerate(order)]
    heapq.heapify(heap)
    found: list[SampleLine] = []
    sessions: set[str] = set()
    while heap and len(found) < count:
        _, index = heapq.heappop(heap)
        stratum = order[index]
        line = _next_line(stratum, waiting[stratum], sessions)
        if line is None:
            continue
        found.append(line)
        pairs[stratum] += 1
        heapq.heappush(heap, (-traffic[stratum] / (pairs[stratum] + 1), index))
    return tuple(found)


def _strata(question: Question, members: Sequence[BandMembers]) -> list[_Stratum]:
    """Return what a request could teach: the comparisons of which it has one answer or both."""
    first = question.first
    found = []
    for firsts in members:
        for cheaper, better in ((firsts.simple, firsts.medium), (firsts.medium, firsts.complex)):
            if cheaper != better and first.variant in {cheaper, better}:
                kind = kind_of(first.tools, first.chars)
                found.append(_Stratum(firsts.tier, first.workload, cheaper, better, kind))
    return found


def _next_line(
    stratum: _Stratum, waiting: list[tuple[str, Question]], sessions: set[str]
) -> SampleLine | None:
    while waiting:
        request, question = waiting.pop()
        session = question.first.session or request
        if session in sessions:
            continue
        sessions.add(session)
        answered = question.first.variant
        again = stratum.better if answered == stratum.cheaper else stratum.cheaper
        return SampleLine(
            request=request,
            workload=stratum.workload,
            tier=stratum.tier,
            answered_by=answered,
            answer_again_by=again,
        )
    return None
