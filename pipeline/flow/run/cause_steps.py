"""Attributes changes to causes: selects again with one input after the other as it is this week.

The way leads from what was known when the pool in force was made to what is known now, through the same
scoring and the same rules. What a cause does to a place stands beside it; the steps add up to the change.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from pipeline.domain.ids import Sha256, TierName, VariantId
from pipeline.domain.observation import NAME_JUDGED, Finding, Severity
from pipeline.domain.pool import Cause, CauseStep, lineup
from pipeline.flow.run.run_state import selection_input
from pipeline.flow.run.score import score_again
from pipeline.pools.select import select_places
from pipeline.scoring.counterfactual import partial_update

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from pipeline.domain.crosswalk import Crosswalk, Judgement
    from pipeline.domain.observation import Reading
    from pipeline.domain.pool import Change, Lineup
    from pipeline.domain.run import PriorState
    from pipeline.flow.record.config import Config
    from pipeline.flow.run.prior_state import RunInForce
    from pipeline.flow.run.run_state import RunState
    from pipeline.pools.selection_input import Selection

ORDER: Final = (Cause.TIME, Cause.POLICY, Cause.NAME, Cause.SCALE, Cause.SCORE, Cause.NEW, Cause.PRICE)
"""What people decided comes before what was measured, and the price last: it weighs what is known by then."""

_READ: Final = frozenset({Cause.SCALE, Cause.SCORE, Cause.NEW})
"""Causes that change what the sources say; the others change the rules or the day."""
_NAMED: Final = 20
"""Judgements that are told of one run."""


def with_cause_steps(week: RunState, memory: PriorState, selection: Selection, then: RunInForce) -> Selection:
    """Write beside each change what one cause after the other did to the place, and name what was judged."""
    tiers = {TierName(change.tier) for change in selection.changes}
    supposed = _select_by_steps(week, memory, then, tiers) if tiers else ()
    selected = (*supposed, (Cause.PRICE, lineup(selection.pool)))
    changes = tuple(
        change.model_copy(update={"steps": tuple(_steps(change, selected))}) for change in selection.changes
    )
    attributed = replace(selection, changes=changes)
    names = _judged_since(attributed, then.rules.crosswalk, week.rules.crosswalk)
    return replace(attributed, findings=(*selection.findings, *names))


def _select_by_steps(
    week: RunState, memory: PriorState, then: RunInForce, tiers: Collection[TierName]
) -> Iterator[tuple[Cause, Lineup]]:
    """Select with the causes of a growing part of the order as they are now; the last one is the run itself.

    Where a cause changed no input, the selection before it stands: nothing is scored.

    Args:
        week: The run.
        memory: What it remembers.
        then: What the run behind the pool in force was made from.
        tiers: Those that change; no place of another is asked about.
    """
    now = tuple(result.reading for result in week.results if result.reading)
    readings: tuple[Reading, ...] = ()
    scored: _Scored | None = None
    found: Lineup = {}
    for place, cause in enumerate(ORDER[:-1], start=1):
        causes = frozenset(ORDER[:place])
        rules = _rules(week.rules, then.rules, causes)
        if scored is None or cause in _READ:
            readings = partial_update(then.readings, now, causes)
        if (supposed := _scored_from(rules, readings)) != scored:
            found = _select(week, memory, (rules, readings), tiers)
        scored = supposed
        yield cause, found


_NEVER: Final = datetime.min.replace(tzinfo=UTC)
_Scored = tuple["Config", tuple["Reading", ...]]


def _scored_from(rules: Config, readings: tuple[Reading, ...]) -> _Scored:
    """Leave out what no score and no rule reads: digests of files, and by which answers rows were fetched."""
    nothing = Sha256("")
    return (
        replace(rules, policy_sha256=nothing, crosswalk=replace(rules.crosswalk, sha256=nothing)),
        tuple(replace(reading, captures=(), fetched_at=_NEVER, findings=()) for reading in readings),
    )


def _rules(now: Config, then: Config, causes: frozenset[Cause]) -> Config:
    """Take policy, crosswalk and remembered merges of then or of now."""
    policy = now if Cause.POLICY in causes else then
    return replace(
        now,
        policy=policy.policy,
        policy_sha256=policy.policy_sha256,
        crosswalk=(now if Cause.NAME in causes else then).crosswalk,
        merged_before=(now if Cause.SCALE in causes else then).merged_before,
    )


def _select(
    week: RunState,
    memory: PriorState,
    supposed: tuple[Config, tuple[Reading, ...]],
    tiers: Collection[TierName],
) -> Lineup:
    rules, readings = supposed
    record = week.assessment.resolution.record
    assessment = score_again(readings, rules, on=week.job.now.date(), record=record)
    inputs = selection_input(replace(week, rules=rules, assessment=assessment), memory)
    return select_places(inputs, tiers)


def _steps(change: Change, selected: Sequence[tuple[Cause, Lineup]]) -> Iterator[CauseStep]:
    before = change.rank_before
    for cause, members in selected:
        after = _place(members, change)
        if after != before:
            yield CauseStep(cause=cause, rank_before=before, rank_after=after)
        before = after


def _place(members: Mapping[TierName, tuple[VariantId, ...]], change: Change) -> int | None:
    places = members.get(TierName(change.tier), ())
    return places.index(VariantId(change.variant)) + 1 if change.variant in places else None


def _judged_since(selection: Selection, then: Crosswalk, now: Crosswalk) -> Iterator[Finding]:
    """Name the judgements written since the pool in force that move a place, or that are about a member.

    Args:
        selection: What is proposed, with the steps of its changes.
        then: Names as they stood for the pool in force.
        now: Names as they stand.
    """
    moved = [change for change in selection.changes if any(step.cause is Cause.NAME for step in change.steps)]
    members = {one for places in lineup(selection.pool).values() for one in places}
    involved = members | {VariantId(change.variant) for change in selection.changes}
    found = [
        (old, new)
        for place in sorted({*then.judgements, *now.judgements})
        for old, new in ((then.judgements.get(place), now.judgements.get(place)),)
        if _variant(old) != _variant(new)
    ]
    own = [pair for pair in found if involved & {_variant(one) for one in pair}]
    moved_places = ", ".join(dict.fromkeys(f"{one.variant} in {one.tier}" for one in moved))
    for old, new in (own or (found if moved else []))[:_NAMED]:
        yield _finding(
            old, new, f"What names mean moves {moved_places}." if moved_places else "It is about a member."
        )


def _variant(judgement: Judgement | None) -> VariantId | None:
    return judgement.variant if judgement else None


def _finding(old: Judgement | None, new: Judgement | None, effect: str) -> Finding:
    """Say what a name means now and meant before."""
    line = new or old
    if line is None:
        raise ValueError("a name that nobody judged")
    meant = "nobody had judged it" if old is None else f"it meant {old.variant or 'nothing routed'}"
    meaning = (
        "is open again"
        if new is None
        else f"was judged to mean {new.variant or 'nothing routed'} by {new.decided_by} on {new.decided_on}"
    )
    return Finding(
        kind=NAME_JUDGED,
        severity=Severity.WARN,
        subject=f"{line.source}:{line.name}",
        message=f"{line.name} of {line.source} {meaning}; before, {meant}. {effect}",
    )
