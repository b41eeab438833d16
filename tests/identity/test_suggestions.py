"""Suggestions: transparent evidence for a person, the same every time."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pipeline.domain.ids import ARTIFICIAL_ANALYSIS, LMARENA_TEXT, SourceModelName
from pipeline.identity.names.suggestions import Suggester
from pipeline.identity.resolve.resolve import resolve_names

if TYPE_CHECKING:
    from tests.identity.conftest import Shelf


def test_the_evidence_says_in_words_what_ranked_a_variant(shelf: Shelf) -> None:
    words = shelf.crosswalk(
        replace(shelf.variant("sol-5.6@high"), vendor="openai"),
        replace(shelf.variant("sol-5.6@low"), vendor="openai"),
        shelf.variant("sol-5.5@high"),
        shelf.variant("sol@high"),
        shelf.variant("luna@high"),
    )
    entry = replace(shelf.entry(ARTIFICIAL_ANALYSIS, "u"), organization="Open AI")
    entry = replace(entry, name=SourceModelName("Sol 5.6 (high)"))
    found = resolve_names([shelf.reading(entry)], words).open_names[0].suggestions
    assert [(suggestion.variant, suggestion.evidence) for suggestion in found] == [
        ("sol-5.6@high", "shares 5.6 sol; spelled to the letter; same vendor openai; same effort high"),
        ("sol-5.6@low", "shares 5.6 sol; same vendor openai"),
        ("sol@high", "shares sol; same effort high"),
    ]


def test_the_longer_release_comes_first_where_the_name_has_its_suffix(shelf: Shelf) -> None:
    suggester = Suggester(
        shelf.crosswalk(shelf.variant("qwen3.7@default"), shelf.variant("qwen3.7-max@default")).variants, {}
    )
    asked = suggester.suggest(shelf.entry(LMARENA_TEXT, "qwen3.7-max"))
    assert [suggestion.variant for suggestion in asked] == ["qwen3.7-max@default", "qwen3.7@default"]


def test_a_variant_whose_judged_name_has_left_the_source_is_pointed_at(shelf: Shelf) -> None:
    words = shelf.crosswalk(
        shelf.variant("kimi-k3@low"),
        shelf.variant("kimi-k3@on"),
        shelf.judgement(LMARENA_TEXT, "kimi-k3", "kimi-k3@on"),
    )
    renamed = shelf.reading(shelf.row("kimi-k3-max"))
    (first, second) = resolve_names([renamed], words).open_names[0].suggestions
    assert first.variant == "kimi-k3@on"
    assert "judged name kimi-k3 has left lmarena-text" in first.evidence
    assert "has left" not in second.evidence
    both = shelf.reading(shelf.row("kimi-k3-max"), shelf.row("kimi-k3"))
    assert all(
        "has left" not in suggestion.evidence
        for suggestion in resolve_names([both], words).open_names[0].suggestions
    )


def test_a_name_that_shares_nothing_gets_no_suggestion(shelf: Shelf) -> None:
    words = shelf.crosswalk(shelf.variant("sol@high"))
    found = resolve_names([shelf.reading(shelf.row("plum blossom (high)"))], words)
    assert found.open_names[0].suggestions == ()


def test_a_common_word_of_another_vendor_is_no_evidence(shelf: Shelf) -> None:
    words = shelf.crosswalk(shelf.variant("mimo-v2-pro@default"), shelf.variant("o3@high"))
    found = resolve_names([shelf.reading(shelf.row("kat-coder-pro-v2"), shelf.row("motif-3 (high)"))], words)
    assert [name.suggestions for name in found.open_names] == [(), ()]


def test_an_effort_that_nobody_states_is_no_evidence(shelf: Shelf) -> None:
    words = shelf.crosswalk(shelf.variant("sol@default"))
    found = resolve_names([shelf.reading(shelf.row("sol"))], words)
    assert found.open_names[0].suggestions[0].evidence == "shares sol; spelled to the letter"


def test_equal_evidence_is_ordered_by_the_id(shelf: Shelf) -> None:
    names = ["sol-b@high", "sol-a@high", "sol-d@high", "sol-c@high"]
    words = shelf.crosswalk(*(shelf.variant(name) for name in names))
    found = resolve_names([shelf.reading(shelf.row("sol"))], words)
    assert [suggestion.variant for suggestion in found.open_names[0].suggestions] == sorted(names)[:3]


def test_each_of_seven_hundred_open_names_has_three_suggestions(shelf: Shelf) -> None:
    efforts = ("none", "low", "medium", "high", "max")
    families = ("gpt", "claude-opus", "gemini", "qwen", "deepseek-v", "glm")
    variants = [
        shelf.variant(f"{family}-{number // 3}.{number % 3}@{effort}")
        for family in families
        for number in range(10)
        for effort in efforts
    ]
    rows = [shelf.row(f"{families[n % 6]}-{n % 13}.{n % 4}-pro-{n} ({efforts[n % 5]})") for n in range(700)]
    words = shelf.crosswalk(*variants)
    reading = shelf.reading(*rows)
    found = resolve_names([reading], words)
    assert len(found.open_names) == 700
    assert all(len(name.suggestions) == 3 for name in found.open_names)
