"""The order of the members: the best quality first, then value, without flutter (method 7.5)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from pipeline.pools.incumbents import Status
from pipeline.pools.runner import by_quality

if TYPE_CHECKING:
    from pipeline.domain.names import VariantId
    from pipeline.pools.field import Field
    from pipeline.pools.runner import Runner


def arranged(field: Field, places: tuple[VariantId, ...]) -> tuple[VariantId, ...]:
    """Order the members of a pool.

    The best quality of those in the data comes first, of a vendor that may lead a further tier where one
    is a member. Behind it a member moves ahead of another
    only when its U is better by more than their joint 95 % interval; inside it the published order
    stays, because a change of rank is a change for traffic. A carried member keeps its place; a
    questioned one goes last.
    """
    asked = tuple(place for place in places if _status(field, place) is Status.QUESTIONED)
    queue = iter(_ranked([field.runners[place] for place in places if place in field.runners], field))
    kept = (place for place in places if place not in asked)
    return (*(next(queue).id if place in field.runners else place for place in kept), *asked)


def _ranked(present: list[Runner], field: Field) -> list[Runner]:
    if not present:
        return []
    leading = [one for one in present if field.elsewhere.may_lead(one.seat.vendor)]
    best = min(leading or present, key=by_quality)
    rest: list[Runner] = []
    for runner in present:
        if runner is best:
            continue
        place = len(rest)
        while place and _clearly_worth_more(runner, rest[place - 1]):
            place -= 1
        rest.insert(place, runner)
    return [best, *rest]


def _clearly_worth_more(one: Runner, other: Runner) -> bool:
    return one.utility - other.utility > math.hypot(one.utility_half_width, other.utility_half_width)


def _status(field: Field, place: VariantId) -> Status | None:
    incumbent = field.incumbents.get(place)
    return incumbent.status if incumbent else None
