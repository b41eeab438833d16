"""Changes a tier's members: a vacancy is filled, and one swap may follow (method sections 7.2 to 7.5)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from pipeline.pools.changes.incumbents import Status
from pipeline.pools.worth.candidate import Candidate, beats, by_value
from pipeline.pools.worth.concentration import violated_limit
from pipeline.pools.worth.worth import WorthWith, gain_half_width, worth

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from pipeline.domain.ids import VariantId
    from pipeline.pools.worth.tier_candidates import TierCandidates

    Places = tuple[VariantId, ...]

_EQUAL: Final = 1e-12
"""Answers per request: gains that differ by less are equal, summed in another order."""


class StepKind(StrEnum):
    """Which rule of the method decided."""

    FIRST = "first"
    """The tier's first pool is filled one place at a time (method 7.2 and 7.8)."""
    VACANCY = "vacancy"
    """Method 7.2."""
    SWAP = "swap"
    """Method 7.3."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One variant takes a place, a vacant one or that of another."""

    rule: StepKind
    entrant: VariantId
    leaver: VariantId | None
    """None: the place was vacant."""
    before: tuple[VariantId, ...]
    """The members before this step."""
    gain: float
    """Worth added, in answers per request."""
    half_width: float
    """Half of the gain's 95 % measurement interval; 0 where a vacancy is filled, which needs none."""

    @property
    def after(self) -> tuple[VariantId, ...]:
        """The members after this step."""
        return (*(one for one in self.before if one != self.leaver), self.entrant)


@dataclass(frozen=True, slots=True, kw_only=True)
class Swap:
    """A member out, an eligible variant in, and what that adds."""

    leaver: Candidate
    entrant: Candidate
    gain: float
    half_width: float
    """Half of the gain's measurement interval, times the policy's factor."""
    least: float
    """What the policy asks of any swap, in answers per request."""
    default_stays: bool
    """The published default would leave for somebody that does not beat it: the swap must not happen."""

    @property
    def passes(self) -> bool:
        """Whether it adds more than its own measurement interval and the policy's least (method 7.3, 7.4)."""
        return self.gain > max(self.half_width, self.least) and not self.default_stays


def steps_of(field: TierCandidates, *, may_swap: bool) -> tuple[Places, tuple[Step, ...]]:
    """Let the gone leave, fill vacancies, then make at most one swap; the members and the steps to them."""
    places = tuple(
        incumbent.id for incumbent in field.incumbents.values() if incumbent.status is not Status.GONE
    )
    steps = list(fill(field, places))
    places = (*places, *(step.entrant for step in steps))
    filled = frozenset(step.entrant for step in steps)
    if may_swap and (step := swap(field, places, filled)):
        steps.append(step)
        places = step.after
    return places, tuple(steps)


def fill(field: TierCandidates, places: Places) -> Iterator[Step]:
    """Fill vacant places one at a time with whoever adds most worth; first with those not cooling down.

    Whom a person does not let in does not enter, even where the place stays vacant.
    """
    rule = StepKind.VACANCY if field.incumbents else StepKind.FIRST
    while len(places) < field.tier.k:
        members = field.present(places)
        base, adding = worth(field.worth, members), WorthWith(field.worth, members)
        barred = {*places, *field.answered.entering}
        able = [
            candidate
            for candidate in field.eligible
            if candidate.id not in barred and _fits(field, places, None, candidate)
        ]
        able = [one for one in able if one.id not in field.cooling] or able
        if not able:
            return
        best = min(able, key=lambda one: (-adding.worth_with(one), *by_value(one)[1:]))
        step = Step(
            rule=rule,
            entrant=best.id,
            leaver=None,
            before=places,
            gain=adding.worth_with(best) - base,
            half_width=0.0,
        )
        yield step
        places = step.after


def swap(field: TierCandidates, places: Places, filled: Collection[VariantId]) -> Step | None:
    """Make the one swap that adds most worth of all that pass; None where none passes.

    Whoever left in the last weeks or leaves in this run does not come back by a swap, and a place filled in
    this run is kept. Nor does anybody enter or leave of whom a person said so.
    """
    barred = {*places, *field.cooling, *field.incumbents, *field.answered.entering}
    outsiders = [candidate for candidate in field.eligible if candidate.id not in barred]
    kept = {*filled, *field.answered.leaving}
    leavers = [one for one in field.present(places) if one.id not in kept]
    found: list[Swap] = []
    for gain in sorted(_gains(field, places, leavers, outsiders), key=lambda pair: -pair[0]):
        if found and gain[0] < found[0].gain - _EQUAL:
            break
        tried = swap_of(field, places, gain[1], gain[2])
        if tried.passes:
            found.append(tried)
    if not found:
        return None
    best = min(
        found,
        key=lambda one: (-round(one.gain / _EQUAL), one.entrant.usd_per_task, one.entrant.id, one.leaver.id),
    )
    return Step(
        rule=StepKind.SWAP,
        entrant=best.entrant.id,
        leaver=best.leaver.id,
        before=places,
        gain=best.gain,
        half_width=best.half_width,
    )


def swap_of(field: TierCandidates, places: Places, leaver: Candidate, entrant: Candidate) -> Swap:
    """Work out one swap, whether or not it passes; the limits are asked by whoever proposes it."""
    before = field.present(places)
    after = [*(one for one in before if one is not leaver), entrant]
    guarded = leaver.id == field.published_default
    return Swap(
        leaver=leaver,
        entrant=entrant,
        gain=worth(field.worth, after) - worth(field.worth, before),
        half_width=field.change.swap_intervals * gain_half_width(field.worth, before, after, entrant),
        least=field.change.least_gain_per_100 / 100,
        default_stays=guarded and not beats(entrant, leaver, intervals=field.change.swap_intervals),
    )


def best_swap(field: TierCandidates, places: Places, entrant: Candidate) -> Swap | None:
    """Return the swap by which a variant would add most; None where the limits leave it no member's place."""
    able = [one for one in field.present(places) if _fits(field, places, one, entrant)]
    tried = [swap_of(field, places, leaver, entrant) for leaver in able]
    return max(tried, key=lambda one: (one.passes, one.gain - one.half_width, one.leaver.id), default=None)


def _gains(
    field: TierCandidates, places: Places, leavers: Iterable[Candidate], outsiders: Sequence[Candidate]
) -> Iterator[tuple[float, Candidate, Candidate]]:
    """List the swaps that the limits allow and that add worth: gain, leaver, entrant."""
    members = field.present(places)
    base = worth(field.worth, members)
    for leaver in leavers:
        adding = WorthWith(field.worth, [member for member in members if member is not leaver])
        for entrant in outsiders:
            gain = adding.worth_with(entrant) - base
            if gain > 0 and _fits(field, places, leaver, entrant):
                yield gain, leaver, entrant


def _fits(field: TierCandidates, places: Places, leaver: Candidate | None, entrant: Candidate) -> bool:
    """Whether the limits let `entrant` in once `leaver` is out."""
    slots = (field.slot(place) for place in places if leaver is None or place != leaver.id)
    return violated_limit(slots, entrant.slot, field.tier.k, field.elsewhere) is None
