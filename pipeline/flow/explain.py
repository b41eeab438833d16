"""Every number behind a variant's place, in the order in which it was used."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.domain.names import AA_USD_PER_TASK, TierName
from pipeline.domain.score import Cost
from pipeline.flow.again import last_run
from pipeline.flow.asked import known_tier, known_variant
from pipeline.flow.told import Chapter, Told
from pipeline.flow.told_cost import prices, task_cost
from pipeline.flow.told_quality import published, quality
from pipeline.flow.told_tier import tier_chapter
from pipeline.identity.dated import valid_on
from pipeline.pools.select import select

if TYPE_CHECKING:
    from pipeline.domain.crosswalk import Crosswalk
    from pipeline.domain.names import VariantId
    from pipeline.domain.score import Scoreboard
    from pipeline.flow.again import LastRun
    from pipeline.flow.assess import Assessment
    from pipeline.pools.brief import Selection
    from pipeline.settings import Settings
    from pipeline.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """An explanation, computed again from the captures of the last run."""

    run: str
    changed: tuple[str, ...]
    """What people changed since that run: its proposal may say other numbers."""
    variant: VariantId
    chapters: tuple[Chapter, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Week:
    last: LastRun
    assessment: Assessment
    selection: Selection
    crosswalk: Crosswalk


def explain(workspace: Workspace, settings: Settings, variant: str, tier: str | None) -> Explained:
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
        selection=select(last.brief(assessment)),
        crosswalk=valid_on(last.rules.crosswalk, last.job.now.date()),
    )
    evidences = tuple(dict.fromkeys(last.rules.policy.tiers[one].evidence for one in tiers))
    boards = [last.rules.policy.evidence[evidence] for evidence in evidences]
    metrics = {AA_USD_PER_TASK, *(metric for one in boards for metric in (one.arena, one.index))}
    chapters = [published(name, assessment.resolution, week.crosswalk, metrics)]
    for evidence in evidences:
        chapters.extend(_evidence(week, name, assessment.scoreboards[evidence]))
    chapters.extend(_tiers(week, name, tiers))
    return Explained(
        run=last.name,
        changed=last.changed,
        variant=name,
        chapters=tuple(chapter for chapter in chapters if chapter.lines),
    )


def _by_worth(last: LastRun) -> tuple[TierName, ...]:
    """Order tiers as the proposal does: by what an answer is worth in them."""
    tiers = last.rules.policy.tiers
    return tuple(TierName(name) for name in sorted(tiers, key=lambda name: (tiers[name].lambda_usd, name)))


def _evidence(week: _Week, variant: VariantId, board: Scoreboard) -> list[Chapter]:
    policy = week.last.rules.policy
    score = board.scores.get(variant)
    if score is None:
        missing = board.unscored[variant]
        told = Told(what="score", value=f"none: {missing.reason}", formula=missing.detail)
        return [Chapter(title=f"quality ({board.evidence})", lines=(told,))]
    chapters = [*quality(score, board, policy.quality)]
    chapters.append(prices(variant, week.assessment.resolution, week.crosswalk, score.cost))
    if isinstance(score.cost, Cost):
        chapters.append(task_cost(score.cost, policy.paying_for(board.evidence)))
    return [_titled(chapter, board.evidence) for chapter in chapters]


def _titled(chapter: Chapter, evidence: str) -> Chapter:
    return Chapter(title=f"{chapter.title} ({evidence})", lines=chapter.lines)


def _tiers(week: _Week, variant: VariantId, tiers: tuple[TierName, ...]) -> list[Chapter]:
    policy, chapters = week.last.rules.policy, []
    for tier in tiers:
        rules = policy.tiers[tier]
        board = week.assessment.scoreboards.get(rules.evidence)
        chapters.append(tier_chapter(tier, rules, week.selection.tiers[tier], variant, board))
    return chapters
