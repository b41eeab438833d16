"""Every variant under one evidence: its score and cost, or why it has none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.domain.names import AA_USD_PER_TASK
from pipeline.domain.score import Score, Scoreboard, Unpriced, Unscored
from pipeline.errors import UsageError
from pipeline.scoring.boards import read_boards
from pipeline.scoring.combine import combine
from pipeline.scoring.cost import ladder_cost, measured_cost
from pipeline.scoring.equate import assumed_tau
from pipeline.scoring.price import agreed_price
from pipeline.scoring.quality import choose_reference, preference
from pipeline.scoring.table import by_scale, largest_scale

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pipeline.domain.crosswalk import Crosswalk, Measure, Resolution
    from pipeline.domain.names import VariantId
    from pipeline.domain.observation import Price
    from pipeline.domain.policy import Evidence, Policy
    from pipeline.domain.score import BoardScore, Cost, Fit
    from pipeline.scoring.boards import Boards
    from pipeline.scoring.combine import Combined
    from pipeline.scoring.quality import Reference


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rated:
    """A variant's boards and what they say together."""

    boards: tuple[BoardScore, ...]
    combined: Combined
    confirmed: bool
    """Whether a board that theta rests on is confirmed."""


def score(evidence_name: str, resolution: Resolution, crosswalk: Crosswalk, policy: Policy) -> Scoreboard:
    """Score and price all variants of the crosswalk under one evidence (method sections 2 to 4).

    Args:
        evidence_name: Which two boards to believe, a key of `policy.evidence`.
        resolution: This week's measures and offers, in any order.
        crosswalk: The variants and the judged prices.
        policy: Constants of quality and cost.

    Returns:
        A Score or an Unscored for every variant; without an Arena row all are unscored.

    Raises:
        UsageError: The policy lacks the evidence or a constant, or the crosswalk a measured variant.
    """
    evidence = _evidence(evidence_name, policy)
    _check_known(resolution, crosswalk)
    boards = read_boards(resolution.measures, evidence, policy.quality)
    rated = {} if boards is None else _rate(boards, assumed_tau(policy.quality))
    reference = choose_reference(
        {name: entry.combined.theta for name, entry in rated.items() if entry.confirmed},
        policy.quality.reference_count,
    )
    costs = _costs(tuple(rated), resolution, crosswalk, policy)
    fits = () if boards is None else boards.fits
    listed = _listed(resolution.measures, evidence)
    return Scoreboard(
        evidence=evidence_name,
        anchors=() if boards is None else boards.anchor.variants,
        anchor_rating=None if boards is None else boards.anchor.rating,
        reference=reference.variants,
        reference_theta=reference.theta,
        fits=fits,
        scores={name: _score(name, entry, reference, costs[name]) for name, entry in rated.items()},
        unscored={
            name: _unscored(name, listed.get(name, ()), evidence, fits)
            for name in sorted(crosswalk.variants.keys() - rated.keys())
        },
    )


def _evidence(name: str, policy: Policy) -> Evidence:
    if name not in policy.evidence:
        raise UsageError(
            f"the policy defines no evidence {name!r}, only {', '.join(sorted(policy.evidence))}",
            hint=f"Add [evidence.{name}] to data/policy/tiers.toml.",
        )
    return policy.evidence[name]


def _check_known(resolution: Resolution, crosswalk: Crosswalk) -> None:
    unknown = {measure.variant for measure in resolution.measures} - crosswalk.variants.keys()
    if unknown:
        raise UsageError(
            f"a measure names {min(unknown)}, which is not a variant of the crosswalk",
            hint="Add its line to data/crosswalk/variants.csv, or correct data/crosswalk/judgements.csv.",
        )


