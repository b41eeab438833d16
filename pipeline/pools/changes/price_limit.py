"""Finds the cost per task up to which an entrant would enter, by asking the rules again at other costs."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from pipeline.pools.changes.membership import Step, steps_of
from pipeline.pools.tier_selection import TierSelection, may_swap
from pipeline.pools.worth.candidate import Candidate, by_value
from pipeline.pools.worth.value import value_at

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pipeline.pools.selection_input import SelectionInput


_DEAREST: Final = 1024.0
"""Times today's cost up to which a limit is looked for; beyond it nothing bounds the variant."""
_PRECISION: Final = 1e-5
"""Share of the limit to which it is found: finer than the digits that are shown."""


def price_limit(inputs: SelectionInput, selection: TierSelection, step: Step) -> tuple[float, str] | None:
    """Cost per task above which the entrant would not enter, and why; None where nothing bounds it.

    All else stays as it is. Just below the limit it enters; just above it passes the tier's ceiling, somebody
    else takes the place, or its holder stays.
    """
    entrant, ceiling = selection.field.candidates[step.entrant], selection.field.tier.ceiling_usd_per_task

    def steps_at(usd_per_task: float) -> Sequence[Step]:
        return _steps_at(inputs, selection, entrant, usd_per_task)

    def enters(usd_per_task: float) -> bool:
        return any(one.entrant == entrant.id for one in steps_at(usd_per_task))

    dearest = _DEAREST * entrant.usd_per_task if ceiling is None else ceiling
    if enters(dearest):
        return None if ceiling is None else (ceiling, "the tier's ceiling")
    low, high = _turn(enters, entrant.usd_per_task, dearest)
    return low, _instead(selection, step, steps_at(high))


def _steps_at(
    inputs: SelectionInput, selection: TierSelection, entrant: Candidate, usd_per_task: float
) -> Sequence[Step]:
    """Select the members again with one variant at another cost per task."""
    field, bands, price = selection.field, inputs.policy.bands, entrant.price_of_answer
    priced = replace(
        entrant,
        usd_per_task=usd_per_task,
        simple=value_at(usd_per_task, entrant.quality, bands["simple"] * price),
        value=value_at(usd_per_task, entrant.quality, price),
        complex=value_at(usd_per_task, entrant.quality, bands["complex"] * price),
    )
    others = (one for one in field.eligible if one.id != entrant.id)
    supposed = replace(
        field,
        candidates={**field.candidates, entrant.id: priced},
        eligible=tuple(sorted((*others, priced), key=by_value)),
    )
    return steps_of(supposed, may_swap=may_swap(inputs))[1]


def _instead(selection: TierSelection, step: Step, found: Sequence[Step]) -> str:
    """Say what happens to the place just above the limit."""
    today = {one.entrant for one in selection.steps}
    other = next((one.entrant for one in found if one.entrant not in today), None)
    if other is not None:
        return f"{other} would enter instead"
    return f"{step.leaver} would stay" if step.leaver else "the other entrants would take its place"


def _turn(passes: Callable[[float], bool], low: float, high: float) -> tuple[float, float]:
    """Narrow down a cost that passes and a higher one that does not, by halving in log cost."""
    while high > low * (1 + _PRECISION):
        middle = math.sqrt(low * high)
        low, high = (middle, high) if passes(middle) else (low, middle)
    return low, high
