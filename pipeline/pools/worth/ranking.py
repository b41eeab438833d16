"""Orders the members by value, with hysteresis, for the tier and for each band (method section 6).

Inside the measurement interval of a difference the published order stays, because a change of rank is a
change for traffic.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.domain.pool import Purpose
from pipeline.pools.changes.incumbents import Status
from pipeline.pools.worth.candidate import Candidate, beats, by_value_at

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pipeline.domain.ids import VariantId
    from pipeline.pools.changes.membership import Step
    from pipeline.pools.worth.tier_candidates import TierCandidates

    Places = tuple[VariantId, ...]


def rank_members(
    field: TierCandidates,
    places: Places,
    steps: Sequence[Step],
    staying: frozenset[VariantId] = frozenset(),
) -> Places:
    """Order a tier's members by value at its own price of an answer.

    A variant that replaces the published default takes the first place; another new one is appended and rises
    before the first member that it beats. A vendor that leads as many tiers as the policy allows leads this
    one only where no other vendor has a member. A carried member keeps its place, a questioned one goes last,
    and one that a person does not let rise, or that is `staying`, passes nobody.
    """
    default = field.published_default
    heirs = {step.leaver: step.entrant for step in steps if step.leaver == default}
    published = tuple(heirs.get(incumbent, incumbent) for incumbent in field.incumbents)
    order = _order_by_value(field, places, published, 1.0, field.answered.rising | staying)
    return _put_leader_first(field, order)


def band_order(field: TierCandidates, places: Places, band: str, multiplier: float) -> Places:
    """Order a tier's members for one band by value at its multiple, from the band's own published order."""
    return _order_by_value(
        field, places, field.published_bands.get(band, tuple(field.incumbents)), multiplier
    )


def purposes(
    places: Places, bands: Mapping[str, Places], vendors: Mapping[VariantId, str]
) -> Mapping[VariantId, tuple[Purpose, ...]]:
    """Say what each member serves, in the orders that a router is given (method section 6).

    Args:
        places: Members in rank order.
        bands: The order of each band.
        vendors: Vendor by member.
    """
    if not places:
        return {}
    first = places[0]
    other = next((place for place in places if vendors[place] != vendors[first]), None)
    serving = (
        (Purpose.DEFAULT, first),
        (Purpose.SIMPLE, bands["simple"][0]),
        (Purpose.COMPLEX, bands["complex"][0]),
        (Purpose.STAND_IN, other),
    )
    found = {place: tuple(purpose for purpose, who in serving if who == place) for place in places}
    return {place: serves or (Purpose.SPARE,) for place, serves in found.items()}


def _order_by_value(
    field: TierCandidates,
    places: Places,
    published: Places,
    multiplier: float,
    staying: frozenset[VariantId] = frozenset(),
) -> Places:
    present = [one for one in places if one in field.candidates]
    if not field.incumbents:
        return tuple(sorted(present, key=lambda one: by_value_at(multiplier)(field.candidates[one])))
    known = [field.candidates[one] for one in published if one in present]
    new = [field.candidates[one] for one in present if one not in published]
    queue = iter(
        _lift_challengers(field, [*known, *sorted(new, key=by_value_at(multiplier))], multiplier, staying)
    )
    asked = [one for one in places if _status(field, one) is Status.QUESTIONED]
    kept = [one for one in published if one in places and one not in asked]
    kept += [one for one in places if one not in published and one not in asked]
    return (*(next(queue).id if one in field.candidates else one for one in kept), *asked)


def _lift_challengers(
    field: TierCandidates, queue: Sequence[Candidate], multiplier: float, staying: frozenset[VariantId]
) -> list[Candidate]:
    """Put whoever beats a member right before it, so that nobody stands before one who beats it.

    To beat is not transitive where boards differ, so those who beat a riser rise before it, too; those who
    are `staying` do not rise.
    """
    intervals = field.change.swap_intervals
    order: list[Candidate] = []

    def place(one: Candidate) -> None:
        if one not in order:
            for other in queue:
                if other.id not in staying and beats(other, one, multiplier, intervals):
                    place(other)
            order.append(one)

    for one in queue:
        place(one)
    return order


def _put_leader_first(field: TierCandidates, order: Places) -> Places:
    able = [
        one for one in order if field.elsewhere.may_lead(field.slot(one).vendor) and one in field.candidates
    ]
    if not able or not order or field.elsewhere.may_lead(field.slot(order[0]).vendor):
        return order
    first = able[0]
    return (first, *(one for one in order if one != first))


def _status(field: TierCandidates, place: VariantId) -> Status | None:
    incumbent = field.incumbents.get(place)
    return incumbent.status if incumbent else None
