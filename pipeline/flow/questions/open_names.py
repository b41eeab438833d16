"""Lists names that nobody has judged: what they could change, whom they may mean; files an answer."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from difflib import get_close_matches
from typing import TYPE_CHECKING

from pipeline.domain.crosswalk import Judgement, OpenName, ProvisionalMatch, Suggestion
from pipeline.errors import UsageError
from pipeline.flow.approval.accepted_names import write_accepted_names
from pipeline.flow.questions.identifier_lookup import unknown_variant
from pipeline.flow.questions.name_impact import NameImpact, impacts_of, select_again, would_change
from pipeline.flow.record.database import database_mirror
from pipeline.flow.record.record_files import RecordFiles
from pipeline.flow.replay.last_run import LastRun, last_run
from pipeline.flow.run.provisional import NameFacts
from pipeline.identity.crosswalk.judgements import append_judgement, undo_judgement
from pipeline.identity.names.source_names import name_records

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.domain.ids import SourceKey, SourceName
    from pipeline.domain.observation import Entry
    from pipeline.settings import Settings
    from pipeline.workspace import Workspace

_NEAR = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenNames:
    """The open names of the last run, first those that could change most."""

    run: str
    total: int
    names: tuple[NameImpact, ...]
    provisional: tuple[ProvisionalMatch, ...]
    """Unjudged names that the run uses as the variant they spell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NameOptions:
    """One suggestion and what accepting it would do."""

    suggestion: Suggestion
    facts: tuple[str, ...]
    """What price and release dates say about it, for and against."""
    changes: tuple[str, ...]
    """What the pools would do otherwise than without the judgement, in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NameQuery:
    """One name with its suggestions."""

    run: str
    entry: Entry
    judged: Judgement | None
    effect: NameImpact | None
    """None where a board states no value for it."""
    options: tuple[NameOptions, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MappingResult:
    """What was written when a person mapped a name."""

    line: Judgement
    warnings: tuple[str, ...]
    """What the database could not be told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MappingWithdrawal:
    """What an undo wrote."""

    line: Judgement
    open_again: bool
    """There was no earlier answer: the name is open again."""
    warnings: tuple[str, ...]
    """What the database could not be told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgementInput:
    """What a person typed about a name."""

    name: str
    variant: str | None
    """None: known, and not routed."""
    reviewer: str
    reason: str
    source: str | None
    on: date


def judgement_input(typed: JudgementInput, variant: str | None, *, not_routed: bool) -> JudgementInput:
    """Complete an answer: a variant, or the word that it means none.

    Raises:
        UsageError: Both or neither were said.
    """
    if (variant is None) != not_routed:
        raise UsageError(
            f"{typed.name!r} means a variant or nothing we route to; say one of both",
            hint=f"`modelpool crosswalk suggest {shlex.quote(typed.name)}` ranks whom it may mean; "
            "--not-routed says: none of them.",
        )
    return replace(typed, variant=variant)


def list_names(workspace: Workspace, settings: Settings, *, top: int) -> OpenNames:
    """List the open names of the last run by what they could change.

    Raises:
        RefusedError: There is no run to ask about, or its record is damaged.
    """
    last = last_run(workspace, settings)
    assessment = last.assess()
    found = assessment.resolution.open_names
    return OpenNames(
        run=last.name,
        total=len(found),
        names=impacts_of(last, assessment, found[:top]),
        provisional=assessment.resolution.provisional,
    )


def query_name(workspace: Workspace, settings: Settings, name: str, source: str | None) -> NameQuery:
    """Rank the variants a name may mean, with evidence and with what each would change.

    A name that is judged, or used provisionally, is ranked as if it were not.

    Raises:
        UsageError: The last run has no such name, or several sources have it.
        RefusedError: There is no run to ask about, or its record is damaged.
    """
    last = last_run(workspace, settings)
    place = _place(last, name, source)
    crosswalk = last.rules.crosswalk
    judged = crosswalk.judgements.get(place)
    opened, assessment = last, last.assess()
    used = {(match.source, match.key) for match in assessment.resolution.provisional}
    if judged is not None or place in used:
        opened = last.with_judgements({place: None})
        assessment = opened.assess()
    found = [
        open_name
        for open_name in assessment.resolution.open_names
        if (open_name.entry.source, open_name.entry.key) == place
    ]
    if not found:
        raise UsageError(
            f"{name!r} was judged and the last run has no row of it", hint="Nothing can be compared with it."
        )
    return NameQuery(
        run=last.name,
        entry=found[0].entry,
        judged=judged,
        effect=next(iter(impacts_of(opened, assessment, found)), None),
        options=_options(opened, found[0], place),
    )


def map_name(workspace: Workspace, settings: Settings, answer: JudgementInput) -> MappingResult:
    """Add a person's judgement to judgements.csv.

    Raises:
        UsageError: No such name or variant, a text that does not fit, or the same is in force already.
        RefusedError: There is no run that has the name, or its record is damaged.
    """
    write_accepted_names(RecordFiles(workspace))
    last = last_run(workspace, settings)
    place = _place(last, answer.name, answer.source)
    variants = last.rules.crosswalk.variants
    if answer.variant is not None and answer.variant not in variants:
        raise unknown_variant(answer.variant, variants)
    names, _ = name_records(last.readings)
    known = last.rules.crosswalk.judgements.get(place)
    line = Judgement(
        source=place[0],
        key=place[1],
        name=names[place].entry.name if place in names or known is None else known.name,
        variant=next((variant for variant in variants if variant == answer.variant), None),
        decided_on=answer.on,
        decided_by=answer.reviewer,
        reason=answer.reason,
    )
    append_judgement(workspace.crosswalk, line, again=place in last.assess().resolution.moved)
    return MappingResult(line=line, warnings=_update_database(workspace, settings, answer.on))


def undo_mapping(workspace: Workspace, settings: Settings, answer: JudgementInput) -> MappingWithdrawal:
    """Withdraw the last judgement of a name.

    Raises:
        UsageError: No such name, or nobody judged it.
        RefusedError: There is no run that has the name, or its record is damaged.
    """
    write_accepted_names(RecordFiles(workspace))
    place = _place(last_run(workspace, settings), answer.name, answer.source)
    done = undo_judgement(workspace.crosswalk, place, answer.reviewer, answer.on, answer.reason)
    warnings = _update_database(workspace, settings, answer.on)
    return MappingWithdrawal(line=done.line, open_again=done.open_again, warnings=warnings)


def _update_database(workspace: Workspace, settings: Settings, on: date) -> tuple[str, ...]:
    """Bring the database up to the crosswalk; return why it failed, which the next run repairs."""
    with database_mirror(workspace, settings) as mirror:
        mirror.update(RecordFiles(workspace), names_at=datetime.combine(on, time(), tzinfo=UTC))
        return mirror.warnings


def _options(last: LastRun, name: OpenName, place: tuple[SourceName, SourceKey]) -> tuple[NameOptions, ...]:
    before = select_again(last, last.assess())
    facts = NameFacts(last)
    return tuple(
        NameOptions(
            suggestion=suggestion,
            facts=facts.about(place, suggestion.variant),
            changes=would_change(last, before, place, suggestion.variant),
        )
        for suggestion in name.suggestions
    )


def _place(last: LastRun, name: str, source: str | None) -> tuple[SourceName, SourceKey]:
    """Find the one source and key that a name or key belongs to."""
    names, _ = name_records(last.readings)
    written = {place: one.entry.name for place, one in names.items()}
    written |= {
        place: one.name for place, one in last.rules.crosswalk.judgements.items() if place not in names
    }
    found = sorted(
        place for place, one in written.items() if name in {one, place[1]} and source in {None, place[0]}
    )
    if len(found) == 1:
        return found[0]
    if found:
        raise UsageError(
            f"{name!r} is a name of several: {_suggestion_impact(found)}",
            hint="Add --source, or write the key as the name.",
        )
    near = get_close_matches(name, sorted(set(written.values())), n=_NEAR, cutoff=0.6)
    hint = f"Near it: {', '.join(near)}." if near else "`modelpool crosswalk open` lists the open names."
    raise UsageError(f"no score source names {name!r}", hint=hint)


def _suggestion_impact(places: Sequence[tuple[SourceName, SourceKey]]) -> str:
    return ", ".join(f"{source} ({key})" for source, key in places)
