"""Compares what is stated, judged and settled of a route's price, before anything is decided."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pipeline.domain.ids import ARTIFICIAL_ANALYSIS, GENAI_PRICES, OPENROUTER, SourceName
from pipeline.domain.price import AnnouncedPrice, BilledRoute, PriceAmounts, PriceStatement, SettledPrice

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from pipeline.domain.crosswalk import JudgedPrice
    from pipeline.domain.observation import Price
    from pipeline.domain.policy import CostPolicy


def amounts_of(price: Price) -> PriceAmounts | None:
    """Read a price one can pay; None where input or output is unknown or zero."""
    if not (price.input_microusd_per_mtok and price.output_microusd_per_mtok):
        return None
    return PriceAmounts(
        input=price.input_microusd_per_mtok,
        output=price.output_microusd_per_mtok,
        cached=price.cache_read_microusd_per_mtok or None,
        steps=price.steps,
    )


def within_agreement(one: int, other: int, agreement: float) -> bool:
    """Return whether two prices differ by at most `agreement`, a share of the larger one."""
    return abs(one - other) <= agreement * max(one, other)


def same_amounts(one: PriceAmounts, other: PriceAmounts, policy: CostPolicy, *, cached: bool = False) -> bool:
    """Return whether input and output are each equal within the agreement; on request cached input too."""
    near = within_agreement(one.input, other.input, policy.price_agreement) and within_agreement(
        one.output, other.output, policy.price_agreement
    )
    if not cached or not near:
        return near
    return within_agreement(one.cached or one.input, other.cached or other.input, policy.price_agreement)


def is_same_price(one: PriceStatement, other: PriceStatement, policy: CostPolicy) -> bool:
    """Return whether two statements of input and output are equal within the agreement."""
    return same_amounts(one.amounts, other.amounts, policy)


def falls_beyond(now: PriceAmounts, baseline: PriceAmounts, policy: CostPolicy) -> bool:
    """Return whether input or output is further below the baseline than is believed unconfirmed."""
    least = 1 - policy.price_believed_fall
    return now.input < least * baseline.input or now.output < least * baseline.output


def is_cheaper(now: PriceAmounts, baseline: PriceAmounts) -> bool:
    """Return whether one is below the other, three parts input and one part output."""
    return now.blended < baseline.blended


def factor(now: PriceAmounts, baseline: PriceAmounts) -> float:
    """Give the larger of the factors by which input and output rose."""
    return max(now.input / baseline.input, now.output / baseline.output)


def dearest_amounts(statements: Sequence[PriceStatement]) -> PriceStatement:
    """Return the dearest statement; of equal ones the source that comes first by name."""
    return min(statements, key=lambda one: (-one.amounts.blended, one.source))


def is_explained(statement: PriceStatement, baseline: PriceAmounts | None, policy: CostPolicy) -> bool:
    """Return whether a reading explains a statement: no unit slips, and input is not dearer by a unit."""
    now = statement.amounts
    if now.input >= policy.price_unit_slip * now.output:
        return False
    if baseline is None or statement.accepted:
        return True
    return factor(now, baseline) < policy.price_unit_slip and factor(baseline, now) < policy.price_unit_slip


def dearest_announced(
    statements: Sequence[PriceStatement], used: PriceAmounts, until: date, policy: CostPolicy
) -> AnnouncedPrice | None:
    """Find the dearest price announced inside the pool's validity by a source that states today's."""
    coming = [
        one
        for stated in statements
        if same_amounts(stated.amounts, used, policy)
        for one in stated.announced
        if one.on <= until and one.amounts.blended > used.blended
    ]
    return max(coming, key=lambda one: (one.amounts.blended, -one.on.toordinal()), default=None)


def figures(statement: PriceStatement) -> str:
    """Write what a source states, in dollars per million tokens, for a person to compare."""
    return f"{statement.source} {in_dollars(statement.amounts)}"


def in_dollars(amounts: PriceAmounts) -> str:
    """Write `input $0.2, output $1.2, cached $0.02`."""
    summary = f"input {dollars(amounts.input)}, output {dollars(amounts.output)}"
    return summary if amounts.cached is None else f"{summary}, cached {dollars(amounts.cached)}"


def dollars(microusd: int | None) -> str:
    """Write `$2.5` for 2,500,000 micro-dollars; `unknown` for None."""
    if microusd is None:
        return "unknown"
    whole, part = divmod(microusd, 1_000_000)
    return f"${whole}.{part:06}".rstrip("0").rstrip(".")


def agreement_of(
    own: Sequence[Price], others: Sequence[Price], judged: JudgedPrice | None, agreement: float
) -> tuple[str, str]:
    """Compare the prices of a name with those of a variant, where both sides state one.

    A person's price settles the variant's side alone. Zero and half-stated prices state nothing.

    Args:
        own: What the name's source states for it.
        others: What is stated for the variant's release elsewhere.
        judged: A person's price of the release.
        agreement: Largest difference, as a share of the larger figure.

    Returns:
        What agrees and what contradicts, in words; both empty where a side is silent.
    """
    mine = [(price.source, found) for price in own if (found := amounts_of(price)) is not None]
    theirs = [(price.source, found) for price in others if (found := amounts_of(price)) is not None]
    if not mine or not (theirs or judged):
        return "", ""
    if judged is not None:
        said = f"judged {dollars(judged.input_microusd_per_mtok)}/{dollars(judged.output_microusd_per_mtok)}"
        agrees = any(
            within_agreement(one.input, judged.input_microusd_per_mtok, agreement)
            and within_agreement(one.output, judged.output_microusd_per_mtok, agreement)
            for _, one in mine
        )
    else:
        near = [place for place in theirs if any(_agree(one, place[1], agreement) for _, one in mine)]
        agrees = bool(near)
        summary = near[:1] or theirs
        said = "; ".join(dict.fromkeys(f"{source} {in_dollars(one)}" for source, one in summary))
    stated = f"{mine[0][0]} {in_dollars(mine[0][1])}"
    return (f"price agrees: {stated}; {said}", "") if agrees else ("", f"price differs: {stated}; {said}")


def _agree(one: PriceAmounts, other: PriceAmounts, agreement: float) -> bool:
    return within_agreement(one.input, other.input, agreement) and within_agreement(
        one.output, other.output, agreement
    )


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
        return next(
            (statement for statement in self.fresh if statement.source == self.question.route.catalogue), None
        )


def evidence_of(question: PriceQuestion, policy: CostPolicy) -> PriceEvidence:
    """Sort the statements of a question.

    Third opinions only confirm, and so does OpenRouter where the vendor bills.
    """
    route = question.route
    resold = bool(route.model) and not route.catalogue
    confirming = OPENROUTER if resold else None
    baseline = question.before.baseline if question.before else None
    fresh = sorted((statement for statement in question.statements if statement.fresh), key=precedence)
    usable = tuple(statement for statement in fresh if is_explained(statement, baseline, policy))
    return PriceEvidence(
        question=question,
        policy=policy,
        fresh=usable,
        first_hand=tuple(one for one in usable if not one.confirms_only and one.source != confirming),
        unexplained=tuple(statement for statement in fresh if statement not in usable),
    )


def precedence(statement: PriceStatement) -> tuple[int, str]:
    """Order statements by whose figures are used of those that agree."""
    return _ORDER.get(statement.source, len(_ORDER)), statement.source


def all_figures(statements: Iterable[PriceStatement]) -> str:
    """Write what several sources state, in the order of precedence."""
    return "; ".join(figures(statement) for statement in sorted(statements, key=precedence))
