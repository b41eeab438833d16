"""Matches a name to the variant it spells exactly, or to none. Nothing is near enough.

It accepts nothing by itself: it is evidence for the person who judges, and ranks first where it speaks.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from pipeline.domain.ids import ARTIFICIAL_ANALYSIS, SourceName, VariantId
from pipeline.identity.names.name_parser import ParsedName, parse_name, parse_release

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipeline.domain.crosswalk import Variant

_AMBIGUOUS: Final = frozenset({"max"})
"""Efforts that are also the names of models (`qwen3.7-max`)."""
_GRADED: Final = frozenset({"low", "medium", "high", "xhigh"})


class ExactMatcher:
    """The variants by the words of their release; built once, asked for many names."""

    def __init__(self, variants: Mapping[VariantId, Variant]) -> None:
        """Read every release."""
        self._releases: defaultdict[tuple[str, ...], list[tuple[ParsedName, Variant]]] = defaultdict(list)
        for _, variant in sorted(variants.items()):
            spelled = parse_release(variant.release)
            if spelled.whole:
                self._releases[spelled.words].append((spelled, variant))

    def exact_variant(self, name: str, source: SourceName) -> VariantId | None:
        """Return the one variant whose release and effort the name spells; None where it asks for a person.

        The first reading that lands on a known release decides: `qwen3.7-max` is never `qwen3.7` while
        `qwen3.7-max` is known. A dated name agrees with a release of that date, or of no date whose own
        date or route says the same; an undated name never agrees with a dated release.
        """
        for reading in parse_name(name, source):
            landed = [variant for spelled, variant in self._releases.get(reading.words, ())
                      if same_dates(reading.dates, spelled.dates, variant)]  # fmt: skip
            if landed:
                return _only_variant(reading, landed, bare_is_default=source != ARTIFICIAL_ANALYSIS)
        return None

    def candidates(self, name: str, source: SourceName) -> tuple[tuple[ParsedName, Variant], ...]:
        """Return every variant that any reading of the name spells with its effort, beside that reading."""
        return tuple(
            (reading, variant)
            for reading in parse_name(name, source)
            for spelled, variant in self._releases.get(reading.words, ())
            if variant.effort == reading.effort and same_dates(reading.dates, spelled.dates, variant)
        )

    def vendors(self, name: str, source: SourceName) -> frozenset[str]:
        """Return the vendors whose releases any reading of the name spells, whatever effort it states."""
        return frozenset(
            variant.vendor
            for reading in parse_name(name, source)
            for _, variant in self._releases.get(reading.words, ())
        )


def _only_variant(reading: ParsedName, landed: list[Variant], *, bare_is_default: bool) -> VariantId | None:
    """Take the variant of the stated effort, if the name is plain and only one release is meant.

    A bare name is what the API does unasked on the boards; the index may have run another setting
    without saying so in the name (its metadata calls some bare rows reasoning), so there it says nothing.
    """
    if not reading.plain or len({variant.release for variant in landed}) > 1:
        return None
    if reading.effort == "default" and not bare_is_default:
        return None
    efforts = {variant.effort: variant.id for variant in landed}
    if reading.effort in _AMBIGUOUS and not _GRADED & efforts.keys():
        return None
    return efforts.get(reading.effort)


def same_dates(stated: tuple[str, ...], known: tuple[str, ...], variant: Variant) -> bool:
    """Compare the dates of a name with those of a release, in whatever form both are written."""
    if not stated:
        return not known
    if known:
        return all(any(_is_same_date(one, other) for other in known) for one in stated)
    return all(_of(one, variant) for one in stated)


def _of(date: str, variant: Variant) -> bool:
    """Return whether an undated release is of a date: by its day, or by the dated id of its route."""
    if variant.released_on is not None and _is_same_date(date, variant.released_on.isoformat()):
        return True
    squeezed = date.replace("-", "")
    routes = (variant.litellm, variant.openrouter, variant.genai_prices)
    return any(squeezed in (route or "").replace("-", "") for route in routes)


def _is_same_date(one: str, other: str) -> bool:
    """`2025-09` is `2025-09-23`, `2507` is `2025-07`, `0324` is the 24th of March of any year."""
    shorter, longer = sorted((one.replace("-", ""), other.replace("-", "")), key=len)
    return longer.startswith(shorter) or f"20{shorter}" == longer[:6] or shorter == longer[4:8]
