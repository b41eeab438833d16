"""Names and judgements as text for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.cli.tables import indented
from pipeline.domain.visible import shown_name, shown_text

if TYPE_CHECKING:
    from rich.console import RenderableType

    from pipeline.domain.crosswalk import Judgement
    from pipeline.flow.blast import Effect
    from pipeline.flow.names import Asked, Listed, Withdrawn


def listed_text(found: Listed) -> list[RenderableType]:
    """List open names with their place, what they could change and whom they may mean."""
    names = "open name" if found.total == 1 else "open names"
    parts: list[RenderableType] = [
        f"{found.total} {names} in {found.run}, {len(found.names)} shown; the weightiest first."
    ]
    for effect in found.names:
        entry = effect.name.entry
        parts.append(f"{shown_name(entry.source)}  {shown_name(entry.name)}{_key(entry.key, entry.name)}")
        parts.append(indented(_place(effect)))
        if effect.name.suggestions:
            near = ", ".join(shown_name(one.variant) for one in effect.name.suggestions)
            parts.append(indented(f"near: {near}"))
        parts.extend(indented(f"as the first, {shown_text(change)}") for change in effect.changes)
    if found.provisional:
        parts.append(
            f"{len(found.provisional)} more are used as the variant they spell; the proposal lists them, and "
            "approving it accepts them:"
        )
    parts.extend(
        indented(f"{shown_name(one.source)}  {shown_name(one.name)} is {shown_name(one.variant)}")
        for one in found.provisional
    )
    parts.append("Next: `modelpool names suggest NAME`, then `modelpool names judge NAME VARIANT ...`.")
    return parts


def asked_text(found: Asked) -> list[RenderableType]:
    """Show one name, its evidence and what each suggestion would change."""
    entry = found.entry
    parts: list[RenderableType] = [
        f"{shown_name(entry.source)}  {shown_name(entry.name)}{_key(entry.key, entry.name)}"
    ]
    if found.judged is not None:
        parts.append(indented(_judged(found.judged)))
    facts = (
        f"by {shown_text(entry.organization)}" if entry.organization else "",
        f"released {entry.released_on}" if entry.released_on else "",
        shown_text(entry.licence) if entry.licence else "",
    )
    told = ", ".join(word for word in facts if word)
    if told:
        parts.append(indented(told))
    if found.effect is not None:
        parts.append(indented(_place(found.effect)))
    for number, option in enumerate(found.options, start=1):
        parts.append(f"  {number}. {shown_name(option.suggestion.variant)}")
        words = f"{option.suggestion.evidence} ({option.suggestion.share:.0%} of the words)"
        parts.append(indented(shown_text("; ".join((words, *option.facts)))))
        changes = [shown_text(one) for one in option.changes] or ["would change no pool"]
        parts.extend(indented(one) for one in changes)
    if not found.options:
        parts.append("No variant of variants.csv shares its words; a new release needs a line there first.")
    return parts


def judged_text(line: Judgement) -> list[RenderableType]:
    """Say what was written and what comes next."""
    return [
        _judged(line),
        "One line was added to data/crosswalk/judgements.csv.",
        "Next: `modelpool run`; a proposal made before this judgement does not know it.",
    ]


def undone_text(undone: Withdrawn) -> list[RenderableType]:
    """Say what holds now."""
    line = undone.line
    if undone.open_again:
        return [f"{shown_name(line.name)} of {line.source} is open again.", "Next: `modelpool run`."]
    return [_judged(line), "Next: `modelpool run`."]


def _key(key: str, name: str) -> str:
    return "" if key == name else f"  ({shown_name(key)})"


def _judged(line: Judgement) -> str:
    meaning = shown_name(line.variant) if line.variant else "nothing we route to"
    return (
        f"{shown_name(line.name)} of {line.source} means {meaning}, says {shown_text(line.decided_by)} "
        f"on {line.decided_on}: {shown_text(line.reason)}"
    )


def _place(effect: Effect) -> str:
    if effect.place is None:
        return "no value on its board's main measure: it can change nothing yet"
    votes = f", {effect.votes} votes" if effect.votes is not None else ""
    reaches = ", ".join(shown_name(tier) for tier in effect.reaches)
    floors = f"would meet the floor of {reaches}" if reaches else "would meet no tier's floor"
    return f"place {effect.place} of {effect.listed}, value {effect.name.best_value:g}{votes}; {floors}"
