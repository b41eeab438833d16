"""Renders names and judgements as text for people."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Final

from pipeline.cli.text_output import indent
from pipeline.domain.escape import escape_name, escape_text, with_full_stop

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import RenderableType

    from pipeline.domain.crosswalk import Judgement
    from pipeline.domain.observation import Entry
    from pipeline.domain.proposal import ProvisionalLine
    from pipeline.flow.approval.name_judgements import MappingResult, MappingWithdrawal
    from pipeline.flow.questions.name_impact import NameImpact
    from pipeline.flow.questions.open_names import NameQuery, OpenNames
    from pipeline.workspace import Workspace

_JUDGEMENTS: Final = "judgements.csv"


def open_names_text(found: OpenNames) -> list[RenderableType]:
    """List open names with their place, what they could change and whom they may mean."""
    names = "open name" if found.total == 1 else "open names"
    parts: list[RenderableType] = [
        f"{found.total} {names} in {found.run}, {len(found.names)} shown; the weightiest first."
    ]
    for effect in found.names:
        entry = effect.name.entry
        parts.append(f"{escape_name(entry.source)}  {escape_name(entry.name)}{_key(entry.key, entry.name)}")
        parts.append(indent(_place(effect)))
        if effect.name.suggestions:
            near = ", ".join(escape_name(suggestion.variant) for suggestion in effect.name.suggestions)
            parts.append(indent(f"near: {near}"))
        parts.extend(indent(f"as the first, {escape_text(change)}") for change in effect.changes)
    if found.provisional:
        parts.append(
            f"{len(found.provisional)} more are used as the variant they spell; the proposal lists them, and "
            "approving it accepts them:"
        )
    parts.extend(
        indent(f"{escape_name(match.source)}  {escape_name(match.name)} is {escape_name(match.variant)}")
        for match in found.provisional
    )
    parts.extend(
        f"Next: `modelpool crosswalk suggest {_shell_name(first.name.entry)}` ranks whom it may mean."
        for first in found.names[:1]
    )
    return parts


def name_query_text(found: NameQuery) -> list[RenderableType]:
    """Show one name, its evidence and what each suggestion would change."""
    entry = found.entry
    parts: list[RenderableType] = [
        f"{escape_name(entry.source)}  {escape_name(entry.name)}{_key(entry.key, entry.name)}"
    ]
    if found.judged is not None:
        parts.append(indent(_judgement_line(found.judged)))
    facts = (
        f"by {escape_text(entry.organization)}" if entry.organization else "",
        f"released {entry.released_on}" if entry.released_on else "",
        escape_text(entry.licence) if entry.licence else "",
    )
    summary = ", ".join(word for word in facts if word)
    if summary:
        parts.append(indent(summary))
    if found.effect is not None:
        parts.append(indent(_place(found.effect)))
    for number, option in enumerate(found.options, start=1):
        parts.append(f"  {number}. {escape_name(option.suggestion.variant)}")
        words = f"{option.suggestion.evidence} ({option.suggestion.share:.0%} of the words)"
        parts.append(indent(escape_text("; ".join((words, *option.facts)))))
        changes = [escape_text(change) for change in option.changes] or ["would change no pool"]
        parts.extend(indent(change) for change in changes)
    if not found.options:
        parts.append("No variant of variants.csv shares its words; a new release needs a line there first.")
    if found.judged is None:
        means = found.options[0].suggestion.variant if found.options else "--not-routed"
        answer = f'crosswalk map {_shell_name(entry)} {means} --reviewer NAME --note "..."'
        parts.append(f"Next, with your answer in place of {means}: `modelpool {answer}`.")
    return parts


def mapping_text(done: MappingResult, place: Workspace) -> list[RenderableType]:
    """Say what was written and what comes next."""
    return [
        _judgement_line(done.line),
        *(f"WARN {warning}." for warning in done.warnings),
        f"One line was added to {escape_text(str(place.crosswalk / _JUDGEMENTS))}.",
        "Next: `modelpool run`; a proposal made before this judgement does not know it.",
    ]


def undo_text(undone: MappingWithdrawal) -> list[RenderableType]:
    """Say what holds now."""
    line = undone.line
    meaning = escape_name(line.variant) if line.variant else "nothing we route to"
    holds = "is open again" if undone.open_again else f"means {meaning} again, as before"
    by = f"undone by {escape_text(line.decided_by)}: {escape_text(line.reason)}"
    return [
        f"{escape_name(line.name)} of {line.source} {holds}; {with_full_stop(by)}",
        *(f"WARN {warning}." for warning in undone.warnings),
        "Next: `modelpool run`.",
    ]


def _shell_name(entry: Entry) -> str:
    """Write a name so that a shell takes it as it is."""
    return f"{shlex.quote(escape_name(entry.key))} --source {entry.source}"


def _key(key: str, name: str) -> str:
    return "" if key == name else f"  ({escape_name(key)})"


def _judgement_line(line: Judgement) -> str:
    meaning = escape_name(line.variant) if line.variant else "nothing we route to"
    return (
        f"{escape_name(line.name)} of {line.source} means {meaning}, says {escape_text(line.decided_by)} "
        f"on {line.decided_on}: {escape_text(line.reason)}"
    )


def _place(effect: NameImpact) -> str:
    if effect.place is None:
        return "no value on its board's main measure: it can change nothing yet"
    votes = f", {effect.votes} votes" if effect.votes is not None else ""
    reaches = ", ".join(escape_name(tier) for tier in effect.reaches)
    floors = f"would meet the floor of {reaches}" if reaches else "would meet no tier's floor"
    return f"place {effect.place} of {effect.listed}, value {effect.name.best_value:g}{votes}; {floors}"


def kept_names_text(lines: Sequence[ProvisionalLine], place: Workspace) -> list[str]:
    """Say which judgements stay although the approval that they came with was withdrawn."""
    if not lines:
        return []
    summary = ", ".join(f"{escape_name(line.name)} is {escape_name(line.variant)}" for line in lines)
    sentence = f"What was judged with it stays in {place.crosswalk / _JUDGEMENTS}: {summary}."
    return [f"{sentence} `modelpool crosswalk undo` withdraws one."]


def accepted_text(judged: Sequence[Judgement], place: Workspace) -> list[str]:
    """Say which judgements an approval wrote."""
    if not judged:
        return []
    summary = ", ".join(f"{escape_name(one.name)} is {escape_name(one.variant or '-')}" for one in judged)
    lines = "1 judgement" if len(judged) == 1 else f"{len(judged)} judgements"
    return [f"{lines} accepted with it, now in {escape_text(str(place.crosswalk / _JUDGEMENTS))}: {summary}."]
