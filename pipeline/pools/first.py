"""The first proposal of a tier: nobody holds a place, so nothing needs hysteresis (method 6)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.pools.limits import barred_by
from pipeline.pools.runner import by_utility
from pipeline.pools.step import Rule, Step

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.pools.field import Field
    from pipeline.pools.runner import Runner


def first_places(field: Field) -> tuple[Step, ...]:
    """Take the best quality first, then greedily the best U among those that are not dominated.

    Places that stay free are vacancies; `pools.rules` fills them.
    """
    best = next((one for one in field.eligible if _fits(one, [], field)), None)
    if best is None:
        return ()
    queue = [one for one in sorted(field.eligible, key=by_utility) if not one.dominated and one is not best]
    steps = [Step(rule=Rule.BEST, entrant=best.id, leaver=None)]
    for runner, next_best in _greedy(queue, [best], field):
        runner_up = next_best.id if next_best else None
        steps.append(Step(rule=Rule.WORTH, entrant=runner.id, leaver=None, runner_up=runner_up))
    return tuple(steps)


def _greedy(
    queue: list[Runner], seated: list[Runner], field: Field
) -> Iterator[tuple[Runner, Runner | None]]:
    """Seat who fits, best first, and name who would have been next."""
    while len(seated) < field.tier.k:
        able = [one for one in queue if one not in seated and _fits(one, seated, field)]
        if not able:
            return
        seated.append(able[0])
        yield able[0], able[1] if len(able) > 1 else None


def _fits(runner: Runner, seated: list[Runner], field: Field) -> bool:
    return barred_by((one.seat for one in seated), runner.seat, field.tier.k, field.elsewhere) is None
