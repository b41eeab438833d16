"""Finds why a variant is not in a tier, and the smallest change that would admit it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from pipeline.domain.ids import MetricName, TierName, VariantId
from pipeline.flow.questions.identifier_lookup import known_tier, known_variant
from pipeline.flow.replay.last_run import LastRun, last_run
from pipeline.flow.run.score import ScoredWeek, score_resolved
from pipeline.identity.crosswalk.load import valid_on
from pipeline.pools.changes.membership import StepKind
from pipeline.pools.changes.policy_relaxation import relaxation_of, rules_without_relaxation
from pipeline.pools.eligibility.rule_relaxations import smallest_change
from pipeline.pools.reasons.report import standings_of
from pipeline.pools.tier_selection import TierSelection, select_tier
from pipeline.scoring.counterfactual import with_price, with_score
from pipeline.scoring.prices.comparison import in_dollars
from pipeline.scoring.scoreboard import ScoringOptions, reprice, score

if TYPE_CHECKING:
    from pipeline.domain.crosswalk import Crosswalk
    from pipeline.domain.score import Scoreboard
    from pipeline.settings import Settings
    from pipeline.workspace import Workspace

POINTS: Final = (0, 10, 20, 50, 100, 200, 350, 500, 750, 1000, 1500, 2000, 3000, 4000)
"""Tenths of an Arena point that are tried; 400 points are odds of ten to one."""
INDEX_POINTS: Final = (0, 10, 20, 50, 100, 150, 200, 300, 400)
"""Tenths of an index point."""
FACTORS: Final = (1000, 900, 800, 700, 600, 500, 400, 300, 200, 100, 50, 20, 10)
"""Thousandths of today's price."""
_INDEX_ENDS_AT: Final = 100
_SHARE: Final = "share of today's price"
_POLICY: Final = "policy"


@dataclass(frozen=True, slots=True, kw_only=True)
class AdmittingChange:
    """The smallest change of one number that admits the variant."""

    unit: str
    """`arena points`, `index points`, `share of today's price` or `policy`."""
    amount: float | None
    """What was found, and was tried: None where no change admits it."""
    words: str


_MEMBER: Final = AdmittingChange(unit="", amount=None, words="it is a member")


@dataclass(frozen=True, slots=True, kw_only=True)
class WhyNot:
    """The answer to "why not X?"."""

    run: str
    changed: tuple[str, ...]
    """What people changed since that run."""
    variant: VariantId
    tier: TierName
    rank: int | None
    """Its place, where it is a member."""
    rule: str | None
    """The first rule that keeps it out; None where no rule does and it is just not better enough."""
    detail: str
    score: AdmittingChange
    price: AdmittingChange
    setting: AdmittingChange
    """The line of the policy that lifts the rule; without an amount."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Trial:
    """One tier selected again with changed inputs."""

    last: LastRun
    assessment: ScoredWeek
    crosswalk: Crosswalk
    tier: TierName
    variant: VariantId
    choice: TierSelection
    """As the run chooses without the change."""

    def with_points(self, metric: MetricName, points: float) -> TierSelection:
        """Score and select as the run does, with another value of the variant on one board.

        No cost depends on a score.
        """
        rules, evidence = self.last.rules, self._evidence
        resolution = with_score(self.assessment.resolution, self.variant, metric, points)
        known = self.assessment.scoreboards[evidence].scores
        options = ScoringOptions(costs={name: one.cost for name, one in known.items()})
        board = score(evidence, resolution, self.crosswalk, rules.policy_of(evidence), options)
        return self._selection_from(board)

    def with_factor(self, factor: float) -> TierSelection:
        """Select as the run does, with the release's decided price times a factor."""
        rules, evidence, found = self.last.rules, self._evidence, self.assessment
        resolution, prices = with_price(found.resolution, found.prices, self.release, factor)
        board = found.scoreboards[evidence]
        return self._selection_from(
            reprice(board, resolution, self.crosswalk, rules.policy_of(evidence), prices),
        )

    @property
    def release(self) -> str:
        """What is priced: a vendor does not price efforts apart."""
        return self.crosswalk.variants[self.variant].release

    @property
    def _evidence(self) -> str:
        return self.last.rules.policy.tiers[self.tier].evidence

    def _selection_from(self, board: Scoreboard) -> TierSelection:
        boards = {**self.assessment.scoreboards, board.evidence: board}
        return select_tier(self.last.selection_input(replace(self.assessment, scoreboards=boards)), self.tier)


def why_not(workspace: Workspace, settings: Settings, variant: str, tier: str | None) -> WhyNot:
    """Answer for one variant and tier, on the captures of the last run.

    Raises:
        UsageError: No such variant or tier, no tier is named, or a file that people write is broken.
        RefusedError: There is no run to ask about, or its record is damaged.
    """
    last = last_run(workspace, settings)
    name, of_tier = known_variant(variant, last.rules), known_tier(tier, last.rules)
    assessment = last.assess()
    choice = select_tier(last.selection_input(assessment), of_tier)
    standing = next((one for one in standings_of(choice, {}) if one.variant == name), None)
    trial = _Trial(
        last=last,
        assessment=assessment,
        crosswalk=valid_on(last.rules.crosswalk, last.job.now.date()),
        tier=of_tier,
        variant=name,
        choice=choice,
    )
    member = name in choice.places
    return WhyNot(
        run=last.name,
        changed=last.changed,
        variant=name,
        tier=of_tier,
        rank=choice.places.index(name) + 1 if member else None,
        rule=standing.rule if standing else "no_score",
        detail=standing.detail if standing else "No board of this tier lists it.",
        setting=_MEMBER if member else _by_setting(trial, choice, standing.rule if standing else None),
        score=_MEMBER if member else _by_score(trial),
        price=_MEMBER if member else _by_price(trial),
    )


