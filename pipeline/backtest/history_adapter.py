"""Presents a past week to the product's own rules, and says what of a policy it can answer.

The very same rules judge it. Each model of a table is a variant of its own, with the vendor, family and
effort that its name tells; one whose name tells none is alone in its family and of a vendor of its own. It is
the only liberty taken, and none is taken with a week of the operator's own record, which brings its
resolution and crosswalk. A history holds two boards, prices and vendors by name; it states no capability.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Final

from pipeline.backtest.history import EFFORT, HistoryRow, WeekTable
from pipeline.domain.crosswalk import Crosswalk, JudgedPrice, Measure, NameFamily, Resolution, Variant
from pipeline.domain.document import sha256_hex
from pipeline.domain.effort_parameters import NOTHING
from pipeline.domain.ids import (
    AA_INTELLIGENCE,
    ARTIFICIAL_ANALYSIS,
    LMARENA_TEXT,
    SourceKey,
    SourceModelName,
    VariantId,
    arena_metric,
)
from pipeline.domain.observation import Observation
from pipeline.domain.policy import ConcentrationPolicy, Policy
from pipeline.errors import UsageError
from pipeline.scoring.scoreboard import score

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import date

    from pipeline.domain.crosswalk import Profile
    from pipeline.domain.score import ListPrice, Scoreboard


ARENA: Final = arena_metric("text", "overall")
"""The board a history holds."""

_UNASKED: Final = {
    "min_context_tokens": 0,
    "needs_tools": False,
    "needs_vision": False,
    "open_weights_only": False,
    "vendors_allowed": (),
    "vendors_denied": (),
    "regions_allowed": (),
    "licences_allowed": (),
}


def answerable_policy(policy: Policy) -> Policy:
    """Leave out the tiers that use other boards; unchanged where none would be left, to be refused."""
    known = {
        name
        for name, evidence in policy.evidence.items()
        if (evidence.arena, evidence.index) == (ARENA, AA_INTELLIGENCE)
    }
    tiers = {name: tier for name, tier in policy.tiers.items() if tier.evidence in known}
    return policy.model_copy(update={"tiers": tiers}) if tiers else policy


def judgeable_tiers(policy: Policy) -> Policy:
    """Lift what a history cannot answer: it states no licence or capability, and a vendor only by name.

    Raises:
        UsageError: A tier believes other boards than the text board and the intelligence index.
    """
    for name, tier in sorted(policy.tiers.items()):
        evidence = policy.evidence[tier.evidence]
        if (evidence.arena, evidence.index) != (ARENA, AA_INTELLIGENCE):
            raise UsageError(
                f"tier {name} believes {evidence.arena} and {evidence.index}",
                hint=f"A history holds {ARENA} and {AA_INTELLIGENCE}; leave the tier out of the policy.",
            )
    lifted = {name: tier.model_copy(update=_UNASKED) for name, tier in policy.tiers.items()}
    return policy.model_copy(update={"tiers": lifted, "concentration": ConcentrationPolicy()})


NOT_SOLD: Final = frozenset({"llama-4-maverick-03-26-experimental"})
"""Models that were rated and never offered, whatever a price column says: the variant of 2025-04 that the
board itself called customised for its voters. In a live week nobody could have judged a route for it."""

_UNTOLD: Final = NameFamily()
_NOTHING: Final = sha256_hex(b"")
"""A history is a compilation: it has no captures."""


def variant_id(model: str) -> VariantId:
    """Name the variant of a model of the history, whatever its effort; an own record names them already."""
    named = "@" in model and not model.endswith(f"@{EFFORT}")
    return VariantId(model if named else f"{model}@{EFFORT}")


def model_of(variant: str) -> str:
    """Name the model of a variant."""
    return variant.removesuffix(f"@{EFFORT}")


def variant_of(model: str, table: WeekTable) -> Variant:
    """Give a model of the history a line of the crosswalk."""
    return _cached_variant(model, table.kin.get(model, _UNTOLD))


@cache
def _cached_variant(model: str, kin: NameFamily) -> Variant:
    sold = None if model in NOT_SOLD else model
    return Variant(
        id=variant_id(model),
        vendor=kin.vendor or model,
        family=kin.family or model,
        release=model,
        effort=kin.effort or EFFORT,
        litellm=sold,
        openrouter=sold,
        litellm_effort=NOTHING if sold else None,
        openrouter_effort=NOTHING if sold else None,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoredWeek:
    """A past week in the words of the product: what every policy with the same basis sees in it."""

    table: WeekTable
    variants: Mapping[VariantId, Variant]
    scoreboards: Mapping[str, Scoreboard]
    """By the name of the evidence."""
    basis: tuple[object, ...]
    """What of a policy made the scores; see `basis_of`."""


def score_weeks(tables: Iterable[WeekTable], policy: Policy) -> Iterator[ScoredWeek]:
    """Score past weeks one by one, each as if there were no other.

    A policy that differs in its tiers, changes, seed or draws alone sees the same weeks: score them once
    (`tuple(score_weeks(...))`) and simulate them as often as there are such policies.

    Args:
        tables: Weeks in order.
        policy: Constants of quality and cost.
    """
    basis = basis_of(policy)
    for table in tables:
        variants, boards = _score_table(table, policy)
        yield ScoredWeek(table=table, variants=variants, scoreboards=boards, basis=basis)


def basis_of(policy: Policy) -> tuple[object, ...]:
    """Give what of a policy decides its scores: evidence in use, quality, cost and task mix."""
    used = sorted({tier.evidence for tier in policy.tiers.values()})
    scored = {name: (policy.evidence[name], policy.paying_for(name).task_mix) for name in used}
    return (scored, policy.quality, policy.cost)


def _score_table(
    table: WeekTable, policy: Policy
) -> tuple[Mapping[VariantId, Variant], Mapping[str, Scoreboard]]:
    """Return the week's lines of the crosswalk, and its scoreboards by the name of the evidence."""
    evidence = sorted({tier.evidence for tier in policy.tiers.values()})
    if (scene := table.scene) is not None:
        boards = {name: score(name, scene.resolution, scene.crosswalk, policy) for name in evidence}
        return scene.crosswalk.variants, boards
    variants = {variant_id(model): variant_of(model, table) for model in table.rows}
    prices = {
        row.model: (_judged_price(row.model, row.price, table.day),)
        for row in table.rows.values()
        if row.price
    }
    resolution = Resolution(measures=tuple(_measures(table)), offers=(), profiles={}, open_names=())
    crosswalk = Crosswalk(variants=variants, judgements={}, prices=prices, sha256=_NOTHING)
    return variants, {name: score(name, resolution, crosswalk, policy) for name in evidence}


