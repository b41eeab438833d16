"""What speaks against taking an unjudged name for the one variant that it spells to the letter.

One doubt leaves the name open. Each rule answers a way in which exact spelling was wrong, or could be: the
only wrong one among 298 judged names that agreed exactly was a harness result whose name does not say so.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from pipeline.identity.columns import CATALOGUES, entries_of, keys_of
from pipeline.identity.contrary import Case, budgets, dates, others, said_otherwise, taken, unread
from pipeline.identity.grammar import read, read_release

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import date

    from pipeline.domain.crosswalk import Judgement, Variant
    from pipeline.domain.names import SourceName, VariantId
    from pipeline.domain.observation import Reading
    from pipeline.identity.agree import Agreement
    from pipeline.identity.published import NameId, Published

_HARNESS: Final = "harness"


class Doubts:
    """Asks every rule about a name; built once for a week's names, asked for many."""

    def __init__(
        self,
        names: Mapping[NameId, Published],
        readings: Sequence[Reading],
        variants: Mapping[VariantId, Variant],
        agreement: Agreement,
    ) -> None:
        """Note what the boards and the catalogues list this week."""
        self._names = names
        self._variants = variants
        self._agreement = agreement
        self._entries = entries_of(readings)
        self._models: defaultdict[tuple[str, ...], set[NameId]] = defaultdict(set)
        for source, key in self._entries:
            self._models[read_release(key.rpartition("/")[2]).words].add((source, key))
        self._apart: defaultdict[tuple[SourceName, tuple[str, ...]], set[str]] = defaultdict(set)
        self._harness: defaultdict[SourceName, set[str]] = defaultdict(set)
        for (source, _), one in names.items():
            self._note(source, one.entry.name)

    def about(self, case: Case, judgements: Mapping[NameId, Judgement], on: date) -> tuple[str, ...]:
        """Return what speaks against a case on a day; nothing where it may be used provisionally."""
        found = (
            unread(case),
            others(case, self._agreement.candidates(case.entry.name, case.entry.source)),
            self._a_model_of_its_own(case),
            self._bare(case),
            self._in_a_harness(case, judgements.values()),
            self._other_vendor(case, judgements),
            taken(case, judgements.values()),
            said_otherwise(case, judgements.values()),
            budgets(case, judgements.values()),
            dates(case, on),
        )
        return tuple(word for word in found if word)

    def _note(self, source: SourceName, name: str) -> None:
        last = read(name, source)[-1]
        if last.effort != "default":
            self._apart[source, last.words].add(name)
        if last.harness:
            self._harness[source] |= self._agreement.vendors(name, source)

    def _a_model_of_its_own(self, case: Case) -> str:
        """The whole name may be a model, its last word no effort: only the catalogues can tell."""
        literal = read(case.entry.name, case.entry.source)[0]
        if literal == case.reading:
            return ""
        if not self._entries:
            return f"no catalogue was read that could list {' '.join(literal.words)} as a model of its own"
        own = {(source, key) for source in CATALOGUES for key in keys_of(case.variant, source, self._entries)}
        listed = sorted(self._models.get(literal.words, set()) - own)
        return f"{listed[0][0]} lists {listed[0][1]}, a model of the whole name" if listed else ""

    def _bare(self, case: Case) -> str:
        """Beside a row that states its effort, a bare name may mean none as well as the default."""
        apart = sorted(self._apart.get((case.entry.source, case.reading.words), ()))
        if case.reading.effort != "default" or not apart:
            return ""
        return f"{apart[0]} is listed apart, so the bare name does not say what it runs"

    def _in_a_harness(self, case: Case, judged: Collection[Judgement]) -> str:
        """Where a board runs a vendor's models in a harness, not every name says so."""
        source, vendor = case.entry.source, case.variant.vendor
        told = any(
            vendor in self._agreement.vendors(one.name, source)
            for one in judged
            if one.source == source and _HARNESS in one.name.lower()
        )
        if not told and vendor not in self._harness.get(source, ()):
            return ""
        return f"{source} runs models of {vendor} in a harness, and not every name says so"

    def _other_vendor(self, case: Case, judgements: Mapping[NameId, Judgement]) -> str:
        """What a source calls a vendor is learned from its judged names, or is the vendor's own word."""
        organization, vendor = case.entry.organization, case.variant.vendor
        known = {
            self._variants[one.variant].vendor
            for place, one in judgements.items()
            if one.variant is not None
            and one.source == case.entry.source
            and place in self._names
            and self._names[place].entry.organization == organization
        }
        same_word = squeezed(organization or "") == squeezed(vendor)
        if organization is None or vendor in known or (not known and same_word):
            return ""
        return f"{case.entry.source} lists it as {organization}'s, the variant is {vendor}'s"


def squeezed(text: str) -> str:
    """Leave only letters and digits, in lower case: `Z AI` is `zai`."""
    return "".join(letter for letter in text.lower() if letter.isalnum())
