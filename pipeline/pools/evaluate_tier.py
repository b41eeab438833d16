"""Evaluates a tier: every variant of its evidence, and every published member."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Final

from pipeline.domain.calendar import monday, week_of
from pipeline.domain.ids import TierName, VariantId
from pipeline.domain.score import Cost, NoPrice, Score, Scoreboard
from pipeline.pools.changes.declined_changes import standing_answers
from pipeline.pools.changes.incumbents import Incumbent, Status, evaluate_incumbents, within_limits
from pipeline.pools.eligibility.candidate_facts import (
    CandidateFacts,
    Exclusion,
    TierRequirements,
    route_facts,
)
from pipeline.pools.eligibility.registry import ESTIMATES, STATIC, first_failing
from pipeline.pools.worth.candidate import Candidate, Slot, by_value
from pipeline.pools.worth.concentration import NOBODY, VendorHoldings
from pipeline.pools.worth.floor import floor_of
from pipeline.pools.worth.tier_candidates import TierCandidates
from pipeline.pools.worth.value import NORMAL_95, to_elo, value_at

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pipeline.domain.crosswalk import Variant
    from pipeline.domain.policy import TierPolicy
    from pipeline.domain.pool import Member
    from pipeline.pools.selection_input import SelectionInput

_UNKNOWN: Final = Exclusion(rule="not_routed", detail="The crosswalk does not hold it, so it has no route.")


def evaluate_tier(
    inputs: SelectionInput, name: TierName, elsewhere: VendorHoldings = NOBODY
) -> TierCandidates:
    """Judge every variant of a tier's evidence, and every published member of the tier.

    Args:
        inputs: The week.
        name: The tier.
        elsewhere: What vendors hold in the tiers that chose before.
    """
    policy, tier = inputs.policy, inputs.policy.tiers[name]
    board = _board(inputs, tier.evidence)
    terms = _terms(inputs, tier, board)
    lines = {VariantId(line.variant): line for line in inputs.lines(name)}
    names = sorted({*board.scores, *board.unscored, *lines})
    facts = {v: _candidate_facts(inputs, board, v, lines.get(v)) for v in names if v in inputs.variants}
    static = {v: first_failing(terms, facts[v], STATIC) if v in facts else _UNKNOWN for v in names}
    drawable = tuple(v for v, verdict in static.items() if verdict is None)
    verdicts = {**static, **{v: first_failing(terms, facts[v], ESTIMATES) for v in drawable}}
    incumbents = {one.id: one for one in _judge_candidates(inputs, terms, lines, facts, elsewhere)}
    eligible = [v for v in drawable if verdicts[v] is None]
    compared = sorted({*eligible, *(v for v, one in incumbents.items() if one.status is Status.PRESENT)})
    candidates = {v: _candidate(inputs, tier, facts[v].variant, board.scores[v]) for v in compared}
    return TierCandidates(
        name=name,
        tier=tier,
        change=policy.change,
        worth=policy.worth,
        terms=terms,
        scoreboard=board,
        candidates=candidates,
        eligible=tuple(sorted((candidates[v] for v in eligible), key=by_value)),
        left_out={v: verdict for v, verdict in verdicts.items() if verdict},
        drawable=drawable,
        incumbents=incumbents,
        published_bands=inputs.bands(name),
        cooling=_left_lately(inputs, name),
        elsewhere=elsewhere,
        answered=standing_answers(inputs, name, board),
    )


def _candidate(inputs: SelectionInput, tier: TierPolicy, variant: Variant, score: Score) -> Candidate:
    """Put a scored and priced variant in the units that the rules use."""
    if not isinstance(score.cost, Cost):
        raise TypeError(f"{variant.id}: a candidate has a cost")
    quality, usd, worth = score.quality, score.cost.usd_per_task, tier.lambda_usd
    slope = NORMAL_95 * quality * (1 - quality)
    return Candidate(
        slot=Slot(variant=variant.id, vendor=variant.vendor, family=variant.family),
        elo=to_elo(score.theta),
        quality=quality,
        half_width=slope * score.sigma_measured,
        between=slope * score.sigma_between,
        boards=frozenset(score.speaking),
        usd_per_task=usd,
        price_of_answer=worth,
        simple=value_at(usd, quality, worth * inputs.policy.bands["simple"]),
        value=value_at(usd, quality, worth),
        complex=value_at(usd, quality, worth * inputs.policy.bands["complex"]),
    )


def _board(inputs: SelectionInput, evidence: str) -> Scoreboard:
    """Return the scores of an evidence; an empty board where the brief has none."""
    return inputs.scoreboards.get(evidence) or Scoreboard(
        evidence=evidence,
        anchors=(),
        anchor_rating=None,
        reference=(),
        reference_theta=0.0,
        fits=(),
        scores={},
        unscored={},
    )


def _candidate_facts(
    inputs: SelectionInput, board: Scoreboard, variant: VariantId, line: Member | None
) -> CandidateFacts:
    """Gather what the rules look at; a published line answers what nobody says this week."""
    known = inputs.variants[variant]
    usd, listed = next(_amounts(inputs, board, variant, line), (None, None))
    return CandidateFacts(
        variant=known,
        score=board.scores.get(variant) or board.unscored.get(variant),
        facts=route_facts(known, inputs.profiles.get(variant), line),
        usd_per_task=usd,
        list_usd_per_mtok=listed,
    )


def _amounts(
    inputs: SelectionInput, board: Scoreboard, variant: VariantId, line: Member | None
) -> Iterator[tuple[float, float]]:
    """Dollars per task and blended list price: this evidence, the others, the published line.

    A price that passed the ceiling must be seen although the quality is missing.
    """
    score = board.scores.get(variant)
    if score is not None and not isinstance(score.cost, NoPrice):
        yield score.cost.usd_per_task, score.cost.price.blended_usd_per_mtok
    for name in sorted(inputs.scoreboards):
        score = inputs.scoreboards[name].scores.get(variant)
        if score is not None and not isinstance(score.cost, NoPrice):
            yield score.cost.usd_per_task, score.cost.price.blended_usd_per_mtok
    if line is not None:
        price = line.price
        blended = (3 * price.input_microusd_per_mtok + price.output_microusd_per_mtok) / 4e6
        yield float(line.usd_per_task), blended


def _terms(inputs: SelectionInput, tier: TierPolicy, board: Scoreboard) -> TierRequirements:
    policy = inputs.policy
    return TierRequirements(
        tier=tier,
        routes=policy.routes,
        today=inputs.as_of.date(),
        floor=floor_of(tier, board),
        regions=policy.regions,
        licences=policy.licences,
    )


def _judge_candidates(
    inputs: SelectionInput,
    terms: TierRequirements,
    lines: Mapping[VariantId, Member],
    candidate_facts: Mapping[VariantId, CandidateFacts],
    elsewhere: VendorHoldings,
) -> tuple[Incumbent, ...]:
    allowed = inputs.policy.change.missing_runs
    judged = (
        evaluate_incumbents(
            line,
            candidate_facts.get(variant),
            terms,
            missed=inputs.memory.missing_runs.get(variant, 0),
            allowed=allowed,
        )
        for variant, line in lines.items()
    )
    return within_limits(judged, terms.tier.k, elsewhere)


def _left_lately(inputs: SelectionInput, name: TierName) -> frozenset[VariantId]:
    """Who left this tier's pool in the weeks before; ISO weeks as text sort as they follow each other."""
    weeks = inputs.policy.change.cooldown_weeks
    if not weeks:
        return frozenset()
    first = week_of(datetime.combine(monday(inputs.week) - timedelta(weeks=weeks), time(), UTC))
    return frozenset(
        variant
        for (tier, variant), left in inputs.memory.left_pool.items()
        if tier == name and first <= left <= inputs.week
    )
