"""Lists every difference from the published pool, with its cause and its reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.domain.ids import TierName, VariantId
from pipeline.domain.pool import Cause, Change, Move, Pool, lineup
from pipeline.domain.score import Cost, Score
from pipeline.pools.changes.diff import diff
from pipeline.pools.changes.incumbents import Status
from pipeline.pools.reasons.number_format import usd
from pipeline.pools.reasons.reasons import (
    entry_reason,
    removal_reason,
    reorder_reason,
    retirement_reason,
    succession_reason,
)
from pipeline.pools.tier_selection import ENDING, TierSelection

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pipeline.domain.run import LastScore, PriorState
    from pipeline.pools.changes.membership import Step
    from pipeline.pools.selection_input import SelectionInput


_USD_PER_MICROUSD = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeCause:
    """The first cause that applies, and everything that moved in words."""

    cause: Cause | None
    """None: nothing about the variant itself moved, or nothing is remembered."""
    words: str


def change_cause(memory: PriorState, score: Score) -> ChangeCause:
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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Why:
    cause: Cause
    reason: str
    replaces: VariantId | None = None
    """Whose place an entrant takes."""


def changes_of(
    inputs: SelectionInput, choices: Mapping[TierName, TierSelection], pool: Pool
) -> tuple[Change, ...]:
    """Explain each move from the published pool to the candidate pool."""
    moves = diff(lineup(inputs.published), lineup(pool))
    return tuple(_change(inputs, choices.get(TierName(move.tier)), move, pool) for move in moves)


def _change(inputs: SelectionInput, choice: TierSelection | None, move: Move, pool: Pool) -> Change:
    why = _dropped_tier(move) if choice is None else _explain(inputs, choice, move)
    was_in = move.rank_before is not None
    before = _cost_of(inputs.published, move.tier, move.variant if was_in else why.replaces)
    return Change(
        tier=move.tier,
        variant=move.variant,
        rank_before=move.rank_before,
        rank_after=move.rank_after,
        cause=why.cause,
        reason=why.reason,
        usd_per_task_before=before,
        usd_per_task_after=_cost_of(pool, move.tier, move.variant),
        replaces=why.replaces if before is not None else None,
    )


def _explain(inputs: SelectionInput, choice: TierSelection, move: Move) -> _Why:
    if move.rank_before is None:
        return _entrant(inputs, choice, VariantId(move.variant))
    if move.rank_after is None:
        return _leaver(inputs, choice, VariantId(move.variant))
    return _explain_order(inputs, choice, move)


def _entrant(inputs: SelectionInput, choice: TierSelection, variant: VariantId) -> _Why:
    step = next(step for step in choice.steps if step.entrant == variant)
    moved = change_cause(inputs.memory, choice.field.scoreboard.scores[variant])
    reason = entry_reason(inputs, choice, step)
    gone = next((one for one, after in choice.successors.items() if after == variant), None)
    if gone is not None:
        reason = f"{reason} {succession_reason(choice, gone)}"
    if moved.words and not choice.first:
        reason = f"{reason} Since the published pool: {moved.words}."
    cause = choice.field.incumbents[gone].cause if gone is not None else None
    return _Why(
        cause=cause or _entry_cause(choice, step, moved.cause), reason=reason, replaces=gone or step.leaver
    )


def _entry_cause(choice: TierSelection, step: Step, moved: Cause | None) -> Cause:
    if choice.first:
        return Cause.FIRST
    if step.leaver is None:
        return Cause.VACANCY
    return moved or Cause.VALUE


def _leaver(inputs: SelectionInput, choice: TierSelection, variant: VariantId) -> _Why:
    incumbent = choice.field.incumbents[variant]
    if incumbent.cause in ENDING:
        return _Why(
            cause=incumbent.cause, reason=retirement_reason(choice, incumbent, choice.successors.get(variant))
        )
    if incumbent.cause is not None:
        return _Why(cause=incumbent.cause, reason=f"Leaves at once: {incumbent.detail}")
    step = next(step for step in choice.steps if step.leaver == variant)
    moved = change_cause(inputs.memory, choice.field.scoreboard.scores[step.entrant])
    return _Why(cause=moved.cause or Cause.VALUE, reason=removal_reason(inputs, choice, step))


def _explain_order(inputs: SelectionInput, choice: TierSelection, move: Move) -> _Why:
    variant = VariantId(move.variant)
    incumbent = choice.field.incumbents[variant]
    if incumbent.status is Status.QUESTIONED:
        return _Why(cause=Cause.MISSING, reason=f"Moves to the last place: {incumbent.detail}")
    return _Why(cause=Cause.ORDER, reason=reorder_reason(inputs, choice, variant, move.rank_after or 0))


def _dropped_tier(move: Move) -> _Why:
    return _Why(cause=Cause.REMOVED, reason=f"The tier {move.tier} is removed from the policy.")


def _cost_of(pool: Pool | None, tier: str, variant: str | None) -> str | None:
    """Return a member's dollars per task as a pool states them; None where it is no member."""
    members = pool.tiers[tier].members if pool is not None and tier in pool.tiers else ()
    return next((member.usd_per_task for member in members if member.variant == variant), None)
