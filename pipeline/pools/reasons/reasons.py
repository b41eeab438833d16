"""Writes the sentence of each change in terms an operator knows, with what would decide otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pipeline.domain.pool import Cause, Purpose
from pipeline.pools.changes.policy_relaxation import price_limit
from pipeline.pools.reasons.number_format import answers, hundredths, per_100, usd, usd_per_1000
from pipeline.pools.worth.candidate import Candidate, beats, by_value_at
from pipeline.pools.worth.value import answers_per_usd

if TYPE_CHECKING:
    from pipeline.domain.ids import VariantId
    from pipeline.pools.changes.incumbents import Incumbent
    from pipeline.pools.changes.membership import Step
    from pipeline.pools.selection_input import SelectionInput
    from pipeline.pools.tier_selection import TierSelection

_LEVEL: Final = 0.005
"""Less than half a percent is told as no difference."""

_SERVED: Final = {
    Purpose.DEFAULT: "the default route",
    Purpose.SIMPLE: "simple requests",
    Purpose.COMPLEX: "complex requests",
}


def entry_reason(inputs: SelectionInput, selection: TierSelection, step: Step) -> str:
    """Say what a variant enters for, what that gives, and up to which cost per task it would."""
    limit = price_limit(inputs, selection, step)
    otherwise = (
        f"; it would not be chosen above {usd_per_1000(limit[0])} per 1,000 tasks ({limit[1]})"
        if limit
        else ""
    )
    sentence = _serves_words(inputs, selection, selection.field.candidates[step.entrant])
    if step.leaver is not None:
        sentence = f"Replaces {step.leaver}: {_entrant_words(inputs, selection, step)}. {sentence}"
    return f"{sentence}{otherwise}."


def removal_reason(inputs: SelectionInput, selection: TierSelection, step: Step) -> str:
    """Say for whom a member leaves that could have stayed."""
    return f"Leaves for {step.entrant}: {_entrant_words(inputs, selection, step)}."


def retirement_reason(selection: TierSelection, incumbent: Incumbent, successor: VariantId | None) -> str:
    """Say why a member leaves by its announced date, and who takes its place."""
    early = "Leaves ahead of its end" if incumbent.cause is Cause.RETIRING else "Leaves at once"
    after = (
        f"Its successor is {successor}."
        if successor is not None
        else f"It has no successor: of {len(selection.field.eligible)} eligible variants no other has a free "
        "family and vendor."
    )
    return f"{early}: {incumbent.detail} {after}"


def succession_reason(selection: TierSelection, gone: VariantId) -> str:
    """Say whom an entrant succeeds, and when that one ends."""
    incumbent = selection.field.incumbents[gone]
    said = "retires" if incumbent.cause is Cause.RETIRING else "was retired"
    return f"It succeeds {gone}, which {said} on {incumbent.ends_on}."


def reorder_reason(inputs: SelectionInput, selection: TierSelection, variant: VariantId, rank: int) -> str:
    """Say why a member that stays changes its rank."""
    one = selection.field.candidates.get(variant)
    if one is None:
        return "Keeps its order while others enter or leave."
    if rank == 1:
        return f"{_serves_words(inputs, selection, one)}."
    ahead = selection.field.candidates.get(selection.places[rank - 2])
    if ahead is None:
        return "Keeps its order while others enter or leave."
    apart = "" if ahead.value > one.value else ", not told apart from it, so that their order stays"
    return (
        f"Moves to place {rank}: {answers(_per_usd(one))} acceptable answers per dollar; {ahead.id} before "
        f"it has {answers(_per_usd(ahead))}{apart}."
    )


def _serves_words(inputs: SelectionInput, selection: TierSelection, one: Candidate) -> str:
    """Say what a member serves, with the figure that counts there, against the next best."""
    purpose = selection.serves[one.id][0]
    served = _served_words(selection, one.id)
    if purpose not in _SERVED:
        return f"{served}: {answers(_per_usd(one))} acceptable answers per dollar"
    times = _multiplier(inputs, purpose)
    sentence = (
        f"{served}: {answers(_per_usd(one, times))} acceptable answers per dollar (a miss counted at "
        f"{usd(times * one.price_of_answer)})"
    )
    rest = [other for other in selection.field.eligible if other.slot.family != one.slot.family]
    following = min(rest, key=by_value_at(times), default=None)
    return sentence if following is None else f"{sentence}, {_against_words(one, following, times)}"


def _served_words(selection: TierSelection, variant: VariantId) -> str:
    """Say what a member is in the pool for."""
    purposes = selection.serves[variant]
    words = [_SERVED[purpose] for purpose in purposes if purpose in _SERVED]
    served = ", ".join(words[:-1]) + (" and " if words[1:] else "") + "".join(words[-1:])
    parts = [f"serves {served}"] if served else []
    if Purpose.STAND_IN in purposes:
        parts.append(f"stands in when {selection.slots[0].vendor} is down")
    said = "; ".join(parts) or "is kept as a spare"
    return said[0].upper() + said[1:]


def _against_words(one: Candidate, following: Candidate, times: float) -> str:
    """Compare a member with the best of another family that could serve the same."""
    share = _per_usd(one, times) / _per_usd(following, times) - 1
    if abs(share) < _LEVEL:
        return f"level with the next, {following.id}"
    if share >= 0:
        return f"{share:.0%} more than the next, {following.id}"
    apart = "" if beats(following, one, times) else ", which measurement does not tell apart"
    return f"{-share:.0%} fewer than {following.id}{apart}"


def _entrant_words(inputs: SelectionInput, selection: TierSelection, step: Step) -> str:
    """Say by how much an entrant is better at what it serves, and what the swap adds to the whole pool."""
    entrant, leaver = (selection.field.candidates[one] for one in (step.entrant, step.leaver) if one)
    purpose = selection.serves[step.entrant][0]
    times = _multiplier(inputs, purpose)
    lead = entrant.at(times) - leaver.at(times)
    said = f"{per_100(abs(lead))} {'more' if lead >= 0 else 'fewer'} at the same price of an answer"
    whole = f"{hundredths(step.gain)}, measurement interval {hundredths(step.half_width)}"
    return f"{said}{_purpose_words(purpose)} (the pool as a whole gains {whole})"


def _purpose_words(purpose: Purpose) -> str:
    return f" for {_SERVED[purpose]}" if purpose in _SERVED else ""


def _multiplier(inputs: SelectionInput, purpose: Purpose) -> float:
    """Return what a miss costs at what a member serves, as a multiple of the tier's price of an answer."""
    return inputs.policy.bands[purpose] if purpose in {Purpose.SIMPLE, Purpose.COMPLEX} else 1.0


def _per_usd(one: Candidate, multiplier: float = 1.0) -> float:
    return answers_per_usd(one.usd_per_task, one.quality, multiplier * one.price_of_answer)
