"""Why an eligible variant is not a member: the answer to "why not X?"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.pools.limits import barred_by
from pipeline.pools.numbers import lead
from pipeline.pools.runner import by_quality
from pipeline.pools.words import elo, usd

if TYPE_CHECKING:
    from pipeline.pools.choose import Choice
    from pipeline.pools.field import Field
    from pipeline.pools.runner import Runner


def outside(choice: Choice, runner: Runner) -> tuple[str | None, str]:
    """Return the rule that keeps an eligible variant out, and its numbers.

    The rule is None when nothing bars it: it is just not better enough than the members.
    """
    field = choice.field
    if runner.pressure > field.change.admissible_joint and runner.rival is not None:
        rival = field.runners[runner.rival]
        return "dominated", (
            f"{rival.id} is not dearer ({usd(rival.usd_per_task)} per task) and better by "
            f"{lead(rival, runner)}."
        )
    if runner.id in field.cooling:
        return "cooldown", f"It left this pool within the last {field.change.cooldown_weeks} weeks."
    behind = field.eligible[0].elo - runner.elo
    if behind > field.change.reach_elo:
        return "reach", f"It is {elo(behind)} behind the best; the rules reach {elo(field.change.reach_elo)}."
    seats = (field.seat(place) for place in choice.places)
    limit = barred_by(seats, runner.seat, field.tier.k, field.elsewhere)
    if limit:
        return limit, _barred(field, choice, runner, limit)
    return None, _not_enough(field, choice, runner)


def _barred(field: Field, choice: Choice, runner: Runner, limit: str) -> str:
    attribute = "family" if limit == "family" else "vendor"
    mine = getattr(runner.seat, attribute)
    seats = (field.seat(place) for place in choice.places)
    here = [seat.variant for seat in seats if getattr(seat, attribute) == mine]
    if limit == "vendor_total":
        total = field.elsewhere.places.get(mine, 0) + len(here)
        return f"The vendor {mine} holds {total} places over all tiers; the policy allows no more."
    holders = ", ".join(here)
    return f"The {attribute} {mine} already holds the places it may have: {holders}."


def _not_enough(field: Field, choice: Choice, runner: Runner) -> str:
    pool = sorted((field.runners[p] for p in choice.places if p in field.runners), key=by_quality)
    if not pool:
        return "No member is in this week's data to be compared with."
    return (
        f"Against the best member {pool[0].id} it has {lead(runner, pool[0])}, against the worst "
        f"{pool[-1].id} {lead(runner, pool[-1])}; it enters from more than joint over the best, or "
        f"more than joint and {elo(field.change.worst_margin_elo)} over the worst."
    )
