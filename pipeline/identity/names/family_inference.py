"""Derives vendor, family and effort of names in a past table: by judgement, by spelling, by the first word.

Only for judging rules on past weeks, where a name outside the crosswalk is the rule (411 names of the public
text table, 184 of them judged). No score is joined by it: a live run leaves an unjudged name out.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, Final

from pipeline.domain.crosswalk import Crosswalk, NameFamily, Variant
from pipeline.domain.ids import LMARENA_TEXT
from pipeline.identity.names.name_parser import ParsedName, parse_name, parse_release

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


_MODEL_WORDS: Final = frozenset({"max", "medium", "default"})
"""Efforts that end the names of models too (`qwen3-max`, `magistral-medium`): where nobody judged the name
they tell no effort."""
_REASONS: Final = frozenset({"think", "thinking", "reasoning"})
_HEAD: Final = re.compile(r"[a-z]+(?=[\d.]*(?:[^a-z0-9.]|$))")
"""The leading word of a name without its version: `qwen` of `qwen2.5-72b`; none in `gpt4all-13b`."""
_SEPARATORS: Final = re.compile(r"[^a-z0-9+]+")


class FamilyInference:
    """Reads names with the help of a crosswalk; built once, asked for many names."""

    def __init__(self, crosswalk: Crosswalk) -> None:
        """Read every judgement of the rating boards and every release."""
        variants = crosswalk.variants
        self._judged: dict[str, Variant] = {}
        self._by_words: defaultdict[tuple[str, ...], list[Variant]] = defaultdict(list)
        heads: defaultdict[str, defaultdict[str, list[frozenset[str]]]] = defaultdict(
            lambda: defaultdict(list)
        )
        for variant in variants.values():
            self._by_words[parse_release(variant.release).words].append(variant)
            heads[_head(variant.release)][variant.vendor].append(_tokens(variant.release))
            heads[_head(variant.vendor)][variant.vendor].append(frozenset())
        for place, word in sorted(crosswalk.judgements.items()):
            if place[0] == LMARENA_TEXT and word.variant is not None:
                variant = variants[word.variant]
                self._judged.setdefault(_flatten(word.name), variant)
                heads[_head(_flatten(word.name))][variant.vendor].append(frozenset(_tokens(word.name)))
        self._marks = {head: _marks(vendors) for head, vendors in heads.items() if head}

    def of(self, name: str) -> NameFamily:
        """Return what follows from a name.

        A judged name is its variant, whatever separates its words: tables write `claude-opus-4-6` for
        `claude-opus-4.6`. Another one that spells a known release, its date aside, is of that release's
        family. Else its leading word gives the vendor whose releases begin with it; where several
        vendors' do, the words that all releases of one share decide (`nemotron` after `llama`).
        """
        if (judged := self._judged.get(_flatten(name))) is not None:
            return NameFamily(judged.vendor, judged.family, judged.effort)
        readings = parse_name(name, LMARENA_TEXT)
        for reading in readings:
            if found := self._by_words.get(reading.words):
                return _of_release(reading, found)
        stated = _effort_level(readings[-1])
        family = " ".join((readings[-1] if stated else readings[0]).words)
        return NameFamily(self._vendor(name), family, stated or ("on" if _REASONS & _tokens(name) else None))

    def _vendor(self, name: str) -> str | None:
        marks, tokens = self._marks.get(_head(name.lower()), {}), _tokens(name)
        fitting = {vendor: len(words) for vendor, words in marks.items() if words <= tokens}
        most = [vendor for vendor, count in fitting.items() if count == max(fitting.values())]
        return most[0] if len(most) == 1 else None


def _marks(vendors: Mapping[str, Sequence[frozenset[str]]]) -> Mapping[str, frozenset[str]]:
    """By vendor: the words that all its releases of one leading word share; none needed where it is alone."""
    if len(vendors) == 1:
        return dict.fromkeys(vendors, frozenset())
    return {vendor: frozenset.intersection(*words) for vendor, words in vendors.items()}


def _of_release(reading: ParsedName, known: Sequence[Variant]) -> NameFamily:
    """Relations by the releases of the same words; the effort is stated if all of them have the same."""
    vendors, families, efforts = (
        {getattr(variant, part) for variant in known} for part in ("vendor", "family", "effort")
    )
    return NameFamily(
        _only_element(vendors),
        _only_element(families) or " ".join(reading.words),
        _effort_level(reading) or _only_element(efforts),
    )


def _effort_level(reading: ParsedName) -> str | None:
    return None if reading.effort in _MODEL_WORDS else reading.effort


def _only_element(found: set[str]) -> str | None:
    return next(iter(found)) if len(found) == 1 else None


def _flatten(name: str) -> str:
    return _SEPARATORS.sub("-", name.lower()).strip("-")


def _tokens(name: str) -> frozenset[str]:
    return frozenset(re.findall(r"[a-z]+", name.lower()))


def _head(name: str) -> str:
    found = _HEAD.match(name)
    return found[0] if found else ""
