"""How far two prices are apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.domain.price import Amounts

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from pipeline.domain.observation import Price
    from pipeline.domain.policy import CostPolicy
    from pipeline.domain.price import Announced, Statement


def amounts_of(price: Price) -> Amounts | None:
    """Read a price one can pay; None where input or output is unknown or zero."""
    if not (price.input_microusd_per_mtok and price.output_microusd_per_mtok):
        return None
    return Amounts(
        input=price.input_microusd_per_mtok,
        output=price.output_microusd_per_mtok,
        cached=price.cache_read_microusd_per_mtok or None,
        steps=price.steps,
    )


def close(one: int, other: int, agreement: float) -> bool:
    """Say whether two prices differ by at most `agreement`, a share of the larger one."""
    return abs(one - other) <= agreement * max(one, other)


def same_amounts(one: Amounts, other: Amounts, policy: CostPolicy, *, cached: bool = False) -> bool:
    """Say whether input and output are each equal within the agreement; on request cached input too."""
    near = close(one.input, other.input, policy.price_agreement) and close(
        one.output, other.output, policy.price_agreement
    )
    if not cached or not near:
        return near
    return close(one.cached or one.input, other.cached or other.input, policy.price_agreement)


def same(one: Statement, other: Statement, policy: CostPolicy) -> bool:
    """Say whether two statements of input and output are equal within the agreement."""
    return same_amounts(one.amounts, other.amounts, policy)


def falls_beyond(now: Amounts, baseline: Amounts, policy: CostPolicy) -> bool:
    """Say whether input or output is further below the baseline than is believed unconfirmed."""
    least = 1 - policy.price_believed_fall
    return now.input < least * baseline.input or now.output < least * baseline.output


def is_cheaper(now: Amounts, baseline: Amounts) -> bool:
    """Say whether one is below the other, three parts input and one part output."""
    return now.blended < baseline.blended


def factor(now: Amounts, baseline: Amounts) -> float:
    """Give the larger of the factors by which input and output rose."""
    return max(now.input / baseline.input, now.output / baseline.output)


def dearest(statements: Sequence[Statement]) -> Statement:
    """Return the dearest statement; of equal ones the source that comes first by name."""
    return min(statements, key=lambda one: (-one.amounts.blended, one.source))


def explained(statement: Statement, baseline: Amounts | None, policy: CostPolicy) -> bool:
    """Say whether a reading explains a statement: no unit slips, and input is not dearer by a unit."""
    now = statement.amounts
    if now.input >= policy.price_unit_slip * now.output:
        return False
    if baseline is None or statement.accepted:
        return True
    return factor(now, baseline) < policy.price_unit_slip and factor(baseline, now) < policy.price_unit_slip


def dearest_announced(
    statements: Sequence[Statement], used: Amounts, until: date, policy: CostPolicy
) -> Announced | None:
    """Find the dearest price announced inside the pool's validity by a source that states today's."""
    coming = [
        one
        for stated in statements
        if same_amounts(stated.amounts, used, policy)
        for one in stated.announced
        if one.on <= until and one.amounts.blended > used.blended
    ]
    return max(coming, key=lambda one: (one.amounts.blended, -one.on.toordinal()), default=None)