def _measures(table: WeekTable) -> Iterator[Measure]:
    for row in table.rows.values():
        name = variant_id(row.model)
        yield Measure(variant=name, observation=_rating(row, table.day))
        if row.index is not None:
            yield Measure(variant=name, observation=_points(row, row.index, table.day))


def _rating(row: HistoryRow, day: date) -> Observation:
    return Observation(
        source=LMARENA_TEXT,
        key=SourceKey(row.model),
        name=SourceModelName(row.model),
        metric=ARENA,
        scale="history",
        value=row.score,
        low=row.low,
        high=row.high,
        votes=row.votes,
        observed_on=day,
        capture=_NOTHING,
    )


def _points(row: HistoryRow, index: float, day: date) -> Observation:
    return Observation(
        source=ARTIFICIAL_ANALYSIS,
        key=SourceKey(row.model),
        name=SourceModelName(row.model),
        metric=AA_INTELLIGENCE,
        scale="history",
        value=index,
        low=None,
        high=None,
        votes=None,
        estimated=row.index_estimated,
        observed_on=day,
        capture=_NOTHING,
    )


def _judged_price(model: str, price: ListPrice, day: date) -> JudgedPrice:
    return JudgedPrice(
        release=model,
        input_microusd_per_mtok=price.input_microusd_per_mtok,
        output_microusd_per_mtok=price.output_microusd_per_mtok,
        cache_read_microusd_per_mtok=None,
        valid_from=day,
        source_url="",
        decided_by="history",
        reason="The price that was publicly known on this day.",
    )


def profiles_of(table: WeekTable) -> Mapping[VariantId, Profile]:
    """Return what that week's catalogues said a route can do; nothing where only the table is known."""
    return {} if table.scene is None else table.scene.resolution.profiles


def member_variant(table: WeekTable, variant: VariantId, *, retired: bool) -> Variant | None:
    """Return the line of a member without a score or price that week, or None where it has none.

    Args:
        table: The week.
        variant: The member.
        retired: The reviewer was asked, and the answer is that it is gone.
    """
    scene = table.scene
    known = variant_of(model_of(variant), table) if scene is None else scene.crosswalk.variants.get(variant)
    return replace(known, retires_on=table.day) if known is not None and retired else known
