"""Computes what a judgement of an open name could change: floors it would reach, pools it would alter."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from pipeline.domain.crosswalk import Measure, OpenName, Variant
from pipeline.domain.ids import SourceKey, SourceName, TierName, VariantId
from pipeline.domain.pool import Lineup, Move, lineup
from pipeline.identity.crosswalk.load import valid_on
from pipeline.identity.names.source_names import MAIN_METRIC, NameId, NameRecord, name_records
from pipeline.pools.changes.diff import diff
from pipeline.pools.select import select_fast
from pipeline.pools.worth.floor import failed_floors, floor_of
from pipeline.scoring.scoreboard import score

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pipeline.flow.replay.last_run import LastRun
    from pipeline.flow.run.score import ScoredWeek

_UNKNOWN: Final = VariantId("unknown@default")
"""A variant that nobody else is: the name taken for itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NameImpact:
    """What one open name could change."""

    name: OpenName
    place: int | None
    """Place on its source's main board, counted from 1; None without a value there."""
    listed: int
    """How many names have a value there."""
    votes: int | None
    reaches: tuple[TierName, ...]
    """Tiers whose floor its published scores would meet."""
    changes: tuple[str, ...]
    """What the pools would do otherwise if the first suggestion were right, in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Week:
    last: LastRun
    assessment: ScoredWeek
    known: Mapping[NameId, NameRecord]
    selected: Lineup


def impacts_of(last: LastRun, assessment: ScoredWeek, names: Sequence[OpenName]) -> tuple[NameImpact, ...]:
    """Describe each name; the order is kept."""
    known, _ = name_records(last.readings)
    week = _Week(last=last, assessment=assessment, known=known, selected=select_again(last, assessment))
    return tuple(_effect(week, name) for name in names)


def select_again(last: LastRun, assessment: ScoredWeek) -> Lineup:
    """Return what the run selects."""
    return lineup(select_fast(last.selection_input(assessment)))


def would_change(
    last: LastRun, before: Lineup, place: tuple[SourceName, SourceKey], variant: VariantId
) -> tuple[str, ...]:
    """Say in words what the pools would do otherwise than `before` if a name meant a variant."""
    judged = last.with_judgements({place: variant})
    return changes_text(diff(before, select_again(judged, judged.assess())))


def changes_text(moves: Sequence[Move]) -> tuple[str, ...]:
    """Say in words which places differ."""
    return tuple(
        f"{move.tier}: {move.variant} {move.rank_before or '-'} -> {move.rank_after or 'out'}"
        for move in moves
    )


def _effect(week: _Week, name: OpenName) -> NameImpact:
    entry = name.entry
    place = (entry.source, entry.key)
    values = [
        one.main_value
        for where, one in week.known.items()
        if where[0] == entry.source and one.main_value is not None
    ]
    row = week.known[place].rows.get(MAIN_METRIC[entry.source])
    first = name.suggestions[0].variant if name.suggestions else None
    able = first is not None and row is not None
    return NameImpact(
        name=name,
        place=None if row is None else 1 + sum(value > row.value for value in values),
        listed=len(values),
        votes=None if row is None else row.votes,
        reaches=_reaches(week.last, week.assessment, week.known[place]),
        changes=would_change(week.last, week.selected, place, first) if able and first else (),
    )


def _reaches(last: LastRun, assessment: ScoredWeek, published: NameRecord) -> tuple[TierName, ...]:
    """Score the name as a variant of its own, and ask each tier's floor."""
    policy = last.rules.policy
    crosswalk = valid_on(last.rules.crosswalk, last.job.now.date())
    crosswalk = replace(crosswalk, variants={**crosswalk.variants, _UNKNOWN: _unknown_variant(published)})
    rows = tuple(Measure(variant=_UNKNOWN, observation=row) for row in published.rows.values())
    resolution = replace(assessment.resolution, measures=(*assessment.resolution.measures, *rows))
    rules = last.rules
    boards = {
        name: score(name, resolution, crosswalk, rules.policy_of(name)) for name in rules.evidence_in_use
    }
    found = []
    for name in sorted(policy.tiers, key=lambda name: (policy.tiers[name].lambda_usd, name)):
        board = boards[policy.tiers[name].evidence]
        own = board.scores.get(_UNKNOWN)
        if own is not None and failed_floors(floor_of(policy.tiers[name], board), own) is None:
            found.append(TierName(name))
    return tuple(found)


def _unknown_variant(published: NameRecord) -> Variant:
    return Variant(
        id=_UNKNOWN,
        vendor=published.entry.organization or "unknown",
        family=_UNKNOWN,
        release="unknown",
        effort="default",
    )
