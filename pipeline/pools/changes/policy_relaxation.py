"""Finds the smallest change of the policy that relaxes the rule which leaves a variant out."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from pipeline.pools.changes.membership import Step, steps_of
from pipeline.pools.eligibility.registry import relaxation_for
from pipeline.pools.eligibility.rule_relaxations import Relax, Relaxation, RelaxationCase, smallest_change
from pipeline.pools.tier_selection import TierSelection, may_swap, select_tier
from pipeline.pools.worth.candidate import Candidate, by_value
from pipeline.pools.worth.value import value_at

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from pipeline.domain.ids import VariantId
    from pipeline.pools.selection_input import SelectionInput


_PRICES: Final = frozenset({"price_unknown", "price_zero", "price_conflict"})


def relaxation_of(
    inputs: SelectionInput, choice: TierSelection, variant: VariantId, rule: str | None
) -> Relaxation | None:
    """Write the least change of the policy that relaxes a rule for a variant; None where none does.

    Args:
        inputs: What the tier was chosen from.
        choice: The tier as it was chosen.
        variant: Who is left out.
        rule: The rule that leaves it out, as its standing says; None: it is eligible, and not better enough.
    """
    lift = admitting_setting if rule is None else _LIMITS.get(rule) or relaxation_for(rule)
    known = inputs.variants.get(variant)
    return lift(RelaxationCase(inputs=inputs, choice=choice, variant=known)) if lift and known else None


def rules_without_relaxation(
    inputs: SelectionInput, choice: TierSelection, variant: VariantId, rule: str | None
) -> str:
    """Say why `relaxation_of` writes no line."""
    if rule is None:
        case = RelaxationCase(inputs=inputs, choice=choice, variant=inputs.variants[variant])
        return f"no line of the policy alone admits it ({try_setting(case)})"
    if rule in _PRICES:
        return "no line of the policy gives it a price; a line of data/crosswalk/prices.csv does"
    return f"no line of the policy lifts the rule {rule}"


def _cooldown(case: RelaxationCase) -> Relaxation | None:
    """Shorten the cooldown until the variant takes a place."""
    policy = case.inputs.policy

    def line(weeks: int) -> Relaxation:
        change = policy.change.model_copy(update={"cooldown_weeks": weeks})
        words = f"change.cooldown_weeks = {weeks}"
        return Relaxation(words=words, policy=policy.model_copy(update={"change": change}))

    def passes(weeks: int) -> bool:
        inputs = replace(case.inputs, policy=line(weeks).policy)
        return case.variant.id in select_tier(inputs, case.choice.field.name).places

    found = smallest_change(passes, range(policy.change.cooldown_weeks, -1, -1))
    return None if found is None else line(found)


def _vendor_limit(case: RelaxationCase) -> Relaxation:
    """A vendor may hold half of the places, rounded up (`worth.concentration`)."""
    here = sum(slot.vendor == case.variant.vendor for slot in case.choice.slots)
    return case.setting("k", 2 * here + 1)


def _vendor_total(case: RelaxationCase) -> Relaxation:
    policy = case.inputs.policy
    vendor = case.variant.vendor
    here = sum(slot.vendor == vendor for slot in case.choice.slots)
    most = case.choice.field.elsewhere.places.get(vendor, 0) + here + 1
    rules = policy.concentration.model_copy(update={"members_per_vendor": most})
    return Relaxation(
        words=f"concentration.members_per_vendor = {most}",
        policy=policy.model_copy(update={"concentration": rules}),
    )


_LIMITS: Final[Mapping[str, Relax]] = {
    "cooldown": _cooldown,
    "vendor_limit": _vendor_limit,
    "vendor_total": _vendor_total,
}
"""What relaxes the limits that are looked at after the rules of eligibility."""

_SHARES: Final = (1000, 750, 500, 250, 100, 50, 10, 1)
"""Thousandths of what the policy asks of a swap."""
_LOWER: Final = (1000, 900, 800, 700, 600, 500, 400, 300, 200, 100)
"""Thousandths of the tier's price of an answer."""
_HIGHER: Final = (1000, 1100, 1250, 1500, 2000, 3000, 5000, 10_000)
_PLACES: Final = 3
"""Further places that are tried."""


