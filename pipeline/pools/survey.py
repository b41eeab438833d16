"""Look over a tier: judge every variant of its evidence, and every published member."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pipeline.domain.names import VariantId
from pipeline.domain.score import Scoreboard, Unpriced
from pipeline.domain.week import weeks_between
from pipeline.pools.applicant import Applicant, LeftOut, Terms
from pipeline.pools.eligible import ESTIMATES, STATIC, first_failing
from pipeline.pools.facts import facts_of
from pipeline.pools.field import Field
from pipeline.pools.floor import floor_of
from pipeline.pools.incumbents import Incumbent, Status, judge, within_limits
from pipeline.pools.pressure import runners_of
from pipeline.pools.runner import Runner, Seat, by_quality, by_value

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from pipeline.domain.names import TierName
    from pipeline.domain.policy import ChangePolicy
    from pipeline.domain.pool import Member
    from pipeline.pools.brief import Brief

_UNKNOWN: Final = LeftOut(rule="not_routed", detail="The crosswalk does not hold it, so it has no route.")


def survey(brief: Brief, name: TierName) -> Field:
    """Judge every variant of a tier's evidence, and every published member of the tier."""
    tier = brief.policy.tiers[name]
    board = brief.scoreboards.get(tier.evidence) or _no_data(tier.evidence)
    floor = floor_of(tier, board)
    terms = Terms(tier=tier, routes=brief.policy.routes, today=brief.as_of.date(), floor=floor)
    lines = {VariantId(line.variant): line for line in brief.lines(name)}
    names = sorted({*board.scores, *board.unscored, *lines})
    applicants = {v: _applicant(brief, board, v, lines.get(v)) for v in names if v in brief.variants}
    static = {v: first_failing(terms, applicants[v], STATIC) if v in applicants else _UNKNOWN for v in names}
    drawable = tuple(v for v in names if static[v] is None)
    verdicts = static | {v: first_failing(terms, applicants[v], ESTIMATES) for v in drawable}
    incumbents = {one.id: one for one in _judged(brief, terms, lines, applicants)}
    eligible = [v for v in names if verdicts[v] is None]
    present = {v for v, one in incumbents.items() if one.status is Status.PRESENT}
    runners = _runners(brief, name, board, present, eligible)
    able = tuple(sorted((runners[v] for v in eligible), key=by_quality))
    cooling = _cooling(brief, name)
    return Field(
        name=name,
        tier=tier,
        change=brief.policy.change,
        terms=terms,
        scoreboard=board,
        runners=runners,
        eligible=able,
        left_out={v: verdict for v, verdict in verdicts.items() if verdict},
        drawable=drawable,
        incumbents=incumbents,
        cooling=cooling,
        stages=_stages(able, brief.policy.change, cooling),
    )


def _runners(
    brief: Brief,
    name: TierName,
    board: Scoreboard,
    present: Collection[VariantId],
    eligible: Collection[VariantId],
) -> Mapping[VariantId, Runner]:
    seats = (_seat(brief, variant) for variant in sorted({*present, *eligible}))
    entries = [(seat, board.scores[seat.variant]) for seat in seats]
    tier, change = brief.policy.tiers[name], brief.policy.change
    return runners_of(entries, frozenset(eligible), tier=tier, change=change)


def _applicant(brief: Brief, board: Scoreboard, variant: VariantId, line: Member | None) -> Applicant:
    known = brief.variants[variant]
    score = board.scores.get(variant) or board.unscored.get(variant)
    amounts = _amounts(brief, board, variant, line)
    return Applicant(
        variant=known,
        score=score,
        facts=facts_of(known, brief.profiles.get(variant), line),
        usd_per_task=amounts and amounts[0],
        list_usd_per_mtok=amounts and amounts[1],
    )


def _amounts(
    brief: Brief, board: Scoreboard, variant: VariantId, line: Member | None
) -> tuple[float, float] | None:
    """Dollars per task and blended list price: this evidence, the others, the published line.

    A price that passed the ceiling must be seen although the quality is missing.
    """
    others = (brief.scoreboards[name] for name in sorted(brief.scoreboards))
    for source in (board, *others):
        score = source.scores.get(variant)
        if score is not None and not isinstance(score.cost, Unpriced):
            return score.cost.usd_per_task, score.cost.price.blended_usd_per_mtok
    if line is None:
        return None
    price = line.price
    blended = (3 * price.input_microusd_per_mtok + price.output_microusd_per_mtok) / 4e6
    return float(line.usd_per_task), blended


def _judged(
    brief: Brief,
    terms: Terms,
    lines: Mapping[VariantId, Member],
    applicants: Mapping[VariantId, Applicant],
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
    return within_limits(judged, terms.tier.k)


def _cooling(brief: Brief, name: TierName) -> frozenset[VariantId]:
    weeks = brief.policy.change.cooldown_weeks
    return frozenset(
        variant
        for (tier, variant), left in brief.memory.left_pool.items()
        if tier == name and weeks and 0 <= weeks_between(left, brief.week) <= weeks
    )


def _stages(
    eligible: tuple[Runner, ...], change: ChangePolicy, cooling: frozenset[VariantId]
) -> tuple[tuple[Runner, ...], ...]:
    """Outsiders by value, in the order in which method 7.3 and 7.4 relax what is asked of them."""
    ranked = sorted(eligible, key=by_value)
    admissible = [one for one in ranked if one.pressure <= change.admissible_joint]
    rested = [one for one in admissible if one.id not in cooling]
    reach = eligible[0].elo - change.reach_elo if eligible else 0.0
    return (
        tuple(one for one in rested if one.elo >= reach),
        tuple(rested),
        tuple(admissible),
        tuple(one for one in ranked if not one.dominated),
        tuple(ranked),
    )


def _seat(brief: Brief, variant: VariantId) -> Seat:
    known = brief.variants[variant]
    return Seat(variant=variant, vendor=known.vendor, family=known.family)


def _no_data(evidence: str) -> Scoreboard:
    return Scoreboard(
        evidence=evidence,
        anchors=(),
        anchor_rating=None,
        reference=(),
        reference_theta=0.0,
        fits=(),
        scores={},
        unscored={},
    )
