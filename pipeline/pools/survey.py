"""Look over a tier: judge every variant of its evidence, and every published member."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Final

from pipeline.domain.names import VariantId
from pipeline.domain.week import monday, week_of
from pipeline.pools.applicant import LeftOut, Terms
from pipeline.pools.eligible import ESTIMATES, STATIC, asked_by, first_failing
from pipeline.pools.field import Field
from pipeline.pools.floor import floor_of
from pipeline.pools.ground import applicant_of, board_of, ground_of
from pipeline.pools.incumbents import Incumbent, Status, judge, within_limits
from pipeline.pools.limits import NOBODY
from pipeline.pools.pressure import runners_of
from pipeline.pools.runner import Runner, by_quality, by_value

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from pipeline.domain.names import TierName
    from pipeline.domain.policy import ChangePolicy, TierPolicy
    from pipeline.domain.pool import Member
    from pipeline.pools.applicant import Applicant
    from pipeline.pools.brief import Brief
    from pipeline.pools.floor import Floor
    from pipeline.pools.ground import Ground
    from pipeline.pools.limits import Elsewhere

_UNKNOWN: Final = LeftOut(rule="not_routed", detail="The crosswalk does not hold it, so it has no route.")


def survey(
    brief: Brief, name: TierName, grounds: dict[str, Ground] | None = None, elsewhere: Elsewhere = NOBODY
) -> Field:
    """Judge every variant of a tier's evidence, and every published member of the tier.

    Args:
        brief: The week.
        name: The tier.
        grounds: What other tiers of the brief found, by evidence; what is missing is added.
        elsewhere: What vendors hold in the tiers that chose before.
    """
    tier = brief.policy.tiers[name]
    terms = _terms(brief, tier, floor_of(tier, board_of(brief, tier.evidence)))
    ground = _ground(brief, terms, {} if grounds is None else grounds)
    lines = {VariantId(line.variant): line for line in brief.lines(name)}
    applicants = _applicants(brief, ground, lines)
    static = _static(terms, ground, applicants, lines)
    drawable = tuple(v for v, verdict in static.items() if verdict is None)
    verdicts = {**static, **{v: first_failing(terms, applicants[v], ESTIMATES) for v in drawable}}
    incumbents = {one.id: one for one in _judged(brief, terms, lines, applicants, elsewhere)}
    eligible = [v for v in drawable if verdicts[v] is None]
    present = {v for v, one in incumbents.items() if one.status is Status.PRESENT}
    runners = _runners(brief, name, ground, present, eligible)
    able = tuple(sorted((runners[v] for v in eligible), key=by_quality))
    cooling = _cooling(brief, name)
    return Field(
        name=name,
        tier=tier,
        change=brief.policy.change,
        terms=terms,
        scoreboard=ground.board,
        runners=runners,
        eligible=able,
        left_out={v: verdict for v, verdict in verdicts.items() if verdict},
        drawable=drawable,
        incumbents=incumbents,
        cooling=cooling,
        elsewhere=elsewhere,
        stages=_stages(able, brief.policy.change, cooling),
    )


def _applicants(
    brief: Brief, ground: Ground, lines: Mapping[VariantId, Member]
) -> Mapping[VariantId, Applicant]:
    """Everybody the crosswalk holds; members with what their published line adds."""
    members = {
        name: applicant_of(brief, ground.board, name, line)
        for name, line in lines.items()
        if name in brief.variants
    }
    return {**ground.applicants, **members}


def _static(
    terms: Terms,
    ground: Ground,
    applicants: Mapping[VariantId, Applicant],
    lines: Mapping[VariantId, Member],
) -> Mapping[VariantId, LeftOut | None]:
    """Apply the rules that no draw can change, by id; the common ones were applied for all tiers."""
    found: dict[VariantId, LeftOut | None] = {}
    strangers, asked = lines.keys() - ground.barred.keys(), asked_by(terms.tier)
    for name in sorted({*ground.names, *strangers}) if strangers else ground.names:
        if name in ground.barred:
            found[name] = ground.barred[name] or first_failing(terms, applicants[name], asked)
        else:
            applicant = applicants.get(name)
            found[name] = first_failing(terms, applicant, STATIC) if applicant else _UNKNOWN
    return found


def _ground(brief: Brief, terms: Terms, grounds: dict[str, Ground]) -> Ground:
    evidence = terms.tier.evidence
    if evidence not in grounds:
        grounds[evidence] = ground_of(brief, terms)
    return grounds[evidence]


def _terms(brief: Brief, tier: TierPolicy, floor: Floor) -> Terms:
    policy = brief.policy
    return Terms(
        tier=tier,
        routes=policy.routes,
        today=brief.as_of.date(),
        floor=floor,
        regions=policy.regions,
        licences=policy.licences,
    )


def _runners(
    brief: Brief,
    name: TierName,
    ground: Ground,
    present: Collection[VariantId],
    eligible: Collection[VariantId],
) -> Mapping[VariantId, Runner]:
    names = sorted({*present, *eligible})
    entries = [(ground.seats[name], ground.board.scores[name]) for name in names]
    tier, change = brief.policy.tiers[name], brief.policy.change
    return runners_of(entries, frozenset(eligible), ground.leads, tier=tier, change=change)


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
