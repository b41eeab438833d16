"""Lists names used provisionally: what speaks against each, and what each does to the pools."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from pipeline.domain.pool import lineup
from pipeline.flow.questions.name_impact import changes_text
from pipeline.flow.run.run_state import selection_input
from pipeline.flow.run.score import score_resolved
from pipeline.identity.crosswalk.load import valid_on
from pipeline.identity.names.provisional_matches import ProvisionalMatcher
from pipeline.identity.resolve.name_join import reroute_without
from pipeline.pools.changes.diff import diff
from pipeline.pools.select import select_fast
from pipeline.scoring.prices.comparison import agreement_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from pipeline.domain.crosswalk import ProvisionalMatch
    from pipeline.domain.ids import SourceKey, SourceName, VariantId
    from pipeline.domain.pool import Lineup, Move
    from pipeline.domain.run import PriorState
    from pipeline.flow.record.config import Config
    from pipeline.flow.replay.last_run import LastRun
    from pipeline.flow.run.run_state import RunState
    from pipeline.identity.resolve.name_join import ProvisionalResolver
    from pipeline.pools.selection_input import Selection, SelectionInput


ALONE: Final = 30
"""Names asked alone: five tiers of three places, each spelled on two boards. Asking one chooses every tier
again. A week with more is one before anybody judged: what counts then is what the names do together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _ProvisionalNames:
    """One week, and what it selects."""

    without: ProvisionalResolver
    inputs: SelectionInput
    rules: Config
    on: date
    selected: Lineup

    def moves(self, left_out: Sequence[ProvisionalMatch]) -> tuple[Move, ...]:
        """Describe how the pools would differ without some names."""
        resolution = self.without(left_out)
        boards = score_resolved(resolution, self.rules, on=self.on).scoreboards
        before = lineup(select_fast(replace(self.inputs, scoreboards=boards)))
        return diff(before, self.selected)


def with_name_impacts(week: RunState, memory: PriorState, selection: Selection) -> RunState:
    """Add to each name used provisionally how the pools would differ without it.

    Where all of them together change nothing, none is asked alone. Of many, those are asked alone that
    could change most: first the names of variants whose place hangs on all of them together. The others
    are left out together, and each of their lines says so.
    """
    resolution = week.assessment.resolution
    names = resolution.provisional
    if not names:
        return week
    asked = _provisional_names(week, memory, selection)
    together = asked.moves(names)
    if not together:
        return week
    moved = {move.variant for move in together}
    first = sorted(names, key=lambda one: one.variant not in moved)
    alone = len(first) if len(first) <= ALONE + 1 else ALONE
    impacts = {
        (one.source, one.key): touches
        for part in (_effect_of_each(asked, first[:alone]), _effect_of_rest(asked, first[alone:]))
        for one, touches in part
    }
    marked = tuple(replace(name, touches=impacts[name.source, name.key]) for name in names)
    return replace(
        week, assessment=replace(week.assessment, resolution=replace(resolution, provisional=marked))
    )


def _provisional_names(week: RunState, memory: PriorState, selection: Selection) -> _ProvisionalNames:
    on = week.job.now.date()
    readings = [result.reading for result in week.results if result.reading]
    return _ProvisionalNames(
        without=reroute_without(week.assessment.resolution, readings, valid_on(week.rules.crosswalk, on)),
        inputs=selection_input(week, memory),
        rules=week.rules,
        on=on,
        selected=lineup(selection.pool),
    )


def _effect_of_each(
    asked: _ProvisionalNames, names: Sequence[ProvisionalMatch]
) -> Iterator[tuple[ProvisionalMatch, tuple[str, ...]]]:
    for name in names:
        yield name, changes_text(asked.moves((name,)))


def _effect_of_rest(
    asked: _ProvisionalNames, names: Sequence[ProvisionalMatch]
) -> Iterator[tuple[ProvisionalMatch, tuple[str, ...]]]:
    """Select without all of them at once; where that changes nothing, none of them changes anything."""
    changes = changes_text(asked.moves(names)) if names else ()
    others = f"not asked alone; left out together with {len(names) - 1} others"
    for name in names:
        yield name, (f"{others}: {'; '.join(changes)}",) if changes else ()


class NameFacts:
    """The last run's names and prices, built once for all suggestions."""

    def __init__(self, last: LastRun) -> None:
        """Read the names of the run."""
        self._crosswalk = valid_on(last.rules.crosswalk, last.job.now.date())
        self._agreement = last.rules.policy.cost.price_agreement
        self._examiner = ProvisionalMatcher(last.readings, self._crosswalk, on=last.job.now.date())

    def about(self, place: tuple[SourceName, SourceKey], name: VariantId) -> tuple[str, ...]:
        """Compare price and release dates; where nothing is stated, nothing is said."""
        published, variant = self._examiner.names[place], self._crosswalk.variants[name]
        others = self._examiner.prices(name, self._crosswalk.judgements)
        judged = self._crosswalk.price_of(variant.release)
        agrees, differs = agreement_of(published.prices, others, judged, self._agreement)
        said, known = published.entry.released_on, variant.released_on
        dated = f"released {said}, the variant {known}" if said and known and said != known else ""
        return tuple(word for word in (agrees, differs, dated) if word)
