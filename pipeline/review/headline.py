"""Says in plain words what a tier buys, before and after, and at another price of an answer."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from pipeline.review.words import answers, usd

if TYPE_CHECKING:
    from pipeline.domain.pool import Headline, TierReport


def headline_lines(report: TierReport) -> tuple[str, ...]:
    """Write a tier's headline and the sentence about its price of an answer; nothing for an empty tier."""
    if report.default_after is None:
        return ()
    return (_bought(report.default_before, report.default_after), *_paid(report))


def _bought(before: Headline | None, after: Headline) -> str:
    """Say what a dollar buys and 1,000 tasks cost where everything goes to the default."""
    buys = answers(after.acceptable_answers_per_usd)
    costs = usd(after.usd_per_1000_tasks)
    if before is None:
        return f"A dollar buys {buys} acceptable answers; 1,000 tasks cost {costs}."
    if before.variant == after.variant:
        return f"A dollar buys {buys} acceptable answers; 1,000 tasks cost {costs}; the default stays."
    more = Decimal(after.acceptable_answers_per_usd) / Decimal(before.acceptable_answers_per_usd) - 1
    return (
        f"A dollar buys {buys} acceptable answers instead of {answers(before.acceptable_answers_per_usd)} "
        f"({more:+.0%}); 1,000 tasks cost {costs} instead of {usd(before.usd_per_1000_tasks)}."
    )


def _paid(report: TierReport) -> tuple[str, ...]:
    """Say what the tier pays for an answer, and which members other prices would choose."""
    if not report.other_prices:
        return ()
    others = "; ".join(
        f"at {usd(one.lambda_usd)} a first pool would be {', '.join(one.variants) or 'empty'}"
        for one in report.other_prices
    )
    return (f"The tier pays {usd(report.lambda_usd)} for one more acceptable answer; {others}.",)
