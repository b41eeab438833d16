"""Evaluates a tier: every variant of its evidence, and every published member."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Final

from pipeline.domain.names import VariantId
from pipeline.domain.score import Cost
from pipeline.domain.week import monday, week_of
from pipeline.pools.applicant import LeftOut, Terms
from pipeline.pools.candidate import Candidate, by_value
from pipeline.pools.eligible import ESTIMATES, STATIC, asked_by, first_failing
from pipeline.pools.evidence_context import applicant_of, board_of, context_of
from pipeline.pools.floor import floor_of
from pipeline.pools.incumbents import Incumbent, Status, judge, within_limits
from pipeline.pools.limits import NOBODY
from pipeline.pools.scale import NORMAL_95, to_elo
from pipeline.pools.tier_candidates import TierCandidates
from pipeline.pools.value import value_at

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pipeline.domain.names import TierName
    from pipeline.domain.policy import TierPolicy
    from pipeline.domain.pool import Member
    from pipeline.domain.score import Score
    from pipeline.pools.applicant import Applicant
    from pipeline.pools.brief import Brief
    from pipeline.pools.candidate import Slot
    from pipeline.pools.evidence_context import EvidenceContext
    from pipeline.pools.limits import Elsewhere

_UNKNOWN: Final = LeftOut(rule="not_routed", detail="The crosswalk does not hold it, so it has no route.")


Contexts = dict[str, "EvidenceContext"]
"""By evidence."""


def evaluate_tier(
    brief: Brief, name: TierName, contexts: Contexts | None = None, elsewhere: Elsewhere = NOBODY
) -> TierCandidates:
    """Judge every variant of a tier's evidence, and every published member of the tier.

    Args:
        brief: The week.
        name: The tier.
        contexts: What other tiers found, by evidence; what is missing is added.
        elsewhere: What vendors hold in the tiers that chose before.
    """
    policy, tier = brief.policy, brief.policy.tiers[name]
    terms = _terms(brief, tier)
    context = _context(brief, terms, {} if contexts is None else contexts)
    lines = {VariantId(line.variant): line for line in brief.lines(name)}
    applicants = _applicants(brief, context, lines)
    static = _static(terms, context, applicants, lines)
    drawable = tuple(v for v, verdict in static.items() if verdict is None)
    verdicts = {**static, **{v: first_failing(terms, applicants[v], ESTIMATES) for v in drawable}}
    incumbents = {one.id: one for one in _judged(brief, terms, lines, applicants, elsewhere)}
    eligible = [v for v in drawable if verdicts[v] is None]
    present = [v for v, one in incumbents.items() if one.status is Status.PRESENT]
    candidates = _candidates(brief, tier, context, sorted({*present, *eligible}))
    return TierCandidates(
        name=name,
        tier=tier,
        change=policy.change,
        worth=policy.worth,
        terms=terms,
        scoreboard=context.board,
        candidates=candidates,
        eligible=tuple(sorted((candidates[v] for v in eligible), key=by_value)),
        left_out={v: verdict for v, verdict in verdicts.items() if verdict},
        drawable=drawable,
        incumbents=incumbents,
        published_bands=brief.bands(name),
        cooling=_cooling(brief, name),
        elsewhere=elsewhere,
    )


def _candidates(
    brief: Brief, tier: TierPolicy, context: EvidenceContext, names: Iterable[VariantId]
) -> Mapping[VariantId, Candidate]:
    scores, slots = context.board.scores, context.slots
    return {name: _candidate(brief, tier, slots[name], scores[name]) for name in names}


def _candidate(brief: Brief, tier: TierPolicy, slot: Slot, score: Score) -> Candidate:
    """Put a scored and priced variant in the units that the rules use."""
    if not isinstance(score.cost, Cost):
        raise TypeError(f"{slot.variant}: a candidate has a cost")
    quality, usd, worth = score.quality, score.cost.usd_per_task, tier.lambda_usd
    slope = NORMAL_95 * quality * (1 - quality)
    return Candidate(
        slot=slot,
        elo=to_elo(score.theta),
        quality=quality,
        half_width=slope * score.sigma_measured,
        between=slope * score.sigma_between,
        boards=frozenset(score.speaking),
        usd_per_task=usd,
        price_of_answer=worth,
        simple=value_at(usd, quality, worth * brief.policy.bands["simple"]),
        value=value_at(usd, quality, worth),
        complex=value_at(usd, quality, worth * brief.policy.bands["complex"]),
    )


def _applicants(
    brief: Brief, context: EvidenceContext, lines: Mapping[VariantId, Member]
) -> Mapping[VariantId, Applicant]:
    """Everybody the crosswalk holds; members with what their published line adds."""
    members = {
        name: applicant_of(brief, context.board, name, line)
        for name, line in lines.items()
        if name in brief.variants
    }
    return {**context.applicants, **members}


def _static(
    terms: Terms,
    context: EvidenceContext,
    applicants: Mapping[VariantId, Applicant],
    lines: Mapping[VariantId, Member],
) -> Mapping[VariantId, LeftOut | None]:
    """Apply the rules that no draw can change, by id; the common ones were applied for all tiers."""
    found: dict[VariantId, LeftOut | None] = {}
    strangers, asked = lines.keys() - context.barred.keys(), asked_by(terms.tier)
    for name in sorted({*context.names, *strangers}) if strangers else context.names:
        if name in context.barred:
            found[name] = context.barred[name] or first_failing(terms, applicants[name], asked)
        else:
            applicant = applicants.get(name)
            found[name] = first_failing(terms, applicant, STATIC) if applicant else _UNKNOWN
    return found


def _context(brief: Brief, terms: Terms, contexts: dict[str, EvidenceContext]) -> EvidenceContext:
    evidence = terms.tier.evidence
    if evidence not in contexts:
        contexts[evidence] = context_of(brief, terms)
    return contexts[evidence]


def _terms(brief: Brief, tier: TierPolicy) -> Terms:
    policy = brief.policy
    return Terms(
        tier=tier,
        routes=policy.routes,
        today=brief.as_of.date(),
        floor=floor_of(tier, board_of(brief, tier.evidence)),
        regions=policy.regions,
        licences=policy.licences,
    )


def _judged(
    brief: Brief,
    terms: Terms,
    lines: Mapping[VariantId, Member],
    applicants: Mapping[VariantId, Applicant],
    elsewhere: Elsewhere,
) -> tuple[Incumbent, ...]:
    allowed = brief.policy.change.missing_runs
    judged = (
        judge(
            line,
            applicants.get(variant),
            terms,
            missed=brief.memory.missing_runs.get(variant, 0),
            allowed=allowed,
        )
        for variant, line in lines.items()
    )
    return within_limits(judged, terms.tier.k, elsewhere)


def _cooling(brief: Brief, name: TierName) -> frozenset[VariantId]:
    """Who left this tier's pool in the weeks before; ISO weeks as text sort as they follow each other."""
    weeks = brief.policy.change.cooldown_weeks
    if not weeks:
        return frozenset()
    first = week_of(datetime.combine(monday(brief.week) - timedelta(weeks=weeks), time(), UTC))
    return frozenset(
        variant
        for (tier, variant), left in brief.memory.left_pool.items()
        if tier == name and first <= left <= brief.week
    )
