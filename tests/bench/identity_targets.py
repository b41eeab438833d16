"""Ask the names what was asked of them: `python -m tests.bench.identity_targets`.

Truth is the shipped crosswalk, every line of it judged by a person. A name counts as open when it is asked:
the judgements of its own board are hidden from the suggester, its variant is not. Precision counts every
name that the grammar would have joined, also those that people left without a variant. It takes seconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.identity.agree import Agreement
from pipeline.identity.crosswalk import SCORE_SOURCES, load_crosswalk
from pipeline.identity.published import published_names
from pipeline.identity.suggest import SHOWN, Suggester
from pipeline.sources.catalogue import SOURCES
from pipeline.sources.files import read_captures

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pipeline.domain.crosswalk import Crosswalk
    from pipeline.domain.names import SourceName
    from pipeline.domain.observation import Entry

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared" / "sources"
NOW = datetime(2026, 8, 15, 12, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """So many of so many, and those that missed."""

    of: int
    missed: tuple[str, ...]

    def __str__(self) -> str:
        share = f"{1 - len(self.missed) / self.of:.1%}" if self.of else "none"
        return f"{share:>7}  ({self.of - len(self.missed)} of {self.of})"


def listed_names(folder: Path) -> tuple[Entry, ...]:
    """Return the names of this week's captures as their sources list them."""
    captures = read_captures((str(folder),), now=NOW, base=ROOT)
    readings = [SOURCES[name].parse(captures[name]) for name in SCORE_SOURCES]
    return tuple(name.entry for name in published_names(readings)[0].values())


def measure(crosswalk: Crosswalk, entries: Iterable[Entry]) -> dict[SourceName, tuple[Share, Share, Share]]:
    """Return, per board: precision and reach of exact agreement, and the right variant among the first."""
    agreement = Agreement(crosswalk.variants)
    found: dict[SourceName, tuple[Share, Share, Share]] = {}
    listed = tuple(entries)
    for source in SCORE_SOURCES:
        others = {place: word for place, word in crosswalk.judgements.items() if place[0] != source}
        suggester = Suggester(crosswalk.variants, {}, others)
        joined, meant, wrong, silent, deep = 0, 0, [], [], []
        for entry in listed:
            word = crosswalk.judgements.get((source, entry.key))
            if entry.source != source or word is None:
                continue
            exact = agreement.exact(entry.name, source)
            joined += exact is not None
            if exact is not None and exact != word.variant:
                wrong.append(f"{entry.name}: {exact}, judged {word.variant or 'not routed'}")
            if word.variant is None:
                continue
            meant += 1
            if exact is None:
                silent.append(entry.name)
            if word.variant not in {told.variant for told in suggester.suggest(entry)}:
                deep.append(f"{entry.name}: judged {word.variant}")
        found[source] = (
            Share(of=joined, missed=tuple(wrong)),
            Share(of=meant, missed=tuple(silent)),
            Share(of=meant, missed=tuple(deep)),
        )
    return found


def main() -> None:
    """Print the three shares per board, and the names behind every miss that counts."""
    crosswalk = load_crosswalk(ROOT / "data" / "crosswalk")
    for source, (right, reach, first) in measure(crosswalk, listed_names(SHARED)).items():
        print(source)  # noqa: T201 - a table for people
        print(f"  exact agreement is what was judged  {right}; target 100 %")  # noqa: T201 - the same
        print(f"  judged names it speaks about        {reach}")  # noqa: T201 - the same
        print(f"  right variant among the first {SHOWN}     {first}; target >= 95 %")  # noqa: T201 - the same
        for line in (*right.missed, *first.missed):
            print(f"    {line}")  # noqa: T201 - the same


if __name__ == "__main__":
    main()
