"""Measure who is meant on the shipped crosswalk: `python -m tests.bench.identity_targets [FOLDER]`.

Every judgement is left out once, beside the week's own rows: is the name then used provisionally, and
rightly? Is the right variant among the first three suggestions? Then its variant is left out of
variants.csv: does the name join another one? Coverage counts judged and provisional names of the
Arena's top 100 and of the index's priced rows. FOLDER: captures, by default ../shared/sources.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.domain.ids import ARTIFICIAL_ANALYSIS, LMARENA_TEXT
from pipeline.flow.record.config import read_config
from pipeline.flow.run.score import score_readings
from pipeline.identity.names.exact_match import ExactMatcher
from pipeline.identity.names.provisional_matches import ProvisionalMatcher
from pipeline.identity.names.suggestions import Suggester
from pipeline.sources.local_files import read_captures
from pipeline.sources.registry import SOURCES
from pipeline.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.domain.crosswalk import Crosswalk
    from pipeline.domain.observation import Reading
    from pipeline.flow.record.config import Config

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared" / "sources"
NOW = datetime(2026, 8, 15, 12, tzinfo=UTC)
TOP = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """Counts over the judged names that the captures hold."""

    judged: int
    """Names with a judgement, of which `routed` mean a variant."""
    routed: int
    provisional: int
    """Of the judged: used without their judgement."""
    wrong: tuple[str, ...]
    """Of the provisional: used as something else than was judged."""
    elsewhere: tuple[str, ...]
    """Names that agree with another variant where theirs is not in variants.csv."""
    first_three: int
    """Of the routed: the right variant is among the first three suggestions."""


def read_folder(folder: Path, now: datetime = NOW) -> tuple[Reading, ...]:
    """Read the latest captures of a folder."""
    captures = read_captures((str(folder),), now=now, base=ROOT)
    return tuple(SOURCES[name].parse(found) for name, found in captures.items())


def measure(readings: Sequence[Reading], crosswalk: Crosswalk, now: datetime = NOW) -> Measured:
    """Leave every judgement out once, and once its variant."""
    examiner = ProvisionalMatcher(readings, crosswalk, on=now.date())
    judged = {place: crosswalk.judgements[place] for place in examiner.names if place in crosswalk.judgements}
    suggester = Suggester(crosswalk.variants, {})
    used, wrong, elsewhere, shown = 0, [], [], 0
    for place, word in judged.items():
        entry = examiner.names[place].entry
        rest = {other: one for other, one in crosswalk.judgements.items() if other != place}
        found = examiner.examine(place, rest)
        if found is not None and not found.agreed.doubts:
            used += 1
            wrong += [f"{place}: {entry.name}"] if found.agreed.variant != word.variant else []
        if word.variant is None:
            continue
        others = {name: one for name, one in crosswalk.variants.items() if name != word.variant}
        elsewhere += (
            [f"{place}: {entry.name}"] if ExactMatcher(others).exact_variant(entry.name, entry.source) else []
        )
        shown += word.variant in {one.variant for one in suggester.suggest(entry)}
    return Measured(
        judged=len(judged),
        routed=sum(word.variant is not None for word in judged.values()),
        provisional=used,
        wrong=tuple(wrong),
        elsewhere=tuple(elsewhere),
        first_three=shown,
    )


def coverage(readings: Sequence[Reading], rules: Config, now: datetime = NOW) -> dict[str, tuple[int, int]]:
    """Count how many names that matter have an answer: (answered, all)."""
    names = ProvisionalMatcher(readings, rules.crosswalk, on=now.date()).names
    resolution = score_readings(readings, rules, on=now.date()).resolution
    still_open = {(one.entry.source, one.entry.key) for one in resolution.open_names}
    rated = sorted(
        ((one.main_value, place) for place, one in names.items() if one.main_value is not None), reverse=True
    )
    groups = {
        f"Arena text, top {TOP}": [place for _, place in rated if place[0] == LMARENA_TEXT][:TOP],
        "index rows with a price": [
            place
            for place, one in names.items()
            if place[0] == ARTIFICIAL_ANALYSIS and any(p.input_microusd_per_mtok for p in one.prices)
        ],
    }
    return {
        what: (sum(place not in still_open for place in places), len(places))
        for what, places in groups.items()
    }


def main() -> None:
    """Print the measures beside their targets."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else SHARED
    rules = read_config(Workspace(ROOT))
    readings = read_folder(folder)
    found = measure(readings, rules.crosswalk)
    lines = [
        f"{found.judged} judged names, {found.routed} mean a variant",
        f"left out once: {found.provisional} used provisionally, {len(found.wrong)} wrong; target 0",
        f"variant unknown: {len(found.elsewhere)} of {found.routed} join another one; target 0",
        f"first three: {found.first_three / found.routed:.1%} of {found.routed}; target >= 95 %",
        *(
            f"{what}: {answered} of {listed} answered ({answered / max(1, listed):.1%}); target >= 90 %"
            for what, (answered, listed) in coverage(readings, rules).items()
        ),
        *(f"wrong: {one}" for one in (*found.wrong, *found.elsewhere)),
    ]
    print("\n".join(lines))  # noqa: T201 - a table for people


if __name__ == "__main__":
    main()
