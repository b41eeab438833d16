"""The numbers inside the sentences: leads, dominance, and the price at which it would be otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pipeline.pools.runner import clearly_better, joint
from pipeline.pools.step import Rule
from pipeline.pools.words import elo, usd

if TYPE_CHECKING:
    from pipeline.pools.field import Field
    from pipeline.pools.runner import Runner
    from pipeline.pools.step import Step

_BY_VALUE: Final = frozenset({Rule.DOMINATION, Rule.VACANCY, Rule.COST_SWAP})


def lead(one: Runner, other: Runner) -> str:
    """Write by how much `one` is better, beside the joint interval of the two."""
    return f"{elo(one.elo - other.elo)} (joint {joint(one, other):.1f})"


def dominance(field: Field, runner: Runner) -> str:
    """Say who dominates a variant, and below which cost per task nobody would."""
    rivals = [other for other in field.eligible if clearly_better(other, runner)]
    price = min((rival.usd_per_task for rival in rivals), default=runner.usd_per_task)
    if runner.rival is None:
        return f"{runner.id} costs {usd(runner.usd_per_task)} per task"
    rival = field.runners[runner.rival]
    return (
        f"{rival.id} is not dearer ({usd(rival.usd_per_task)} against {usd(runner.usd_per_task)} per "
        f"task) and better by {lead(rival, runner)}; below {usd(price)} nobody would be"
    )


def price_limit(field: Field, step: Step) -> tuple[float, str] | None:
    """Cost per task above which the entrant would not enter, and why; None where nothing bounds it.

    Above it the entrant passes the ceiling, or is no longer admissible because a clearly better
    variant is then not dearer, or somebody else has the better value. A vacancy is filled with
    whoever is left, so there only the ceiling and the next in value count.
    """
    runner = field.runners[step.entrant]
    limits: list[tuple[float, str]] = []
    if field.tier.ceiling_usd_per_task is not None:
        limits.append((field.tier.ceiling_usd_per_task, "the tier's ceiling"))
    if step.leaver is not None:
        limits += [
            (other.usd_per_task, f"{other.id} would then be better and not dearer")
            for other in field.eligible
            if clearly_better(other, runner, field.change.admissible_joint)
        ]
    rivals = [step.runner_up] if step.rule in _BY_VALUE else []
    if step.rule is Rule.COST_SWAP:
        rivals.append(step.leaver)
    for name in rivals:
        if name is not None:
            other = field.runners[name]
            level = 10 ** ((runner.elo - other.key) / field.change.price_weight_elo)
            limits.append((level, f"{name} would then be the better value"))
    return min(limits, default=None)
