"""Every difference from the published pool, with its cause and its reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.domain.ids import TierName, VariantId
from pipeline.domain.pool import Cause, Change, lineup
from pipeline.pools.changes.attribution import change_cause
from pipeline.pools.changes.diff import diff
from pipeline.pools.changes.incumbents import Status
from pipeline.pools.reasons.reasons import (
    entry_reason,
    removal_reason,
    reorder_reason,
    retirement_reason,
    succession_reason,
)
from pipeline.pools.tier_selection import ENDING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipeline.domain.pool import Move, Pool
    from pipeline.pools.changes.membership import Step
    from pipeline.pools.selection_input import SelectionInput
    from pipeline.pools.tier_selection import TierSelection


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
    why = _dropped_tier(move) if choice is None else _why(inputs, choice, move)
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


def _why(inputs: SelectionInput, choice: TierSelection, move: Move) -> _Why:
    if move.rank_before is None:
        return _entrant(inputs, choice, VariantId(move.variant))
    if move.rank_after is None:
        return _leaver(inputs, choice, VariantId(move.variant))
    return _reordered(inputs, choice, move)


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


def _reordered(inputs: SelectionInput, choice: TierSelection, move: Move) -> _Why:
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
    return next((one.usd_per_task for one in members if one.variant == variant), None)
