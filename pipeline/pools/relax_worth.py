"""The line of the policy that admits an eligible variant: of what a swap must add, of places, of worth."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from pipeline.pools.case import Relaxed
from pipeline.pools.least import least
from pipeline.pools.tier_selection import select_tier

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pipeline.pools.case import Case

_SHARES: Final = (1000, 750, 500, 250, 100, 50, 10, 1)
"""Thousandths of what the policy asks of a swap."""
_LOWER: Final = (1000, 900, 800, 700, 600, 500, 400, 300, 200, 100)
"""Thousandths of the tier's price of an answer."""
_HIGHER: Final = (1000, 1100, 1250, 1500, 2000, 3000, 5000, 10_000)
_PLACES: Final = 3
"""Further places that are tried."""


def admitting(case: Case) -> Relaxed | None:
    """Return the first line that makes an eligible variant a member, each tried alone; None where none does.

    First what a swap must add, then the places of the tier, then its price of an answer: from what touches
    the others least to what moves them all.
    """
    return next(_lines(case), None)


def tried(case: Case) -> str:
    """Say which lines `admitting` tries, and how far."""
    name, tier = case.choice.field.name, case.tier
    low, high = (tier.lambda_usd * end / 1000 for end in (_LOWER[-1], _HIGHER[-1]))
    return (
        f"tried, one at a time: change.least_gain_per_100 down to 0, change.swap_intervals down to "
        f"{_SHARES[-1] / 1000:.1%} of it, tiers.{name}.k up to {tier.k + _PLACES}, "
        f"tiers.{name}.lambda_usd from {low:g} to {high:g}"
    )


def _lines(case: Case) -> Iterator[Relaxed]:
    change, tier = case.brief.policy.change, case.tier
    ways: tuple[tuple[Callable[[int], Relaxed], tuple[int, ...]], ...] = (
        (
            lambda share: _change(case, "least_gain_per_100", change.least_gain_per_100 * share / 1000),
            (*_SHARES, 0),
        ),
        (lambda share: _change(case, "swap_intervals", change.swap_intervals * share / 1000), _SHARES),
        (lambda places: case.setting("k", places), tuple(range(tier.k, tier.k + _PLACES + 1))),
        (lambda share: _paying(case, share), _LOWER),
        (lambda share: _paying(case, share), _HIGHER),
    )
    for line, ladder in ways:
        found = _least(case, line, ladder)
        if found is not None:
            yield found


def _least(case: Case, line: Callable[[int], Relaxed], ladder: tuple[int, ...]) -> Relaxed | None:
    def admits(amount: int) -> bool:
        brief = replace(case.brief, policy=line(amount).policy)
        return case.variant.id in select_tier(brief, case.choice.field.name).places

    found = least(admits, ladder)
    return None if found is None else line(found)


def _paying(case: Case, share: int) -> Relaxed:
    return case.setting("lambda_usd", float(f"{case.tier.lambda_usd * share / 1000:.6g}"))


def _change(case: Case, key: str, value: float) -> Relaxed:
    policy, given = case.brief.policy, float(f"{value:.6g}")
    change = policy.change.model_copy(update={key: given})
    return Relaxed(words=f"change.{key} = {given:g}", policy=policy.model_copy(update={"change": change}))
