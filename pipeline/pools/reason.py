"""The sentence of each change: the numbers that decided, and what would decide otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.domain.pool import Cause
from pipeline.pools.numbers import dominance, lead, price_limit
from pipeline.pools.step import Rule
from pipeline.pools.words import elo, signed_usd, usd

if TYPE_CHECKING:
    from pipeline.domain.names import VariantId
    from pipeline.pools.choose import Choice
    from pipeline.pools.field import Field
    from pipeline.pools.incumbents import Incumbent
    from pipeline.pools.runner import Runner
    from pipeline.pools.step import Step


def entering(choice: Choice, step: Step) -> str:
    """Say why a variant enters, and up to which cost per task it would."""
    field = choice.field
    runner = field.runners[step.entrant]
    told = {
        Rule.BEST: _best,
        Rule.WORTH: _worth,
        Rule.CHALLENGE: _challenge,
        Rule.DOMINATION: _domination,
        Rule.VACANCY: _vacancy,
        Rule.COST_SWAP: _cost_swap,
    }[step.rule](field, step, runner)
    if step.rule in {Rule.BEST, Rule.WORTH}:
        return f"Enters {told}."
    return f"Enters {told}{_otherwise(price_limit(field, step))}."


def leaving(choice: Choice, step: Step, leaver: VariantId) -> str:
    """Say why a member that could be compared leaves for another."""
    field = choice.field
    gone, entrant = field.runners[leaver], field.runners[step.entrant]
    if step.rule is Rule.COST_SWAP:
        return (
            f"Leaves for {entrant.id}, which costs {usd(entrant.usd_per_task)} instead of "
            f"{usd(gone.usd_per_task)} per task at {lead(entrant, gone)}."
        )
    if gone.dominated:
        return f"Leaves for {entrant.id}: {dominance(field, gone)}."
    return f"Leaves for {entrant.id}, which is better by {lead(entrant, gone)}."


def ending(choice: Choice, incumbent: Incumbent, successor: VariantId | None) -> str:
    """Say why a member leaves by its announced date, and who takes its place."""
    early = "Leaves ahead of its end" if incumbent.cause is Cause.RETIRING else "Leaves at once"
    after = (
        f"Its successor is {successor}."
        if successor is not None
        else f"It has no successor: of {len(choice.field.eligible)} eligible variants no other has a free "
        "family and vendor."
    )
    return f"{early}: {incumbent.detail} {after}"


def succeeding(choice: Choice, gone: VariantId) -> str:
    """Say whom an entrant succeeds, and when that one ends."""
    incumbent = choice.field.incumbents[gone]
    end = incumbent.ends_on
    said = "retires" if incumbent.cause is Cause.RETIRING else "was retired"
    return f"It succeeds {gone}, which {said} on {end}."


def _otherwise(limit: tuple[float, str] | None) -> str:
    return f"; would not above {usd(limit[0])} per task ({limit[1]})" if limit else ""


def _best(field: Field, _step: Step, runner: Runner) -> str:
    return (
        f"as the best quality of {len(field.eligible)} eligible variants, {elo(runner.elo)} above the anchor"
    )


def _worth(field: Field, step: Step, runner: Runner) -> str:
    told = f"with U = {signed_usd(runner.utility)} per task, the best that fits"
    if step.runner_up is None:
        return told
    other = field.runners[step.runner_up]
    return f"{told}; next is {other.id} with {signed_usd(other.utility)}"


def _challenge(field: Field, step: Step, runner: Runner) -> str:
    names = dict.fromkeys(name for name in (step.against, step.leaver) if name in field.runners)
    beaten = " and ".join(f"{name} by {lead(runner, field.runners[name])}" for name in names if name)
    place = "a vacant place" if step.leaver is None else f"for {step.leaver}"
    return f"{place} because it beats {beaten}"


def _domination(field: Field, step: Step, runner: Runner) -> str:
    if step.leaver is None:
        return f"a vacant place as the best value outside a dominated variant's interval, {elo(runner.elo)}"
    gone = field.runners[step.leaver]
    if runner.elo > gone.elo:
        return f"for {gone.id}, the best value of those that are clearly better: {lead(runner, gone)}"
    return (
        f"for {gone.id}, which is dominated while nobody better may take its place: the best value at "
        f"{usd(runner.usd_per_task)} per task, {lead(runner, gone)}"
    )


def _vacancy(field: Field, _step: Step, runner: Runner) -> str:
    told = f"a vacant place as the best value: {elo(runner.elo)} at {usd(runner.usd_per_task)} per task"
    if not runner.dominated:
        return told
    return f"{told}, although {dominance(field, runner)}"


def _cost_swap(field: Field, step: Step, runner: Runner) -> str:
    if step.leaver is None:
        return f"as the better value: {elo(runner.elo)} at {usd(runner.usd_per_task)} per task"
    gone = field.runners[step.leaver]
    return (
        f"for {gone.id} because it costs {usd(runner.usd_per_task)} instead of {usd(gone.usd_per_task)} "
        f"per task at {lead(runner, gone)}"
    )