def _rate(boards: Boards, assumed: float) -> Mapping[VariantId, _Rated]:
    """Combine what each variant's boards say, by id.

    An index version that is not merged stays in `boards` for the report and the floor, and has no
    part in theta. Of several merged versions a variant is on, the first fit's speaks: two versions
    of one index are not two sources.
    """
    rated = {}
    fits = {fit.scale: fit for fit in boards.fits}
    default = boards.fits[0].tau if boards.fits else assumed
    for name in sorted(boards.arena.keys() | boards.index.keys()):
        arena = (boards.arena[name],) if name in boards.arena else ()
        index = boards.index.get(name, ())
        merged = tuple(board for board in index if fits[board.scale].merged)[:1]
        used = arena + merged
        if used:
            tau = fits[merged[0].scale].tau if merged else default
            rated[name] = _Rated(
                boards=arena + index,
                combined=combine(used, tau),
                confirmed=any(board.confirmed for board in used),
            )
    return rated


def _score(variant: VariantId, rated: _Rated, reference: Reference, cost: Cost | Unpriced) -> Score:
    combined = rated.combined
    quality = preference(combined.theta, combined.sigma, reference.theta)
    return Score(
        variant=variant,
        boards=rated.boards,
        theta=combined.theta,
        sigma=combined.sigma,
        sigma_measured=combined.sigma_measured,
        quality=quality.value,
        quality_low=quality.low,
        quality_high=quality.high,
        confirmed=rated.confirmed,
        cost=cost,
    )


def _listed(measures: Sequence[Measure], evidence: Evidence) -> Mapping[VariantId, tuple[str, ...]]:
    """Write down what the two boards publish, by variant, in one order."""
    listed: dict[VariantId, list[str]] = {}
    for measure in measures:
        seen = measure.observation
        if seen.metric in {evidence.arena, evidence.index}:
            words = f"{seen.metric} {seen.value:g} ({seen.scale})"
            listed.setdefault(measure.variant, []).append(words)
    return {name: tuple(sorted(words)) for name, words in listed.items()}


def _unscored(
    variant: VariantId, listed: tuple[str, ...], evidence: Evidence, fits: Sequence[Fit]
) -> Unscored:
    """Tell a variant that no board lists from one whose values are on no common scale."""
    if not listed:
        boards = f"{evidence.arena} nor {evidence.index}"
        return Unscored(variant=variant, reason="no_score", detail=f"neither {boards} lists it this week")
    state = [f"{fit.scale}: {fit.n} shared, R2 {fit.r2:.2f}" for fit in fits if not fit.merged]
    why = f" ({'; '.join(state)})" if state else ""
    detail = f"only {', '.join(listed)}, which is not on the Arena's scale{why}"
    return Unscored(variant=variant, reason="not_equated", detail=detail)


def _costs(
    variants: Sequence[VariantId], resolution: Resolution, crosswalk: Crosswalk, policy: Policy
) -> Mapping[VariantId, Cost | Unpriced]:
    """Price each variant, by the best grade of evidence there is for its verbosity."""
    offers: dict[VariantId, list[Price]] = {}
    for offer in resolution.offers:
        offers.setdefault(offer.variant, []).append(offer.price)
    published = _published_usd(resolution.measures)
    costs: dict[VariantId, Cost | Unpriced] = {}
    for name in variants:
        variant = crosswalk.variants[name]
        judged = crosswalk.prices.get(variant.release)
        price = agreed_price(offers.get(name, ()), judged, policy.cost.price_agreement)
        if isinstance(price, Unpriced):
            costs[name] = price
        elif name in published:
            costs[name] = measured_cost(price, published[name], policy.cost, policy.task_mix)
        else:
            costs[name] = ladder_cost(price, variant.effort, policy.cost, policy.task_mix)
    return costs


def _published_usd(measures: Sequence[Measure]) -> Mapping[VariantId, float]:
    """Dollars per index task where the index was really run, on the version most variants are on."""
    scales = by_scale(measures, AA_USD_PER_TASK)
    scale = largest_scale(scales)
    return {
        measure.variant: measure.observation.value
        for measure in (scales[scale] if scale is not None else ())
        if measure.observation.value > 0 and not measure.observation.estimated
    }
