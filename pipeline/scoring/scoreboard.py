"""Scores every variant under one evidence: its quality and cost, or why it has none."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from pipeline.domain.score import Cost, Fit, NoPrice, NoScore, Score, Scoreboard
from pipeline.errors import UsageError
from pipeline.scoring.cost.task_cost import cost_variants
from pipeline.scoring.quality.boards import Boards, read_boards
from pipeline.scoring.quality.rating import Rater, choose_reference, may_be_reference, preference

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from pipeline.domain.crosswalk import Crosswalk, Measure, Resolution
    from pipeline.domain.ids import VariantId
    from pipeline.domain.policy import Evidence, Policy
    from pipeline.scoring.prices.route_prices import RoutePrices
    from pipeline.scoring.quality.rating import RatedVariant, Reference


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoringOptions:
    """What is left out of a week's scores, and what is known before them."""

    silent: Collection[str] = ()
    """Metrics that are left out; the Arena still makes the scale on which the index is put."""
    prices: RoutePrices | None = None
    """What `decide_prices` says of the same resolution; None: it is asked."""
    costs: Mapping[VariantId, Cost | NoPrice] = field(default_factory=dict)
    """Costs of variants under the same evidence, prices and mixes; computed unless all are here."""


NO_OPTIONS: Final = ScoringOptions()
"""Nothing is left out, and nothing is known before."""


def score(
    evidence_name: str,
    resolution: Resolution,
    crosswalk: Crosswalk,
    policy: Policy,
    options: ScoringOptions = NO_OPTIONS,
) -> Scoreboard:
    """Score and price all variants of the crosswalk under one evidence (method sections 2 to 4).

    Args:
        evidence_name: Which two boards to believe, a key of `policy.evidence`.
        resolution: This week's measures and offers, in any order.
        crosswalk: The variants and the judged prices.
        policy: Constants of quality and cost.
        options: What is left out, and what is known already.

    Returns:
        A Score or an Unscored for every variant; without an Arena row all are unscored.

    Raises:
        UsageError: The policy lacks the evidence or a constant, or the crosswalk a measured variant.
    """
    evidence, policy = _evidence(evidence_name, policy), policy.paying_for(evidence_name)
    _check_known(resolution, crosswalk)
    boards = _boards_of(resolution, evidence, policy, options.silent)
    rated = {} if boards is None else Rater(boards, crosswalk, policy).rate()
    reference = choose_reference(may_be_reference(rated), policy.quality.reference_count)
    if not rated.keys() <= (costs := options.costs).keys():
        costs = cost_variants(tuple(rated), resolution, crosswalk, policy, options.prices)
    fits = () if boards is None else boards.fits
    return Scoreboard(
        evidence=evidence_name,
        anchors=() if boards is None else boards.anchor.variants,
        anchor_rating=None if boards is None else boards.anchor.rating,
        reference=reference.variants,
        reference_theta=reference.theta,
        fits=fits,
        scores={name: _score(name, entry, reference, costs[name]) for name, entry in rated.items()},
        unscored=_no_scores(resolution.measures, evidence, crosswalk.variants.keys() - rated.keys(), fits),
    )


def reprice(
    board: Scoreboard,
    resolution: Resolution,
    crosswalk: Crosswalk,
    policy: Policy,
    supposed: RoutePrices | None = None,
) -> Scoreboard:
    """Score the same week with other task mixes or prices: no quality depends on them.

    Args:
        board: The week as it is scored.
        resolution: Its measures and offers.
        crosswalk: The variants and the judged prices.
        policy: A policy that differs in its task mixes alone.
        supposed: Prices to use in place of those that are decided.

    Raises:
        UsageError: The policy lacks the evidence or a constant.
    """
    _evidence(board.evidence, policy)
    policy = policy.paying_for(board.evidence)
    costs = cost_variants(tuple(board.scores), resolution, crosswalk, policy, supposed)
    scores = {name: replace(one, cost=costs[name]) for name, one in board.scores.items()}
    return replace(board, scores=scores)


def _evidence(name: str, policy: Policy) -> Evidence:
    if name not in policy.evidence:
        raise UsageError(
            f"the policy defines no evidence {name!r}, only {', '.join(sorted(policy.evidence))}",
            hint=f"Add [evidence.{name}] to data/policy/tiers.toml.",
        )
    return policy.evidence[name]


def _boards_of(
    resolution: Resolution, evidence: Evidence, policy: Policy, silent: Collection[str]
) -> Boards | None:
    """Put both boards on one scale, then take out the scores of excluded sources."""
    boards = read_boards(resolution.measures, evidence, policy.quality)
    if boards is None:
        return None
    return replace(
        boards,
        arena={} if evidence.arena in silent else boards.arena,
        index={} if evidence.index in silent else boards.index,
    )


def _check_known(resolution: Resolution, crosswalk: Crosswalk) -> None:
    unknown = {measure.variant for measure in resolution.measures} - crosswalk.variants.keys()
    if unknown:
        raise UsageError(
            f"a measure names {min(unknown)}, which is not a variant of the crosswalk",
            hint="Add its line to data/crosswalk/variants.csv, or correct data/crosswalk/judgements.csv.",
        )


def _score(variant: VariantId, rated: RatedVariant, reference: Reference, cost: Cost | NoPrice) -> Score:
    combined = rated.combined
    quality = preference(combined.theta, combined.sigma, reference.theta)
    return Score(
        variant=variant,
        boards=rated.boards,
        theta=combined.theta,
        sigma=combined.sigma,
        sigma_measured=combined.sigma_measured,
        sigma_between=combined.between,
        speaking=rated.speaking,
        expected=rated.expected,
        quality=quality.value,
        quality_low=quality.low,
        quality_high=quality.high,
        confirmed=rated.confirmed,
        cost=cost,
    )


def _no_scores(
    measures: Sequence[Measure], evidence: Evidence, unrated: Collection[VariantId], fits: Sequence[Fit]
) -> Mapping[VariantId, NoScore]:
    """Say why each variant has no score, with what the two boards publish of it, in one order."""
    listed: dict[VariantId, list[str]] = {name: [] for name in sorted(unrated)}
    for measure in measures:
        seen = measure.observation
        if measure.variant in listed and seen.metric in {evidence.arena, evidence.index}:
            words = f"{seen.metric} {seen.value:g} ({seen.scale})"
            listed[measure.variant].append(words)
    return {name: _no_score(name, tuple(sorted(words)), evidence, fits) for name, words in listed.items()}


def _no_score(
    variant: VariantId, listed: tuple[str, ...], evidence: Evidence, fits: Sequence[Fit]
) -> NoScore:
    """Tell a variant that no board lists from one whose values are on no common scale."""
    if not listed:
        boards = f"{evidence.arena} nor {evidence.index}"
        return NoScore(variant=variant, reason="no_score", detail=f"neither {boards} lists it this week")
    state = [f"{fit.scale}: {fit.n} shared, R2 {fit.r2:.2f}" for fit in fits if not fit.merged]
    why = f" ({'; '.join(state)})" if state else ""
    detail = f"only {', '.join(listed)}, which is not on the Arena's scale{why}"
    return NoScore(variant=variant, reason="not_equated", detail=detail)
