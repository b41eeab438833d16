"""Reports a week's prices to the reviewer: questions first, members and contenders by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pipeline.domain.observation import ASKED_PRICE, Finding, Severity
from pipeline.domain.price import BilledRoute, PriceAmounts, PriceCase, PriceDecision, PriceStatement
from pipeline.domain.subjects import PRICE_METRIC, RowSubject
from pipeline.scoring.prices.comparison import figures, in_dollars

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pipeline.scoring.prices.route_prices import RoutePrices

DISPUTED: Final = "price-disputed"
CHANGED: Final = "price-changed"
ANNOUNCED: Final = "price-announced"
COUNTED: Final = "prices-kept"

_SHOWN: Final = 8
_MOVES: Final = frozenset({PriceCase.RISE, PriceCase.FALL_CONFIRMED, PriceCase.TWO_SOURCES})


def price_findings(
    prices: RoutePrices, concerned: Mapping[BilledRoute, tuple[int, str]]
) -> tuple[Finding, ...]:
    """Report the prices of members and contenders one by one, and count the others.

    Args:
        prices: What was decided.
        concerned: By route, whether it is a member's (0) or a contender's (1), and where, in words.
    """
    found: list[Finding] = []
    unseen: list[PriceDecision] = []
    for route in sorted(concerned, key=lambda one: (concerned[one][0], one)):
        decision, (rank, whose) = prices.decisions[route], concerned[route]
        if decision.asked and decision.other is None:
            unseen.append(decision)
        else:
            found += _describe(decision, f"{route.name} ({whose})", named=rank == 0)
    found += _find_unseen(unseen)
    others = [one for route, one in sorted(prices.decisions.items()) if route not in concerned]
    return (*found, *_count_unused(others))


def question_of(decision: PriceDecision) -> PriceStatement | None:
    """Return the statement whose price is not used and that a person is asked about; None without one."""
    if decision.other is None:
        return None
    other = decision.other
    near = [statement for statement in decision.statements if _equals(statement.amounts, other)]
    return min(near, key=lambda one: (one.source != decision.route.catalogue, one.source), default=None)


def _equals(stated: PriceAmounts, other: PriceAmounts) -> bool:
    return (stated.input, stated.output) == (other.input, other.output)


def _describe(decision: PriceDecision, name: str, *, named: bool) -> list[Finding]:
    found: list[Finding] = []
    if decision.asked:
        found.append(_asked_finding(decision, name))
    elif decision.case in {PriceCase.DEAREST, PriceCase.UNEXPLAINED} or decision.unexplained:
        found.append(_disputed_finding(decision, name))
    elif named and decision.case in _MOVES and _has_moved(decision):
        found.append(_changed_finding(decision, name))
    if decision.announced is not None and decision.used is not None:
        found.append(_announced_finding(decision, name))
    return found


def _asked_finding(decision: PriceDecision, name: str) -> Finding:
    question = question_of(decision)
    if question is None or decision.used is None:
        raise ValueError(f"{name}: there is no other price to ask about")
    subject = str(RowSubject(source=question.source, metric=PRICE_METRIC, key=question.key))
    message = (
        f"{name}: {figures(question)} (of {question.day}), {_case(decision)}; {in_dollars(decision.used)} is "
        f"used. Approving keeps that; `modelpool sources accept {question.source} --row {subject} "
        '--reviewer NAME --note "..."` takes the other'
    )
    return Finding(kind=ASKED_PRICE, severity=Severity.WARN, subject=subject, message=message)


def _find_unseen(decisions: Sequence[PriceDecision]) -> list[Finding]:
    """Ask in one line about routes whose price no source has stated for weeks."""
    if not decisions:
        return []
    names = [f"{decision.route.name} (last on {decision.seen_on})" for decision in decisions]
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    message = (
        f"no source that counts has stated a price for weeks: {', '.join(names[:_SHOWN])}{more}. Approving "
        "keeps the last ones; `modelpool sources` shows how old each source's data is, a line in "
        "data/crosswalk/prices.csv replaces one"
    )
    return [Finding(kind=ASKED_PRICE, severity=Severity.WARN, subject="prices", message=message)]


def _case(decision: PriceDecision) -> str:
    if decision.case is PriceCase.JUDGED:
        return "as another source says, where a person judged otherwise"
    if decision.case is PriceCase.RISE_ASKED:
        return "a steep rise that nobody else states"
    if decision.case is PriceCase.FALL_ASKED:
        return "of which input or output fell deeply and nobody else says so"
    if (
        decision.other is not None
        and decision.used is not None
        and not _equals(decision.used, decision.other)
    ):
        return "far below what older statements agree on"
    return "of which cached input fell deeply and nobody else says so"


def _disputed_finding(decision: PriceDecision, name: str) -> Finding:
    stated = "; ".join(figures(statement) for statement in decision.statements if statement.fresh)
    if decision.unexplained:
        why = f"no reading explains what {' and '.join(decision.unexplained)} states"
    else:
        alone = len(decision.sources) == 1 and sum(statement.fresh for statement in decision.statements) == 1
        why = "one source alone states it" if alone else "no two sources agree, so the dearest counts"
    message = f"{name}: {why} ({stated})"
    return Finding(kind=DISPUTED, severity=Severity.WARN, subject=decision.route.name, message=message)


def _has_moved(decision: PriceDecision) -> bool:
    before = decision.before
    return before is not None and decision.used is not None and not _equals(decision.used, before.used)


def _changed_finding(decision: PriceDecision, name: str) -> Finding:
    before = in_dollars(decision.before.used) if decision.before else "unknown"
    now = in_dollars(decision.used) if decision.used else "unknown"
    by = " and ".join(decision.sources)
    message = f"{name}: {_move(decision)} from {before} to {now}, by {by}"
    return Finding(kind=CHANGED, severity=Severity.NOTE, subject=decision.route.name, message=message)


def _move(decision: PriceDecision) -> str:
    """Say which way a price went, three parts input and one part output."""
    if decision.before is None or decision.used is None:
        return "is new,"
    return "fell" if decision.used.blended < decision.before.used.blended else "rose"


def _announced_finding(decision: PriceDecision, name: str) -> Finding:
    coming, today = decision.announced, decision.used
    if coming is None or today is None:
        raise ValueError(f"{name}: nothing is announced")
    times = coming.amounts.blended / today.blended
    message = (
        f"{name}: {in_dollars(today)} until {coming.on}, then {in_dollars(coming.amounts)} "
        f"({times:.3g} times), which is inside this pool's validity: tasks are costed at the latter"
    )
    return Finding(kind=ANNOUNCED, severity=Severity.WARN, subject=decision.route.name, message=message)


def _count_unused(others: Sequence[PriceDecision]) -> tuple[Finding, ...]:
    """Report in one line the routes whose stated price is not used and no pool depends on."""
    kept = [one.route.name for one in others if one.other is not None]
    if not kept:
        return ()
    more = f" and {len(kept) - _SHOWN} more" if len(kept) > _SHOWN else ""
    many = "1 further route keeps its" if len(kept) == 1 else f"{len(kept)} further routes keep their"
    message = (
        f"{many} earlier price, where one source alone states a very different one; no pool depends on it: "
        f"{', '.join(kept[:_SHOWN])}{more}"
    )
    return (Finding(kind=COUNTED, severity=Severity.NOTE, subject="prices", message=message),)