def _by_score(trial: _Trial) -> AdmittingChange:
    """Raise the published value on the Arena board; on the index where the Arena does not list it."""
    policy = trial.last.rules.policy
    evidence = policy.evidence[policy.tiers[trial.tier].evidence]
    arena, index = MetricName(evidence.arena), MetricName(evidence.index)
    rows = [
        measure.observation
        for measure in trial.assessment.resolution.measures
        if measure.variant == trial.variant
    ]
    listed = {row.metric: row.value for row in rows}
    if arena in listed:
        return _raise_rating(trial, arena, "arena points", POINTS)
    if index in listed:
        ladder = tuple(tenths for tenths in INDEX_POINTS if listed[index] + tenths / 10 < _INDEX_ENDS_AT)
        return _raise_rating(trial, index, "index points", ladder)
    words = f"neither {arena} nor {index} lists it: there is no score to change"
    return AdmittingChange(unit="arena points", amount=None, words=words)


def _raise_rating(trial: _Trial, metric: MetricName, unit: str, ladder: tuple[int, ...]) -> AdmittingChange:
    found = smallest_change(
        lambda tenths: trial.variant in trial.with_points(metric, tenths / 10).places, ladder
    )
    if found is None:
        out = _still_out(trial.with_points(metric, ladder[-1] / 10), trial.variant)
        words = f"no change of score admits it (tried up to +{ladder[-1] / 10:g} on {metric}; {out})"
        return AdmittingChange(unit=unit, amount=None, words=words)
    how = _entry_words(trial, trial.with_points(metric, found / 10))
    words = f"+{found / 10:.1f} on {metric} admits it {how}, all else equal"
    return AdmittingChange(unit=unit, amount=found / 10, words=words)


def _by_price(trial: _Trial) -> AdmittingChange:
    """Lower the price that the whole release is costed at: a vendor does not price efforts apart."""
    today = trial.assessment.prices.decision_of(trial.variant).counted
    if today is None:
        words = f"{trial.release} has no price, so none can change"
        return AdmittingChange(unit=_SHARE, amount=None, words=words)
    found = smallest_change(
        lambda thousandths: trial.variant in trial.with_factor(thousandths / 1000).places, FACTORS
    )
    if found is None:
        out = _still_out(trial.with_factor(FACTORS[-1] / 1000), trial.variant)
        words = f"no change of price admits it (tried down to {FACTORS[-1] / 1000:.0%}; {out})"
        return AdmittingChange(unit=_SHARE, amount=None, words=words)
    _, prices = with_price(trial.assessment.resolution, trial.assessment.prices, trial.release, found / 1000)
    then = prices.decision_of(trial.variant).counted or today
    how = _entry_words(trial, trial.with_factor(found / 1000))
    words = (
        f"{found / 1000:.1%} of the price used for {trial.release} today admits it {how}, all else equal: at "
        f"every effort {in_dollars(then)} per million tokens instead of {in_dollars(today)}"
    )
    return AdmittingChange(unit=_SHARE, amount=found / 1000, words=words)


def _entry_words(trial: _Trial, then: TierSelection) -> str:
    """Say by which rule the variant takes whose place, beside what the run selects without the change."""
    today = trial.choice
    lost = ", ".join(place for place in today.places if place not in then.places)
    rule = next((step.rule for step in then.steps if step.entrant == trial.variant), None)
    if rule is StepKind.SWAP:
        return f"by the one swap of the run, in place of {lost}" if lost else "by the one swap of the run"
    return f"to a vacant place; without it, {lost} would have that place" if lost else "to a vacant place"


def _still_out(then: TierSelection, variant: VariantId) -> str:
    """Say what keeps a variant out after the largest change that is tried."""
    standing = next((one for one in standings_of(then, {}) if one.variant == variant), None)
    if standing is None:
        return "no board of this tier lists it"
    return (
        f"then the rule {standing.rule}: {standing.detail}" if standing.rule else f"then: {standing.detail}"
    )


def _by_setting(trial: _Trial, choice: TierSelection, rule: str | None) -> AdmittingChange:
    """Relax the rule by one line of the policy, and choose again."""
    last = trial.last
    inputs = last.selection_input(trial.assessment)
    line = relaxation_of(inputs, choice, trial.variant, rule)
    if line is None:
        return AdmittingChange(
            unit=_POLICY, amount=None, words=rules_without_relaxation(inputs, choice, trial.variant, rule)
        )
    rules = replace(last.rules, policy=line.policy)
    assessment = score_resolved(trial.assessment.resolution, rules, on=last.job.now.date())
    then = select_tier(last.selection_input(assessment, rules), trial.tier)
    if trial.variant in then.places:
        return AdmittingChange(unit=_POLICY, amount=None, words=f"{line.words}: admits it, all else equal")
    standing = next(one for one in standings_of(then, {}) if one.variant == trial.variant)
    after = (
        f"then the rule {standing.rule}" if standing.rule else "then it is eligible, and not better enough"
    )
    words = f"{line.words}: lifts the rule; {after}: {standing.detail}"
    return AdmittingChange(unit=_POLICY, amount=None, words=words)
