"""Writes the sentence of each change in terms an operator knows, with what would decide otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pipeline.domain.pool import Cause, Purpose
from pipeline.pools.price_limit import price_limit
from pipeline.pools.value import answers_per_usd
from pipeline.pools.words import answers, hundredths, per_100, usd

if TYPE_CHECKING:
    from pipeline.domain.names import VariantId
    from pipeline.pools.brief import Brief
    from pipeline.pools.candidate import Candidate
    from pipeline.pools.incumbents import Incumbent
    from pipeline.pools.membership import Step
    from pipeline.pools.tier_selection import TierSelection

SERVES: Final = {
    Purpose.DEFAULT: "as the tier's default",
    Purpose.SIMPLE: "simple requests",
    Purpose.COMPLEX: "complex requests",
    Purpose.STAND_IN: "as the stand-in",
    Purpose.SPARE: "as a spare",
}


def entering(brief: Brief, selection: TierSelection, step: Step) -> str:
    """Say what a variant enters for, what that gives, and up to which cost per task it would."""
    limit = price_limit(brief, selection, step)
    otherwise = f"; would not above {usd(limit[0])} per task ({limit[1]})" if limit else ""
    told = _serving(brief, selection, selection.field.candidates[step.entrant])
    if step.leaver is not None:
        told = f"Replaces {step.leaver}: {_better(brief, selection, step)}. {told}"
    return f"{told}{otherwise}."


def leaving(brief: Brief, selection: TierSelection, step: Step) -> str:
    """Say for whom a member leaves that could have stayed."""
    return f"Leaves for {step.entrant}: {_better(brief, selection, step)}."


def ending(selection: TierSelection, incumbent: Incumbent, successor: VariantId | None) -> str:
    """Say why a member leaves by its announced date, and who takes its place."""
    early = "Leaves ahead of its end" if incumbent.cause is Cause.RETIRING else "Leaves at once"
    after = (
        f"Its successor is {successor}."
        if successor is not None
        else f"It has no successor: of {len(selection.field.eligible)} eligible variants no other has a free "
        "family and vendor."
    )
    return f"{early}: {incumbent.detail} {after}"


def succeeding(selection: TierSelection, gone: VariantId) -> str:
    """Say whom an entrant succeeds, and when that one ends."""
    incumbent = selection.field.incumbents[gone]
    said = "retires" if incumbent.cause is Cause.RETIRING else "was retired"
    return f"It succeeds {gone}, which {said} on {incumbent.ends_on}."


def moving(brief: Brief, selection: TierSelection, variant: VariantId, rank: int) -> str:
    """Say why a member that stays changes its rank."""
    one = selection.field.candidates.get(variant)
    if one is None:
        return "Keeps its order while others enter or leave."
    if rank == 1:
        return f"{_serving(brief, selection, one)}."
    ahead = selection.field.candidates.get(selection.places[rank - 2])
    if ahead is None:
        return "Keeps its order while others enter or leave."
    return (
        f"Moves to place {rank}: {answers(_per_usd(one))} acceptable answers per dollar; {ahead.id} before "
        f"it has {answers(_per_usd(ahead))}."
    )


def _serving(brief: Brief, selection: TierSelection, one: Candidate) -> str:
    """Say what a member serves, with the figure that counts there, against the next best."""
    purpose = selection.serves[one.id][0]
    served = f"Serves {' and '.join(SERVES[each] for each in selection.serves[one.id])}"
    if purpose in {Purpose.STAND_IN, Purpose.SPARE}:
        return f"{served}: {answers(_per_usd(one))} acceptable answers per dollar"
    times = _multiplier(brief, purpose)
    mine = _per_usd(one, times)
    told = (
        f"{served}: {answers(mine)} acceptable answers per dollar (a miss counted at "
        f"{usd(times * one.price_of_answer)})"
    )
    rest = [other for other in selection.field.eligible if other.slot.family != one.slot.family]
    following = max((_per_usd(other, times) for other in rest), default=None)
    if following is None:
        return told
    share = mine / following - 1
    return f"{told}, {abs(share):.0%} {'more' if share >= 0 else 'fewer'} than the next"


def _better(brief: Brief, selection: TierSelection, step: Step) -> str:
    """Say by how much an entrant is better at what it serves, and what the swap adds to the whole pool."""
    entrant, leaver = (selection.field.candidates[one] for one in (step.entrant, step.leaver) if one)
    purpose = selection.serves[step.entrant][0]
    times = _multiplier(brief, purpose)
    lead = entrant.at(times) - leaver.at(times)
    said = f"{per_100(abs(lead))} {'more' if lead >= 0 else 'fewer'} at the same price of an answer"
    whole = f"{hundredths(step.gain)}, measurement interval {hundredths(step.half_width)}"
    return f"{said}, serving {SERVES[purpose]} (the pool as a whole gains {whole})"


def _multiplier(brief: Brief, purpose: Purpose) -> float:
    """Return what a miss costs at what a member serves, as a multiple of the tier's price of an answer."""
    return brief.policy.bands[purpose] if purpose in {Purpose.SIMPLE, Purpose.COMPLEX} else 1.0


def _per_usd(one: Candidate, multiplier: float = 1.0) -> float:
    return answers_per_usd(one.usd_per_task, one.quality, multiplier * one.price_of_answer)
