"""Which variants an open name might mean: evidence for a person, never a decision.

The rank is simple on purpose, so that the evidence line explains all of it: the share of common
tokens (Dice), plus a fixed bonus each for the same vendor, the same stated effort, and a variant
whose judged name has left this source. A variant of another vendor whose first word is not in the
name is not worth a person's time.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pipeline.domain.crosswalk import Suggestion

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pipeline.domain.crosswalk import Variant
    from pipeline.domain.names import SourceModelName, SourceName, VariantId
    from pipeline.domain.observation import Entry

SHOWN: Final = 3
"""Suggestions per open name."""

_BONUS: Final = 0.2
"""Worth of one further piece of evidence, beside a token share between 0 and about 1."""

_LEVELS: Final = frozenset({"minimal", "low", "medium", "high", "xhigh", "max"})
_FILLERS: Final = _LEVELS | {"effort", "adaptive", "reasoning", "thinking", "non", "none"}
_TOKEN = re.compile(r"\d+(?:\.\d+)*[a-z]?(?![a-z])|[a-z]+\+?")
_HYPHENATED_VERSION = re.compile(r"(?<![\d.])(\d{1,2})-(\d{1,2})(?![\d.])")
_NON_REASONING = re.compile(r"non[- ]?(?:reasoning|thinking)")
_NOT_ALPHANUMERIC = re.compile(r"[^a-z0-9]")

Gone = dict["tuple[SourceName, VariantId]", "SourceModelName"]
"""Judged names their source no longer publishes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    variant: Variant
    tokens: frozenset[str]
    brand: str
    """First word of the release, e.g. `gpt`."""
    vendor: str


class Suggester:
    """Ranks variants for open names; built once, asked for many names."""

    def __init__(
        self,
        variants: Mapping[VariantId, Variant],
        gone: Mapping[tuple[SourceName, VariantId], SourceModelName],
    ) -> None:
        """Index the variants by the tokens of their release."""
        self._known = tuple(
            _Known(
                variant=variant,
                tokens=tokens_of(variant.release),
                brand=next(iter(_tokens(variant.release)), ""),
                vendor=_squeezed(variant.vendor),
            )
            for _, variant in sorted(variants.items())
        )
        self._gone = gone
        self._holders: defaultdict[str, list[int]] = defaultdict(list)
        for index, known in enumerate(self._known):
            for token in known.tokens:
                self._holders[token].append(index)

    def suggest(self, entry: Entry) -> tuple[Suggestion, ...]:
        """Return up to three variants that share tokens with the name, with the evidence in words."""
        tokens = tokens_of(entry.name)
        shared = Counter(index for token in tokens for index in self._holders.get(token, ()))
        said = _Said(
            entry=entry,
            size=len(tokens - _FILLERS),
            effort=effort_of(entry.name),
            vendor=_squeezed(entry.organization or "unknown"),
        )
        ranked = sorted(
            (-self._weight(said, index, count), index)
            for index, count in shared.items()
            if self._known[index].brand in tokens or self._known[index].vendor == said.vendor
        )
        return tuple(
            Suggestion(variant=self._known[index].variant.id, evidence=self._evidence(said, tokens, index))
            for _, index in ranked[:SHOWN]
        )

    def _weight(self, said: _Said, index: int, shared: int) -> float:
        known = self._known[index]
        share = 2 * shared / (said.size + len(known.tokens))
        return share + _BONUS * len(self._bonuses(said, known))

    def _bonuses(self, said: _Said, known: _Known) -> tuple[str, ...]:
        variant = known.variant
        gone = self._gone.get((said.entry.source, variant.id))
        words = (
            f"same vendor {variant.vendor}" if said.vendor == known.vendor else "",
            f"same effort {variant.effort}" if said.effort == variant.effort != "default" else "",
            f"judged name {gone} has left {said.entry.source}" if gone is not None else "",
        )
        return tuple(word for word in words if word)

    def _evidence(self, said: _Said, tokens: Iterable[str], index: int) -> str:
        known = self._known[index]
        common = sorted(known.tokens.intersection(tokens))
        return "; ".join((f"shares {' '.join(common)}", *self._bonuses(said, known)))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Said:
    entry: Entry
    size: int
    effort: str
    vendor: str


def tokens_of(name: str) -> frozenset[str]:
    """Split a name into words and version numbers; `+` belongs to its word, `4-6` reads as `4.6`."""
    return frozenset(_tokens(name))


def effort_of(name: str) -> str:
    """Read the effort a name states, `default` where it states none."""
    lowered = name.lower()
    if _NON_REASONING.search(lowered):
        return "none"
    words: list[str] = _TOKEN.findall(lowered)
    levels = [word for word in words if word in _LEVELS]
    if levels:
        return levels[-1]
    return "on" if "thinking" in words or "reasoning" in words else "default"


def _tokens(name: str) -> list[str]:
    return _TOKEN.findall(_HYPHENATED_VERSION.sub(r"\1.\2", name.lower()))


def _squeezed(text: str) -> str:
    return _NOT_ALPHANUMERIC.sub("", text.lower())
