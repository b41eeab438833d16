"""Formats numbers for people, alike on every page.

Numbers arrive as decimal text and are only rounded here, never recomputed.
"""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal
from typing import TYPE_CHECKING, Final

from pipeline.domain import shares

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.domain.pool import PriceLine, Standing
    from pipeline.domain.proposal import ProvisionalLine

UNKNOWN: Final = "unknown"
"""What is said where a number is missing; never zero, never blank."""

PROMISE: Final = (
    "Refreshed weekly, reviewed before deployment: no router sees this pool until a named person "
    "approves exactly these bytes."
)
CAVEAT: Final = (
    "Quality is the chance that people prefer a model's answer to the reference models' answer. "
    "It is preference, not task success."
)
_GRADES: Final = {
    "1": "own usage",
    "2a": "measured tokens",
    "2b": "published dollars",
    "3a": "dollars of its kin",
    "3b": "its effort alone",
}
"""How the length of a variant's answers is known, the surest first (method section 4)."""

_SIGNIFICANT: Final = 3


def provisional_note(names: Sequence[ProvisionalLine]) -> str:
    """Say what approving does about names that are used provisionally; nothing where there are none."""
    if not names:
        return ""
    touching = sum(bool(name.touches) for name in names)
    are = "name is" if len(names) == 1 else "names are"
    return (
        f"{len(names)} unjudged {are} used as the one variant spelled to the letter; {touching or 'none'} of "
        "them would change a pool if left out. Whoever approves accepts every one of them, as a line of "
        "judgements.csv; whoever rejects writes nothing. To answer one otherwise, judge its name "
        "(`crosswalk map`), then `modelpool run` again."
    )


def usd(amount: str | None, *, times: float = 1) -> str:
    """Write dollars, or a multiple of them, with three significant digits, e.g. `$0.00123`."""
    if amount is None:
        return UNKNOWN
    return f"${_round_significant(Decimal(amount) * Decimal(str(times))):,f}"


def grade_words(grade: str | None) -> str:
    """Say how a cost is known; a grade that this page does not know keeps its own name."""
    return UNKNOWN if grade is None else _GRADES.get(grade, grade)


def answers(per_usd: str | None) -> str:
    """Write acceptable answers per dollar with three significant digits, e.g. `1,230`."""
    return UNKNOWN if per_usd is None else f"{_round_significant(Decimal(per_usd)):,}"


def percent(share: str | None) -> str:
    """Write a share between 0 and 1 as `48 %`; certain only when it is exactly 0 or 1."""
    return UNKNOWN if share is None else shares.percent(share)


def span(low: str | None, high: str | None) -> str:
    """Write an interval of shares as `44 to 53 %`."""
    if low is None or high is None:
        return UNKNOWN
    return f"{shares.whole_percent(low)} to {shares.whole_percent(high)} %"


def usd_span(low: str | None, high: str | None, *, times: int = 1) -> str:
    """Write an interval of dollars with two significant digits, e.g. `$0.0043 to 0.023`."""
    if low is None or high is None:
        return UNKNOWN
    ends = (f"{_round_significant(Decimal(end) * times, 2):f}" for end in (low, high))
    return "$" + " to ".join(ends)


def answers_span(standing: Standing, price_of_answer: str) -> str:
    """Write what a dollar buys with quality and cost at their worse ends, then at their better ends.

    Answers per dollar are 1 / (C + (1 - q) lambda), method section 5.
    """
    worse = (standing.usd_per_task_high, standing.quality_low)
    better = (standing.usd_per_task_low, standing.quality_high)
    ends = []
    for cost, quality in (worse, better):
        if cost is None or quality is None:
            return UNKNOWN
        missed = (1 - Decimal(quality)) * Decimal(price_of_answer)
        ends.append(f"{_round_significant(1 / (Decimal(cost) + missed), 2):,f}")
    return " to ".join(ends)


def cached_price(price: PriceLine) -> str:
    """Write what a million tokens of cached input are billed at."""
    amount = price.cache_read_microusd_per_mtok
    if amount is None:
        return f"as input (${_dollars(price.input_microusd_per_mtok)}), no source states a price of its own"
    return f"${_dollars(amount)} instead of ${_dollars(price.input_microusd_per_mtok)}"


def per_million(microusd: int | None) -> str:
    """Write a price per million tokens with three significant digits, `$0.0036` for 3,600 micro-dollars."""
    return "as input" if microusd is None else f"${_round_significant(Decimal(microusd) / 1_000_000):f}"


def _dollars(microusd: int) -> str:
    return f"{(Decimal(microusd) / 1_000_000).normalize():f}"


def ranks(low: int | None, high: int | None) -> str:
    """Write the rank range of 95 % of the draws; a range of 0 means it was never eligible."""
    if low is None or high is None:
        return UNKNOWN
    if high == 0:
        return "never"
    return str(low) if low == high else f"{low} to {high}"


def cost_effect(before: str | None, after: str | None, replaces: str | None = None) -> str:
    """Say what a change does to the cost per task, e.g. `$0.0021 → $0.0012 per task (-43 %)`.

    Of a variant that takes another's place, `before` is the other's, and the other is named.
    """
    if replaces is not None:
        return f"instead of {replaces}: {cost_effect(before, after)}"
    if after is None:
        return f"was {usd(before)} per task" if before else "cost unknown"
    if before is None or Decimal(before) == 0:
        return f"{usd(after)} per task"
    if usd(before) == usd(after):
        return f"{usd(after)} per task, as before"
    share = (Decimal(after) / Decimal(before) - 1) * 100
    return f"{usd(before)} → {usd(after)} per task ({share:+.0f} %)"


def _round_significant(value: Decimal, digits: int = _SIGNIFICANT) -> Decimal:
    if value == 0:
        return Decimal(0)
    places = min(digits - 1 - value.adjusted(), 12)
    rounded = value.quantize(Decimal(1).scaleb(-max(places, 0)), ROUND_HALF_EVEN)
    return Decimal(f"{rounded.normalize():f}")
