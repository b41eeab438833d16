"""Lists names that nobody has judged: what they could change, and which variants they may mean."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.errors import UsageError
from pipeline.flow.questions.identifier_lookup import known_name
from pipeline.flow.questions.name_impact import NameImpact, impacts_of, select_again, would_change
from pipeline.flow.replay.last_run import LastRun, last_run
from pipeline.flow.run.provisional import NameFacts

if TYPE_CHECKING:
    from pipeline.domain.crosswalk import Judgement, OpenName, ProvisionalMatch, Suggestion
    from pipeline.domain.ids import SourceKey, SourceName
    from pipeline.domain.observation import Entry
    from pipeline.settings import Settings
    from pipeline.workspace import Workspace


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
    place = known_name(last, name, source)
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
