"""Explains every number behind a variant's place, in the order in which it was used."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.domain.explanation import ExplanationLine, ExplanationSection
from pipeline.domain.ids import AA_USD_PER_TASK, TierName, VariantId
from pipeline.domain.score import Cost, Scoreboard
from pipeline.flow.questions.identifier_lookup import known_tier, known_variant
from pipeline.flow.replay.last_run import LastRun, last_run
from pipeline.identity.crosswalk.load import valid_on
from pipeline.pools.reasons.explanation import tier_section
from pipeline.pools.select import report_tiers
from pipeline.scoring.explanation import price_section, published_scores, quality_sections, task_cost_section

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipeline.domain.crosswalk import Crosswalk
    from pipeline.domain.pool import TierReport
    from pipeline.flow.run.score import ScoredWeek
    from pipeline.settings import Settings
    from pipeline.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """An explanation, computed again from the captures of the last run."""

    run: str
    changed: tuple[str, ...]
    """What people changed since that run: its proposal may say other numbers."""
    variant: VariantId
    chapters: tuple[ExplanationSection, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Week:
    last: LastRun
    assessment: ScoredWeek
    reports: Mapping[TierName, TierReport]
    crosswalk: Crosswalk


def explain(workspace: Workspace, settings: Settings, variant: str, tier: str | None) -> Explanation:
    """Explain a variant in one tier, or in all.

    Raises:
        UsageError: No such variant or tier, or a file that people write is broken.
        RefusedError: There is no run to explain, or its record is damaged.
    """
    last = last_run(workspace, settings)
    name = known_variant(variant, last.rules)
    tiers = (known_tier(tier, last.rules),) if tier else _by_worth(last)
    assessment = last.assess()
    week = _Week(
        last=last,
        assessment=assessment,
        reports=report_tiers(last.selection_input(assessment), tiers),
        crosswalk=valid_on(last.rules.crosswalk, last.job.now.date()),
    )
    evidences = tuple(dict.fromkeys(last.rules.policy.tiers[one].evidence for one in tiers))
    boards = [last.rules.policy.evidence[evidence] for evidence in evidences]
    metrics = {AA_USD_PER_TASK, *(metric for board in boards for metric in (board.arena, board.index))}
    sections = [published_scores(name, assessment.resolution, week.crosswalk, metrics)]
    for evidence in evidences:
        sections.extend(_evidence(week, name, assessment.scoreboards[evidence]))
    sections.extend(_tiers(week, name, tiers))
    return Explanation(
        run=last.name,
        changed=last.changed,
        variant=name,
        chapters=tuple(section for section in sections if section.lines),
    )


def _by_worth(last: LastRun) -> tuple[TierName, ...]:
    """Order tiers as the proposal does: by what an answer is worth in them."""
    tiers = last.rules.policy.tiers
    return tuple(TierName(name) for name in sorted(tiers, key=lambda name: (tiers[name].lambda_usd, name)))


def _evidence(week: _Week, variant: VariantId, board: Scoreboard) -> list[ExplanationSection]:
    policy = week.last.rules.policy
    score = board.scores.get(variant)
    if score is None:
        missing = board.unscored[variant]
        line = ExplanationLine(what="score", value=f"none: {missing.reason}", formula=missing.detail)
        return [ExplanationSection(title=f"quality ({board.evidence})", lines=(line,))]
    sections = [*quality_sections(score, board, policy.quality)]
    sections.append(price_section(variant, week.assessment.resolution, week.crosswalk, score.cost))
    if isinstance(score.cost, Cost):
        sections.append(task_cost_section(score.cost, policy.paying_for(board.evidence)))
    return [_with_title(section, board.evidence) for section in sections]


def _with_title(section: ExplanationSection, evidence: str) -> ExplanationSection:
    return ExplanationSection(title=f"{section.title} ({evidence})", lines=section.lines)


def _tiers(week: _Week, variant: VariantId, tiers: tuple[TierName, ...]) -> list[ExplanationSection]:
    policy, sections = week.last.rules.policy, []
    for tier in tiers:
        rules = policy.tiers[tier]
        board = week.assessment.scoreboards.get(rules.evidence)
        sections.append(tier_section(tier, rules, week.reports[tier], variant, board))
    return sections
