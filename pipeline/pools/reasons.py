"""Writes the sentence of each change in terms an operator knows, with what would decide otherwise."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from pipeline.domain.pool import Cause, Purpose
from pipeline.pools.membership import swap_of
from pipeline.pools.value import answers_per_usd, value_at
from pipeline.pools.words import answers, hundredths, per_100, usd
from pipeline.pools.worth import worth

if TYPE_CHECKING:
    from collections.abc import Callable

    from pipeline.domain.names import VariantId
    from pipeline.pools.brief import Brief
    from pipeline.pools.candidate import Candidate
    from pipeline.pools.incumbents import Incumbent
    from pipeline.pools.membership import Step
    from pipeline.pools.tier_selection import TierSelection

_DEAREST: Final = 1024.0
"""Times today's cost up to which a limit is looked for; beyond it nothing bounds the variant."""
_HALVINGS: Final = 40
"""Of the interval in which the limit lies: to a part in 10^9."""

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


def price_limit(brief: Brief, selection: TierSelection, step: Step) -> tuple[float, str] | None:
    """Cost per task above which the entrant would not enter, and why; None where nothing bounds it.

    Above it the variant passes the tier's ceiling, the swap adds less than its measurement interval, or the
    next in line adds more to a vacant place.
    """
    field, entrant = selection.field, selection.field.candidates[step.entrant]
    limits = [(field.tier.ceiling_usd_per_task, "the tier's ceiling")]
    members = field.present(step.before)
    if step.leaver is not None:
        leaver = field.candidates[step.leaver]

        def enters(usd_per_task: float) -> bool:
            return swap_of(field, step.before, leaver, _at_cost(brief, entrant, usd_per_task)).passes

        limits.append((_highest(enters, entrant.usd_per_task), f"{step.leaver} would stay"))
    elif step.runner_up is not None:
        other = worth(field.worth, [*members, field.candidates[step.runner_up]])

        def first(usd_per_task: float) -> bool:
            return worth(field.worth, [*members, _at_cost(brief, entrant, usd_per_task)]) >= other

        limits.append((_highest(first, entrant.usd_per_task), f"{step.runner_up} would then add more"))
    return min(((cost, why) for cost, why in limits if cost is not None), default=None)


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


def _at_cost(brief: Brief, one: Candidate, usd_per_task: float) -> Candidate:
    """Return the same candidate at another cost per task."""
    bands, quality, price = brief.policy.bands, one.quality, one.price_of_answer
    return replace(
        one,
        usd_per_task=usd_per_task,
        simple=value_at(usd_per_task, quality, bands["simple"] * price),
        value=value_at(usd_per_task, quality, price),
        complex=value_at(usd_per_task, quality, bands["complex"] * price),
    )


def _highest(passes: Callable[[float], bool], today: float) -> float | None:
    """Find the highest cost per task that still passes; None where even the dearest one tried does.

    What a variant adds falls as its cost rises, so halving finds the limit; of one that does not pass today
    it is today's cost.
    """
    low, high = today, today * _DEAREST
    if passes(high):
        return None
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if passes(middle) else (low, middle)
    return low
