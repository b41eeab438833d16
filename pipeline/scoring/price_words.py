"""Prices as people read them, in dollars per million tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pipeline.domain.price import Amounts, Statement


def figures(statement: Statement) -> str:
    """Write what a source states, in dollars per million tokens, for a person to compare."""
    return f"{statement.source} {in_dollars(statement.amounts)}"


def in_dollars(amounts: Amounts) -> str:
    """Write `input $0.2, output $1.2, cached $0.02`."""
    told = f"input {dollars(amounts.input)}, output {dollars(amounts.output)}"
    return told if amounts.cached is None else f"{told}, cached {dollars(amounts.cached)}"


def dollars(microusd: int | None) -> str:
    """Write `$2.5` for 2,500,000 micro-dollars; `unknown` for None."""
    if microusd is None:
        return "unknown"
    whole, part = divmod(microusd, 1_000_000)
    return f"${whole}.{part:06}".rstrip("0").rstrip(".")
