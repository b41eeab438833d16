"""Explains why an eligible variant is not a member: the answer to "why not X?"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.pools.limits import barred_by
from pipeline.pools.membership import best_swap
from pipeline.pools.words import per_100

if TYPE_CHECKING:
    from pipeline.pools.candidate import Candidate
    from pipeline.pools.membership import Swap
    from pipeline.pools.tier_selection import TierSelection


def exclusion_of(selection: TierSelection, candidate: Candidate) -> tuple[str | None, str]:
    """Return the rule that keeps an eligible variant out, and its numbers.

    The rule is None when nothing bars it: it is just not worth enough more than a member.
    """
    field = selection.field
    incumbent = field.incumbents.get(candidate.id)
    if incumbent is not None and incumbent.cause is not None:
        return None, f"It leaves in this run: {incumbent.detail}"
    swap = best_swap(field, selection.places, candidate)
    if swap is None:
        limit = barred_by(selection.slots, candidate.slot, field.tier.k, field.elsewhere)
        if limit is None:
            return None, "No member is in this week's data to be compared with."
        return limit, _barred(selection, candidate, limit)
    if swap.passes and candidate.id in field.cooling:
        return "cooldown", f"It left this pool within the last {field.change.cooldown_weeks} weeks."
    return None, _not_enough(swap)


def _barred(selection: TierSelection, candidate: Candidate, limit: str) -> str:
    attribute = "family" if limit == "family" else "vendor"
    mine = getattr(candidate.slot, attribute)
    here = [slot.variant for slot in selection.slots if getattr(slot, attribute) == mine]
    if limit == "vendor_total":
        total = selection.field.elsewhere.places.get(mine, 0) + len(here)
        return f"The vendor {mine} holds {total} places over all tiers; the policy allows no more."
    holders = ", ".join(here)
    return f"The {attribute} {mine} already holds the places it may have: {holders}."


def _not_enough(swap: Swap) -> str:
    if swap.gain <= 0:
        return f"In place of {swap.leaver.id} the pool would be worth {per_100(-swap.gain)} less."
    said = f"In place of {swap.leaver.id} it would add {per_100(swap.gain)}"
    if swap.gain <= swap.half_width:
        return f"{said}; a swap must add more than its measurement interval, {per_100(swap.half_width)}."
    if swap.gain <= swap.least:
        return f"{said}; the policy asks for more than {per_100(swap.least)} of any swap."
    if swap.default_stays:
        return (
            f"{said}, but it is not told apart from {swap.leaver.id}, the default, at the tier's own price."
        )
    return f"{said}, more than the interval of {per_100(swap.half_width)}; one swap is made in a run."
