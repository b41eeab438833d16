"""Only a judgement says who is meant; everything else stays open, listed and counted."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from pipeline.domain.ids import (
    ARTIFICIAL_ANALYSIS,
    GENAI_PRICES,
    LMARENA_TEXT,
    LMARENA_WEBDEV,
    OPENROUTER,
    SourceModelName,
    arena_metric,
)
from pipeline.domain.observation import Finding, Severity
from pipeline.identity.resolve.resolve import resolve_names

if TYPE_CHECKING:
    from tests.identity.conftest import Shelf


def kinds(findings: tuple[Finding, ...], kind: str) -> list[Finding]:
    """The findings of one kind."""
    return [finding for finding in findings if finding.kind == kind]


def test_a_judged_name_becomes_a_measure_of_its_variant(shelf: Shelf) -> None:
    row = shelf.row("sol-high", 1480)
    coding = replace(row, metric=arena_metric("text", "coding"), value=1500.0)
    words = shelf.crosswalk(shelf.variant("sol@high"), shelf.judgement(LMARENA_TEXT, "sol-high", "sol@high"))
    found = resolve_names([shelf.reading(row, coding)], words)
    assert [(m.variant, m.observation) for m in found.measures] == [("sol@high", coding), ("sol@high", row)]
    assert (found.judged_names, found.unrouted_names, found.open_names) == (1, 0, ())


def test_a_name_judged_not_routed_is_counted_and_gives_nothing(shelf: Shelf) -> None:
    words = shelf.crosswalk(shelf.variant("sol@high"), shelf.judgement(LMARENA_TEXT, "old", None))
    found = resolve_names([shelf.reading(shelf.row("old"))], words)
    assert (found.measures, found.open_names) == ((), ())
    assert (found.judged_names, found.unrouted_names) == (0, 1)


def test_a_name_that_looks_identical_but_is_not_judged_stays_open(shelf: Shelf) -> None:
    words = shelf.crosswalk(
        shelf.variant("sol-5.6@high"), shelf.judgement(LMARENA_TEXT, "sol-5.6@high", "sol-5.6@high")
    )
    elsewhere = shelf.row("sol-5.6@high", 60, ARTIFICIAL_ANALYSIS)
    other_case = shelf.row("Sol-5.6@high")
    found = resolve_names([shelf.reading(elsewhere), shelf.reading(other_case)], words)
    assert found.measures == ()
    assert {name.entry.key for name in found.open_names} == {"sol-5.6@high", "Sol-5.6@high"}
    assert all(name.suggestions[0].variant == "sol-5.6@high" for name in found.open_names)


@pytest.mark.parametrize(
    ("judged", "published"),
    [
        ("qwen3.7", "qwen3.7-max"),
        ("qwen3.7-max", "qwen3.7"),
        ("command-a", "command-a+"),
        ("command-a+", "command-a"),
        ("llama-3-1-405b", "hermes-4-llama-3-1-405b"),
        ("gpt-5.2-high", "gpt-5.2-codex"),
        ("sol", "sol "),
        ("sol", "SOL"),
        ("sol:free", "sol"),
    ],
)
def test_no_part_of_a_name_and_no_likeness_is_accepted(shelf: Shelf, judged: str, published: str) -> None:
    words = shelf.crosswalk(
        shelf.variant("judged@default"), shelf.judgement(LMARENA_TEXT, judged, "judged@default")
    )
    found = resolve_names([shelf.reading(shelf.row(published))], words)
    assert (found.measures, found.judged_names) == ((), 0)
    assert [name.entry.name for name in found.open_names] == [published]


def test_a_score_is_not_lent_to_a_sibling_or_a_successor(shelf: Shelf) -> None:
    words = shelf.crosswalk(
        shelf.variant("sol@high"),
        shelf.variant("sol@max"),
        shelf.judgement(LMARENA_TEXT, "sol-high", "sol@high"),
    )
    found = resolve_names([shelf.reading(shelf.row("sol-high"))], words)
    assert {measure.variant for measure in found.measures} == {"sol@high"}


def test_open_names_come_by_their_place_in_their_own_source(shelf: Shelf) -> None:
    words = shelf.crosswalk(shelf.variant("best@max"), shelf.judgement(LMARENA_TEXT, "best", "best@max"))
    text = [shelf.row("best", 1500), shelf.row("b", 1450), shelf.row("a", 1450), shelf.row("last", 1000)]
    index = [shelf.row("i1", 60.0, ARTIFICIAL_ANALYSIS), shelf.row("i2", 50.0, ARTIFICIAL_ANALYSIS)]
    listed = shelf.entry(ARTIFICIAL_ANALYSIS, "listed without a score")
    found = resolve_names([shelf.reading(*text), shelf.reading(*index, listed)], words)
    assert [(name.entry.key, name.best_value) for name in found.open_names] == [
        ("i1", 60.0),
        ("a", 1450),
        ("b", 1450),
        ("i2", 50.0),
        ("last", 1000),
        ("listed without a score", None),
    ]


def test_only_the_main_metric_ranks_an_open_name(shelf: Shelf) -> None:
    webdev = replace(shelf.row("w", 1200, LMARENA_WEBDEV), metric=arena_metric("webdev", "other"))
    found = resolve_names([shelf.reading(webdev)], shelf.crosswalk())
    assert [name.best_value for name in found.open_names] == [None]


def test_an_open_name_carries_what_its_source_lists_about_it(shelf: Shelf) -> None:
    entry = replace(shelf.entry(LMARENA_TEXT, "sol"), organization="vendor", licence="MIT")
    found = resolve_names([shelf.reading(shelf.row("sol"), entry)], shelf.crosswalk())
    assert [name.entry for name in found.open_names] == [entry]


def test_names_of_catalogues_are_never_open(shelf: Shelf) -> None:
    rows = shelf.reading(shelf.entry(OPENROUTER, "a/b"), shelf.price(OPENROUTER, "a/b", (1, 2, None)))
    table = shelf.reading(shelf.price(GENAI_PRICES, "a:b", (1, 2, None)))
    assert resolve_names([rows, table], shelf.crosswalk()).open_names == ()


def test_a_key_with_another_spelling_of_the_judged_name_is_a_note(shelf: Shelf) -> None:
    words = shelf.crosswalk(
        shelf.variant("v4-flash@max"),
        shelf.judgement(ARTIFICIAL_ANALYSIS, "uuid-1", "v4-flash@max", "V4 Flash (Max Effort)"),
        shelf.judgement(ARTIFICIAL_ANALYSIS, "uuid-2", None, "V3"),
    )
    rows = [
        replace(shelf.row("uuid-1", 40, ARTIFICIAL_ANALYSIS), name=SourceModelName("Flash V4 (max)")),
        replace(shelf.row("uuid-2", 30, ARTIFICIAL_ANALYSIS), name=SourceModelName("V3")),
    ]
    found = resolve_names([shelf.reading(*rows)], words)
    (finding,) = kinds(found.findings, "renamed")
    assert finding.severity is Severity.NOTE
    assert "'Flash V4 (max)'" in finding.message
    assert "'V4 Flash (Max Effort)'" in finding.message
    assert [measure.variant for measure in found.measures] == ["v4-flash@max"]


@pytest.mark.parametrize(("judged", "warned"), [(0, True), (4, True), (5, False), (6, False)])
def test_a_source_whose_names_hardly_match_is_a_warning(shelf: Shelf, judged: int, *, warned: bool) -> None:
    rows = [shelf.row(f"name-{number:03}") for number in range(100)]
    lines = [shelf.judgement(LMARENA_TEXT, f"name-{number:03}", None) for number in range(judged)]
    other = shelf.reading(shelf.row("u", 1, LMARENA_WEBDEV))
    words = shelf.crosswalk(*lines, shelf.judgement(LMARENA_WEBDEV, "u", None))
    found = kinds(resolve_names([shelf.reading(*rows), other], words).findings, "nothing-matched")
    assert [(f.subject, f.severity) for f in found] == [(LMARENA_TEXT, Severity.WARN)] * warned
    assert all(f"only {judged} of 100 names of lmarena-text" in finding.message for finding in found)


def test_no_readings_give_an_empty_resolution(shelf: Shelf) -> None:
    found = resolve_names([], shelf.crosswalk())
    assert (found.measures, found.offers, found.open_names, found.findings) == ((), (), (), ())
