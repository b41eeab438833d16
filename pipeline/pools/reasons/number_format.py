"""Formats numbers in the reviewer's sentences."""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache

from pipeline.domain.document import decimal_text

_WHOLE_CENTS_FROM = 10.0
_THREE_DIGITS = 100.0
_TWO_DIGITS = 10.0


@lru_cache(maxsize=4096)
def usd(amount: float) -> str:
    """Write dollars: cents from ten dollars on, millionths below, without idle zeros."""
    if amount >= _WHOLE_CENTS_FROM:
        return f"${decimal_text(amount, 2)}"
    whole, _, fraction = decimal_text(amount, 6).partition(".")
    return f"${whole}.{fraction.rstrip('0').ljust(2, '0')}"


def usd_per_1000(usd_per_task: float) -> str:
    """Write the dollars of 1,000 tasks: cents from a dollar on, else three digits that count."""
    amount = 1000 * usd_per_task
    return f"${amount:,.2f}" if amount >= 1 else f"${Decimal(f'{amount:.3g}'):f}"


def hundredths(answers_per_request: float) -> str:
    """Write answers per request as a number of answers per 100 requests, e.g. `4.7` or `0.23`."""
    number = 100 * answers_per_request
    return decimal_text(number, 1 if abs(number) >= 1 else 2)


def per_100(answers_per_request: float) -> str:
    """Write answers per request as `4.7 answers per 100`."""
    return f"{hundredths(answers_per_request)} answers per 100"


def answers(per_usd: float) -> str:
    """Write acceptable answers per dollar with three digits that count, e.g. `387` or `1.92`."""
    digits = 0 if per_usd >= _THREE_DIGITS else 1 if per_usd >= _TWO_DIGITS else 2
    return decimal_text(per_usd, digits)
