"""Writes what a person says a name means, or takes it back: a line of judgements.csv."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING

from pipeline.domain.crosswalk import Judgement
from pipeline.errors import UsageError
from pipeline.flow.approval.accepted_names import write_accepted_names
from pipeline.flow.questions.identifier_lookup import known_name, unknown_variant
from pipeline.flow.record.database import database_mirror
from pipeline.flow.record.record_files import RecordFiles
from pipeline.flow.replay.last_run import last_run
from pipeline.identity.crosswalk.judgements import append_judgement, undo_judgement
from pipeline.identity.names.source_names import name_records

if TYPE_CHECKING:
    from pipeline.settings import Settings
    from pipeline.workspace import Workspace


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


def map_name(workspace: Workspace, settings: Settings, answer: JudgementInput) -> MappingResult:
    """Add a person's judgement to judgements.csv.

    Raises:
        UsageError: No such name or variant, a text that does not fit, or the same is in force already.
        RefusedError: There is no run that has the name, or its record is damaged.
    """
    write_accepted_names(RecordFiles(workspace))
    last = last_run(workspace, settings)
    place = known_name(last, answer.name, answer.source)
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
    place = known_name(last_run(workspace, settings), answer.name, answer.source)
    done = undo_judgement(workspace.crosswalk, place, answer.reviewer, answer.on, answer.reason)
    warnings = _update_database(workspace, settings, answer.on)
    return MappingWithdrawal(line=done.line, open_again=done.open_again, warnings=warnings)


def _update_database(workspace: Workspace, settings: Settings, on: date) -> tuple[str, ...]:
    """Bring the database up to the crosswalk; return why it failed, which the next run repairs."""
    with database_mirror(workspace, settings) as mirror:
        mirror.update(RecordFiles(workspace), names_at=datetime.combine(on, time(), tzinfo=UTC))
        return mirror.warnings
