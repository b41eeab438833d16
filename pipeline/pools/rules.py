"""The rules by which a pool changes: challenge, domination, vacancy, cost swap (method 7.2 to 7.7).

Each looks at the places as they are and returns the next step or None. A vacancy adds a place, a
domination leaves one dominated member less, a challenge raises the quality of a place and adds no
dominated member: applied until none applies they end, where the same data changes nothing more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.pools.limits import barred_by
from pipeline.pools.runner import by_quality, clearly_better, joint
from pipeline.pools.step import Rule, Step

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pipeline.domain.names import VariantId
    from pipeline.pools.field import Field
    from pipeline.pools.runner import Runner

Places = tuple["VariantId", ...]

_RELAXED = 3
"""A dominated member leaves for an admissible variant; only a vacancy goes beyond (7.4)."""


def challenge(field: Field, places: Places) -> Step | None:
    """Let the best outsider enter that beats the pool's best clearly, or its worst by a margin."""
    pool = _present(field, places)
    if not pool:
        return None
    for outsider in sorted(field.stages[0], key=by_quality):
        if outsider.elo <= pool[-1].elo:
            return None
        if outsider.id not in places and (step := _challenged(field, places, pool, outsider)):
            return step
    return None


def domination(field: Field, places: Places) -> Step | None:
    """Let a dominated member leave for the best value outside their joint interval.

    Whoever is clearly better comes first, with the reach and then the cooldown relaxed; only then
    who is clearly below, by no more than the margin from which a challenge would take the place.
    Going below at once fills pools with cheap variants that nothing can dominate.
    """
    for leaver in reversed(_present(field, places)):
        if not leaver.dominated:
            continue
        for fits in (_above, _below):
            for stage in field.stages[:_RELAXED]:
                others = _outsiders(field, places, stage, leaver)
                able = (one for one in others if fits(one, leaver, field.change.worst_margin_elo))
                if step := _best_value(Rule.DOMINATION, able, leaver):
                    return step
    return None


def vacancy(field: Field, places: Places) -> Step | None:
    """Fill a vacant place with the best value, a dominated variant only if nothing else is left."""
    if len(places) >= field.tier.k:
        return None
    for stage in field.stages:
        if step := _best_value(Rule.VACANCY, _outsiders(field, places, stage, None), None):
            return step
    return None


def cost_swap(field: Field, places: Places) -> Step | None:
    """Let a cheaper variant of better value inside a member's interval take its place."""
    for leaver in _present(field, places):
        able = (
            one
            for one in _outsiders(field, places, field.stages[0], leaver)
            if one.usd_per_task < leaver.usd_per_task
            and abs(one.elo - leaver.elo) <= joint(one, leaver)
            and one.key > leaver.key
        )
        if step := _best_value(Rule.COST_SWAP, able, leaver):
            return step
    return None


def _challenged(field: Field, places: Places, pool: list[Runner], outsider: Runner) -> Step | None:
    change = field.change
    targets = [one for one in pool if _free(field, places, one, outsider)]
    vacant = len(places) < field.tier.k and _free(field, places, None, outsider)
    if not targets and not vacant:
        return None
    best, worst = pool[0], (targets or pool)[-1]
    over_best = clearly_better(outsider, best, change.challenge_joint)
    over_worst = outsider.elo - worst.elo > change.worst_margin_elo and clearly_better(
        outsider, worst, change.challenge_joint
    )
    if not over_best and not over_worst:
        return None
    against = best if over_best else worst
    if vacant:
        return Step(rule=Rule.CHALLENGE, entrant=outsider.id, leaver=None, against=against.id)
    beaten = [one for one in targets if one.dominated and clearly_better(outsider, one)]
    leaver = (beaten or [worst])[-1]
    return Step(rule=Rule.CHALLENGE, entrant=outsider.id, leaver=leaver.id, against=against.id)


def _above(one: Runner, leaver: Runner, _margin: float) -> bool:
    return clearly_better(one, leaver)


def _below(one: Runner, leaver: Runner, margin: float) -> bool:
    return clearly_better(leaver, one) and leaver.elo - one.elo <= margin


def _best_value(rule: Rule, able: Iterable[Runner], leaver: Runner | None) -> Step | None:
    """Take the first of a stage, which is sorted by value, and remember the second."""
    ranked = iter(able)
    entrant = next(ranked, None)
    if entrant is None:
        return None
    runner_up = next(ranked, None)
    return Step(
        rule=rule,
        entrant=entrant.id,
        leaver=leaver.id if leaver else None,
        runner_up=runner_up.id if runner_up else None,
    )


def _present(field: Field, places: Places) -> list[Runner]:
    """Members that can be compared, best quality first."""
    return sorted((field.runners[place] for place in places if place in field.runners), key=by_quality)


def _outsiders(
    field: Field, places: Places, stage: tuple[Runner, ...], leaver: Runner | None
) -> Iterator[Runner]:
    return (one for one in stage if one.id not in places and _free(field, places, leaver, one))


def _free(field: Field, places: Places, leaver: Runner | None, entrant: Runner) -> bool:
    """Whether the limits let `entrant` in once `leaver` is out."""
    seats = (field.seat(place) for place in places if leaver is None or place != leaver.id)
    return barred_by(seats, entrant.seat, field.tier.k, field.elsewhere) is None