def admitting_setting(case: RelaxationCase) -> Relaxation | None:
    """Return the first line that makes an eligible variant a member, each tried alone; None where none does.

    First what a swap must add, then the places of the tier, then its price of an answer: from what touches
    the others least to what moves them all.
    """
    return next(_lines(case), None)


def try_setting(case: RelaxationCase) -> str:
    """Say which lines `admitting_setting` tries, and how far."""
    name, tier = case.choice.field.name, case.tier
    low, high = (tier.lambda_usd * end / 1000 for end in (_LOWER[-1], _HIGHER[-1]))
    return (
        f"tried, one at a time: change.least_gain_per_100 down to 0, change.swap_intervals down to "
        f"{_SHARES[-1] / 1000:.1%} of it, tiers.{name}.k up to {tier.k + _PLACES}, "
        f"tiers.{name}.lambda_usd from {low:g} to {high:g}"
    )


def _lines(case: RelaxationCase) -> Iterator[Relaxation]:
    change, tier = case.inputs.policy.change, case.tier
    ways: tuple[tuple[Callable[[int], Relaxation], tuple[int, ...]], ...] = (
        (
            lambda share: _change(case, "least_gain_per_100", change.least_gain_per_100 * share / 1000),
            (*_SHARES, 0),
        ),
        (lambda share: _change(case, "swap_intervals", change.swap_intervals * share / 1000), _SHARES),
        (lambda places: case.setting("k", places), tuple(range(tier.k, tier.k + _PLACES + 1))),
        (lambda share: _relax_margin(case, share), _LOWER),
        (lambda share: _relax_margin(case, share), _HIGHER),
    )
    for line, ladder in ways:
        found = _least_relaxation(case, line, ladder)
        if found is not None:
            yield found


def _least_relaxation(
    case: RelaxationCase, line: Callable[[int], Relaxation], ladder: tuple[int, ...]
) -> Relaxation | None:
    def admits(amount: int) -> bool:
        inputs = replace(case.inputs, policy=line(amount).policy)
        return case.variant.id in select_tier(inputs, case.choice.field.name).places

    found = smallest_change(admits, ladder)
    return None if found is None else line(found)


def _relax_margin(case: RelaxationCase, share: int) -> Relaxation:
    return case.setting("lambda_usd", float(f"{case.tier.lambda_usd * share / 1000:.6g}"))


def _change(case: RelaxationCase, key: str, value: float) -> Relaxation:
    policy, given = case.inputs.policy, float(f"{value:.6g}")
    change = policy.change.model_copy(update={key: given})
    return Relaxation(words=f"change.{key} = {given:g}", policy=policy.model_copy(update={"change": change}))


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
        return any(step.entrant == entrant.id for step in steps_at(usd_per_task))

    dearest = _DEAREST * entrant.usd_per_task if ceiling is None else ceiling
    if enters(dearest):
        return None if ceiling is None else (ceiling, "the tier's ceiling")
    low, high = _turning_point(enters, entrant.usd_per_task, dearest)
    return low, _place_words(selection, step, steps_at(high))


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
    others = (candidate for candidate in field.eligible if candidate.id != entrant.id)
    supposed = replace(
        field,
        candidates={**field.candidates, entrant.id: priced},
        eligible=tuple(sorted((*others, priced), key=by_value)),
    )
    return steps_of(supposed, may_swap=may_swap(inputs))[1]


def _place_words(selection: TierSelection, step: Step, found: Sequence[Step]) -> str:
    """Say what happens to the place just above the limit."""
    today = {one.entrant for one in selection.steps}
    other = next((one.entrant for one in found if one.entrant not in today), None)
    if other is not None:
        return f"{other} would enter instead"
    return f"{step.leaver} would stay" if step.leaver else "the other entrants would take its place"


def _turning_point(passes: Callable[[float], bool], low: float, high: float) -> tuple[float, float]:
    """Narrow down a cost that passes and a higher one that does not, by halving in log cost."""
    while high > low * (1 + _PRECISION):
        middle = math.sqrt(low * high)
        low, high = (middle, high) if passes(middle) else (low, middle)
    return low, high
