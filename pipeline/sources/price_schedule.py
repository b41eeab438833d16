"""A price as a schedule: the dearest hour counts, and each size of prompt has its step."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from pipeline.domain.observation import PriceStep

if TYPE_CHECKING:
    from collections.abc import Iterable

PEAK: Final = "peak hours"
"""What a note says of a price that holds at some hours only: it counts for every hour."""


def scheduled(base: PriceStep, others: Iterable[PriceStep]) -> tuple[PriceStep, tuple[PriceStep, ...]]:
    """Reduce the prices of hours and sizes to the dearest hour of each size.

    Args:
        base: At any hour and from the first token on.
        others: Each from so many tokens on, at some hours or all; of one size the dearest axis counts.

    Returns:
        The prices of small prompts, and the steps above it, the smallest size first. An hour's price that
        states no size holds for small prompts; a step is never cheaper than what is below it.
    """
    by_size: dict[int, PriceStep] = {0: replace(base, from_tokens=0)}
    for one in others:
        by_size[one.from_tokens] = _dearest(one, by_size.get(one.from_tokens, one))
    steps: list[PriceStep] = []
    for size in sorted(by_size):
        steps.append(_dearest(by_size[size], steps[-1]) if steps else by_size[size])
    first, *rest = steps
    return first, tuple(rest)


def _dearest(one: PriceStep, other: PriceStep) -> PriceStep:
    """Take the dearer of two on each axis, at the size of the first."""
    known = None not in {one.cached, other.cached}
    return PriceStep(
        from_tokens=one.from_tokens,
        input=max(one.input, other.input),
        output=max(one.output, other.output),
        cached=max(one.cached or 0, other.cached or 0) if known else None,
    )
