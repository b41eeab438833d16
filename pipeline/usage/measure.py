"""Measures what variants write and cost in an operator's own traffic, by kind of task of the policy's mixes.

A workload that is named like a kind of the mix measures that kind, where its requests are as long as the
mix says; another kind of task tells a variant's cost hardly better than nothing (method section 4).
"""

from __future__ import annotations

import statistics
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pipeline.domain.document import decimal_text
from pipeline.domain.policy import LEAST_MEASURED_TASKS
from pipeline.domain.proposal import MemberSpend, TierSpend

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pipeline.domain.policy import TaskKind
    from pipeline.domain.usage import UsageRecord

_USD_PLACES: Final = 8
_SAME_LENGTH: Final = 1.5
"""How many times as long, or as short, requests of the same kind may be on average."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KindUsage:
    """What one variant wrote on the requests of one kind of task."""

    mix: str
    """`task_mix`, or `task_mixes.NAME`."""
    kind: str
    variant: str
    tasks: int
    tokens_out: float
    """Output and reasoning tokens of a task, on average."""
    shortfall: str
    """Why it does not count as grade 1; empty where it does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerCost:
    """What the answers of one variant really cost."""

    variant: str
    answers: int
    usd_per_answer: float


def kind_usage(
    records: Sequence[UsageRecord], mixes: Mapping[str, Sequence[TaskKind]]
) -> tuple[KindUsage, ...]:
    """Measure every variant on every kind of every mix that a workload is named like."""
    tokens: dict[tuple[str, str], dict[str, tuple[int, int]]] = defaultdict(dict)
    for record in records:
        if record.tokens_in is not None and record.tokens_out is not None:
            tokens[record.workload, record.variant][record.request] = (record.tokens_in, record.tokens_out)
    found = []
    for place, mix in sorted(mixes.items()):
        for kind in mix:
            for (workload, variant), answers in sorted(tokens.items()):
                if workload == kind.name:
                    found.append(_usage(place, kind, variant, tuple(answers.values())))
    return tuple(found)


def answer_costs(records: Sequence[UsageRecord]) -> tuple[AnswerCost, ...]:
    """Average the dollars of each variant's answers, each answer once."""
    usd: dict[str, dict[str, float]] = defaultdict(dict)
    for record in records:
        if record.usd is not None:
            usd[record.variant].setdefault(record.request, float(record.usd))
    return tuple(
        AnswerCost(variant=name, answers=len(each), usd_per_answer=statistics.fmean(each.values()))
        for name, each in sorted(usd.items())
    )


def tier_spend(
    records: Sequence[UsageRecord], projected: Mapping[str, Mapping[str, str]]
) -> tuple[TierSpend, ...]:
    """Put the dollars of answers beside the projections of the tiers that hold their variants.

    Args:
        records: Answers; a graded one counts once.
        projected: By tier and member, dollars per task.
    """
    costs = {one.variant: one for one in answer_costs(records)}
    found = []
    for tier, members in sorted(projected.items()):
        answered = [(costs[name], float(usd)) for name, usd in sorted(members.items()) if name in costs]
        if not answered:
            continue
        answers = sum(cost.answers for cost, _ in answered)
        realised = sum(cost.answers * cost.usd_per_answer for cost, _ in answered) / answers
        expected = sum(cost.answers * usd for cost, usd in answered) / answers
        found.append(
            TierSpend(
                tier=tier,
                answers=answers,
                usd_per_answer=decimal_text(realised, _USD_PLACES),
                projected_usd_per_task=decimal_text(expected, _USD_PLACES),
                members=tuple(
                    MemberSpend(
                        variant=cost.variant,
                        answers=cost.answers,
                        usd_per_answer=decimal_text(cost.usd_per_answer, _USD_PLACES),
                        projected_usd_per_task=decimal_text(usd, _USD_PLACES),
                    )
                    for cost, usd in answered
                ),
            )
        )
    return tuple(found)


def _usage(place: str, kind: TaskKind, variant: str, answers: Sequence[tuple[int, int]]) -> KindUsage:
    written = statistics.fmean(tokens_out for _, tokens_out in answers)
    return KindUsage(
        mix=place,
        kind=kind.name,
        variant=variant,
        tasks=len(answers),
        tokens_out=written,
        shortfall=_shortfall(kind, [tokens_in for tokens_in, _ in answers], written),
    )


def _shortfall(kind: TaskKind, lengths: Sequence[int], written: float) -> str:
    if len(lengths) < LEAST_MEASURED_TASKS:
        return f"{len(lengths)} answers; {LEAST_MEASURED_TASKS} are needed"
    length = statistics.fmean(lengths)
    if not kind.tokens_in / _SAME_LENGTH <= length <= kind.tokens_in * _SAME_LENGTH:
        return f"requests of {length:.0f} tokens, where the mix says {kind.tokens_in:g}: another kind of task"
    return "" if written > 0 else "no output token is on record"
