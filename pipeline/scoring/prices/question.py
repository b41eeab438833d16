"""All that is known of a route's price in a week, before anything is decided."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pipeline.domain.ids import ARTIFICIAL_ANALYSIS, GENAI_PRICES, OPENROUTER
from pipeline.scoring.prices.comparison import figures, is_explained

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from pipeline.domain.crosswalk import JudgedPrice
    from pipeline.domain.ids import SourceName
    from pipeline.domain.policy import CostPolicy
    from pipeline.domain.price import BilledRoute, PriceAmounts, PriceStatement, SettledPrice

_ORDER: Final = {
    source: place for place, source in enumerate((OPENROUTER, GENAI_PRICES, ARTIFICIAL_ANALYSIS))
}
"""Whose figures are used of those that agree: a catalogue, the vendors' table, a benchmark's side note."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceQuestion:
    """What is stated, judged and settled of a route."""

    route: BilledRoute
    statements: tuple[PriceStatement, ...]
    """One per source."""
    zeros: tuple[SourceName, ...] = ()
    """Sources that state that input and output cost nothing."""
    judged: JudgedPrice | None = None
    before: SettledPrice | None = None
    """What the published pool was made with."""
    on: date
    """The day of the run."""
    until: date
    """The last day of a pool that is made on it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceEvidence:
    """The statements of a question that count, in the order of whose figures are used."""

    question: PriceQuestion
    policy: CostPolicy
    fresh: tuple[PriceStatement, ...]
    """Fresh, and a reading explains them."""
    first_hand: tuple[PriceStatement, ...]
    """Those that can make a price; the others only confirm one."""
    unexplained: tuple[PriceStatement, ...]

    @property
    def baseline(self) -> PriceAmounts | None:
        """What was settled last; None for a newcomer."""
        return self.question.before.baseline if self.question.before else None

    @property
    def catalogue(self) -> PriceStatement | None:
        """What the source that bills the route states, if it is fresh."""
        return next((one for one in self.fresh if one.source == self.question.route.catalogue), None)


def evidence_of(question: PriceQuestion, policy: CostPolicy) -> PriceEvidence:
    """Sort the statements of a question.

    Third opinions only confirm, and so does OpenRouter where the vendor bills.
    """
    route = question.route
    resold = bool(route.model) and not route.catalogue
    confirming = OPENROUTER if resold else None
    baseline = question.before.baseline if question.before else None
    fresh = sorted((one for one in question.statements if one.fresh), key=precedence)
    usable = tuple(one for one in fresh if is_explained(one, baseline, policy))
    return PriceEvidence(
        question=question,
        policy=policy,
        fresh=usable,
        first_hand=tuple(one for one in usable if not one.confirms_only and one.source != confirming),
        unexplained=tuple(one for one in fresh if one not in usable),
    )


def precedence(statement: PriceStatement) -> tuple[int, str]:
    """Order statements by whose figures are used of those that agree."""
    return _ORDER.get(statement.source, len(_ORDER)), statement.source


def all_figures(statements: Iterable[PriceStatement]) -> str:
    """Write what several sources state, in the order of precedence."""
    return "; ".join(figures(one) for one in sorted(statements, key=precedence))
