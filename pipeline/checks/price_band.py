"""Checks list prices as a whole: magnitude, order of input and output, zeros, and the common move.

Units slipped in public by 1e3 to 1e6 for months, and columns were swapped; each row alone looked possible.
"""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING

from pipeline.checks.findings import finding, usd
from pipeline.domain.observation import Finding, Price, Reading, Severity

if TYPE_CHECKING:
    from collections.abc import Callable

    from pipeline.checks.expectations import PriceExpectation, SourceExpectation

_LEAST = 20
"""A median of fewer prices says nothing about a unit."""

AXES: tuple[tuple[str, Callable[[Price], int | None]], ...] = (
    ("input", lambda price: price.input_microusd_per_mtok),
    ("output", lambda price: price.output_microusd_per_mtok),
    ("cached input", lambda price: price.cache_read_microusd_per_mtok),
)
"""Everything that is billed, with the word for it."""


def price_findings(reading: Reading, expectation: SourceExpectation) -> list[Finding]:
    """Find a unit slip, a swap of columns or a column of zeros in the prices alone."""
    limits = expectation.prices
    known = [
        (price.input_microusd_per_mtok, price.output_microusd_per_mtok)
        for price in reading.prices
        if price.input_microusd_per_mtok is not None and price.output_microusd_per_mtok is not None
    ]
    if limits is None or len(known) < _LEAST:
        return []
    zeros = sum(0 in pair for pair in known) / len(known)
    if zeros > limits.max_zero:
        message = f"{zeros:.0%} of {len(known)} prices are zero, at most {limits.max_zero:.0%} are believable"
        return [finding(reading, "price-zero", Severity.HOLD, message)]
    return [
        *_slipped(reading, limits, median(per_input for per_input, _ in known)),
        *_swapped(reading, limits, known),
    ]


def _slipped(reading: Reading, limits: PriceExpectation, middle: float) -> list[Finding]:
    low, high = limits.median_input_usd
    if low <= middle / 1e6 <= high:
        return []
    message = (
        f"the median input price is {usd(middle)} per million tokens, between ${low:g} and ${high:g} is "
        "expected: its unit changed"
    )
    return [finding(reading, "unit-slip", Severity.HOLD, message)]


def _swapped(reading: Reading, limits: PriceExpectation, known: list[tuple[int, int]]) -> list[Finding]:
    share = sum(per_output >= per_input for per_input, per_output in known) / len(known)
    if share >= limits.min_output_not_cheaper:
        return []
    message = (
        f"output costs at least as much as input for {share:.0%} of {len(known)} prices, for "
        f"{limits.min_output_not_cheaper:.0%} it is expected: the columns are swapped"
    )
    return [finding(reading, "price-swap", Severity.HOLD, message)]


def price_moved(reading: Reading, expectation: SourceExpectation, last: Reading) -> list[Finding]:
    """Find a common move of one billed axis since the last good reading."""
    if expectation.prices is None:
        return []
    limit = expectation.prices.max_median_factor
    before = {(price.key, price.note): price for price in last.prices}
    found = []
    for word, amount in AXES:
        pairs = [
            (amount(before[price.key, price.note]), amount(price))
            for price in reading.prices
            if (price.key, price.note) in before
        ]
        factors = [new / old for old, new in pairs if old and new]
        if len(factors) >= _LEAST and not 1 / limit <= median(factors) <= limit:
            message = (
                f"the price of {word} moved by a factor of {median(factors):.3g} in the median of "
                f"{len(factors)} common names, at most {limit:g} is believable"
            )
            found.append(finding(reading, "price-shift", Severity.HOLD, message))
    return found
