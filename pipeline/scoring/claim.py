"""What one source states about a price, figure by figure, and how far two statements are apart."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.domain.names import SourceName
    from pipeline.domain.observation import Price


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A price one can pay: input and output above zero, in micro-dollars per million tokens."""

    source: SourceName
    input: int
    output: int
    cached: int | None
    """None where the source states none, or zero."""
    stated: Price


def claim_of(price: Price) -> Claim | None:
    """Read a price as a claim; None where input or output is unknown or zero."""
    if not (price.input_microusd_per_mtok and price.output_microusd_per_mtok):
        return None
    return Claim(
        source=price.source,
        input=price.input_microusd_per_mtok,
        output=price.output_microusd_per_mtok,
        cached=price.cache_read_microusd_per_mtok or None,
        stated=price,
    )


def states_zero(price: Price) -> bool:
    """Say whether a source states that input and output cost nothing."""
    return price.input_microusd_per_mtok == 0 and price.output_microusd_per_mtok == 0


def figures(price: Price) -> str:
    """Write what a source states, in dollars per million tokens, for a person to compare."""
    told = f"input {dollars(price.input_microusd_per_mtok)}, output {dollars(price.output_microusd_per_mtok)}"
    if price.cache_read_microusd_per_mtok is not None:
        told += f", cached {dollars(price.cache_read_microusd_per_mtok)}"
    return f"{price.source} {told}"


def dollars(microusd: int | None) -> str:
    """Write `$2.5` for 2,500,000 micro-dollars; `unknown` for None."""
    if microusd is None:
        return "unknown"
    whole, part = divmod(microusd, 1_000_000)
    return f"${whole}.{part:06}".rstrip("0").rstrip(".")


def close(one: int, other: int, agreement: float) -> bool:
    """Say whether two prices differ by at most `agreement`, a share of the larger one."""
    return abs(one - other) <= agreement * max(one, other)


def agree(one: Claim, other: Claim, agreement: float) -> bool:
    """Say whether input and output are each close."""
    return close(one.input, other.input, agreement) and close(one.output, other.output, agreement)


def worst_axis(claims: Sequence[Claim]) -> str:
    """Name the billed axis on which two of several claims are furthest apart, and by which factor.

    Every axis is looked at, for a source may agree on input and triple the output.
    """
    gaps = [
        (max(first, second) / min(first, second), axis, f"{one.source} and {other.source}")
        for one, other in combinations(claims, 2)
        for axis, first, second in (
            ("input", one.input, other.input),
            ("output", one.output, other.output),
            ("cached input", one.cached, other.cached),
        )
        if first and second
    ]
    factor, axis, pair = max(gaps, key=lambda gap: gap[0])
    return f"worst: {axis}, where {pair} differ by a factor of {factor:.2f}"
