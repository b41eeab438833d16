"""Attributes a change to its cause: what moved about a variant since the published pool."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.domain.pool import Cause
from pipeline.domain.score import Cost, Score
from pipeline.pools.reasons.number_format import usd

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.domain.run import LastScore, Memory

_USD_PER_MICROUSD = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeCause:
    """The first cause that applies, and everything that moved in words."""

    cause: Cause | None
    """None: nothing about the variant itself moved, or nothing is remembered."""
    words: str


def change_cause(memory: Memory, score: Score) -> ChangeCause:
    """Attribute to new data, price, scale or score, in this order.

    A value on another scale is never differenced: a new index version is a cause of its own.
    """
    last = memory.last_scores.get(score.variant)
    if not memory.last_scores:
        return ChangeCause(cause=None, words="")
    if last is None or not last.values:
        return ChangeCause(cause=Cause.NEW, words="it had no score then")
    found = [*price_moves(last, score), *_board_moves(last, score)]
    causes = {cause for cause, _ in found}
    first = next((cause for cause in (Cause.PRICE, Cause.SCALE, Cause.SCORE) if cause in causes), None)
    return ChangeCause(cause=first, words="; ".join(words for _, words in found))


def price_moves(last: LastScore, score: Score) -> Iterator[tuple[Cause, str]]:
    """Compare every axis of the price that is remembered, the largest move first."""
    if not isinstance(score.cost, Cost):
        return
    price = score.cost.price
    if last.input_microusd_per_mtok is None and last.output_microusd_per_mtok is None:
        per_input = usd(price.input_microusd_per_mtok * _USD_PER_MICROUSD)
        per_output = usd(price.output_microusd_per_mtok * _USD_PER_MICROUSD)
        yield Cause.PRICE, f"had no agreed price, now {per_input} in and {per_output} out per Mtok"
        return
    axes = (
        ("input", last.input_microusd_per_mtok, price.input_microusd_per_mtok),
        ("output", last.output_microusd_per_mtok, price.output_microusd_per_mtok),
    )
    moves = [(name, old, new) for name, old, new in axes if old is not None and old != new]
    for name, old, new in sorted(moves, key=lambda move: (-_size(move[1], move[2]), move[0])):
        before, after = usd(old * _USD_PER_MICROUSD), usd(new * _USD_PER_MICROUSD)
        change = f" ({(new - old) / old:+.0%})" if old else ""
        yield Cause.PRICE, f"{name} price {before} -> {after} per Mtok{change}"


def _board_moves(last: LastScore, score: Score) -> Iterator[tuple[Cause, str]]:
    for board in sorted(score.boards, key=lambda one: one.metric):
        before = last.values.get(board.metric)
        if before is None:
            yield Cause.NEW, f"{board.metric} {board.published:.4g} is new"
        elif before[0] != board.scale:
            yield (
                Cause.SCALE,
                f"{board.metric} changed its scale {before[0]} -> {board.scale}, not compared",
            )
        elif before[1] != board.published:
            yield Cause.SCORE, f"{board.metric} {before[1]:.6g} -> {board.published:.6g}"


def _size(old: int, new: int) -> float:
    """How large a price move is: the larger of the two over the smaller."""
    low, high = sorted((old, new))
    return high / low if low else float("inf")
