"""A name is used provisionally only where it spells one variant and nothing at all speaks against it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest

from pipeline.domain.ids import ARTIFICIAL_ANALYSIS, LMARENA_TEXT, LMARENA_WEBDEV, OPENROUTER, SourceModelName
from pipeline.identity.names.provisional_matches import name_candidates
from pipeline.identity.resolve.resolve import resolve_names
from tests.identity.test_name_parser import TRAPS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.domain.crosswalk import Judgement, ProvisionalMatch, Variant
    from pipeline.domain.ids import SourceName
    from pipeline.domain.observation import Entry, Observation, Price
    from tests.identity.conftest import Shelf

    Row = Observation | Price | Entry

ON = date(2026, 8, 15)


def _agreed(shelf: Shelf, rows: Sequence[Row], *lines: Variant | Judgement) -> tuple[ProvisionalMatch, ...]:
    """Examine some rows beside a catalogue that lists nothing of interest."""
    sources = {row.source for row in rows} | {OPENROUTER}
    listed = [*rows, shelf.entry(OPENROUTER, "other/thing")]
    readings = [shelf.reading(*(row for row in listed if row.source == source)) for source in sorted(sources)]
    return tuple(one.agreed for one in name_candidates(readings, shelf.crosswalk(*lines), on=ON))


def _doubts(shelf: Shelf, rows: Sequence[Row], *lines: Variant | Judgement) -> str:
    found = _agreed(shelf, rows, *lines)
    assert found, "it should spell a variant"
    return "; ".join(found[0].doubts)


@pytest.mark.parametrize(
    ("source", "name"),
    [
        (LMARENA_TEXT, "sol-5.6-high"),
        (LMARENA_TEXT, "sol-5.6 (High)"),
        (LMARENA_WEBDEV, "sol-5-6-high"),
        (ARTIFICIAL_ANALYSIS, "Sol 5.6 (Reasoning, High Effort)"),
    ],
)
def test_a_name_that_spells_one_variant_is_used_and_counted_apart(
    shelf: Shelf, source: SourceName, name: str
) -> None:
    words = shelf.crosswalk(shelf.variant("sol-5.6@high"), shelf.variant("sol-5.6@low"))
    readings = [shelf.reading(shelf.row(name, 60.0, source)), shelf.reading(shelf.entry(OPENROUTER, "a/b"))]
    agreed = [one.agreed for one in name_candidates(readings, words, on=ON)]
    found = resolve_names(readings, words, agreed)
    assert [(one.variant, one.observation.name) for one in found.measures] == [("sol-5.6@high", name)]
    assert [(one.name, one.doubts) for one in found.provisional] == [(name, ())]
    assert (found.judged_names, found.open_names) == (0, ())
    assert [one.subject for one in found.findings if one.kind == "provisional"] == ["sol-5.6@high"]


@pytest.mark.parametrize("trap", TRAPS)
def test_no_trap_is_used_provisionally(shelf: Shelf, trap: str) -> None:
    source, name, variants = TRAPS[trap]
    lines = [shelf.variant(one) for one in variants]
    assert all(one.doubts for one in _agreed(shelf, [shelf.row(name, 60.0, source)], *lines))


def test_a_name_read_in_two_ways_stays_open(shelf: Shelf) -> None:
    lines = [shelf.variant(one) for one in ("qwen3.7-max@default", "qwen3.7@max", "qwen3.7@low")]
    said = _doubts(shelf, [shelf.row("qwen3.7-max")], *lines)
    assert said == "read otherwise it is qwen3.7@max"


def test_a_last_word_that_a_catalogue_lists_as_part_of_a_model_is_no_effort(shelf: Shelf) -> None:
    lines = [shelf.variant("kimi-k2@on")]
    rows: list[Row] = [shelf.row("kimi-k2-thinking"), shelf.entry(OPENROUTER, "moonshotai/kimi-k2-thinking")]
    assert "openrouter lists moonshotai/kimi-k2-thinking" in _doubts(shelf, rows, *lines)
    own = replace(lines[0], openrouter="moonshotai/kimi-k2-thinking")
    assert _doubts(shelf, rows, own) == ""


def test_without_a_catalogue_a_last_word_is_not_taken_for_an_effort(shelf: Shelf) -> None:
    words = shelf.crosswalk(shelf.variant("sol@high"))
    (found,) = name_candidates([shelf.reading(shelf.row("sol-high"))], words, on=ON)
    assert "no catalogue was read" in found.agreed.doubts[0]


def test_a_second_name_of_a_source_stays_open(shelf: Shelf) -> None:
    lines = (shelf.variant("sol@high"), shelf.judgement(LMARENA_TEXT, "sol-thinking", "sol@high"))
    assert "'sol-thinking' of lmarena-text is judged" in _doubts(shelf, [shelf.row("sol-high")], *lines)


def test_two_unjudged_names_of_one_variant_stay_open_both(shelf: Shelf) -> None:
    found = _agreed(shelf, [shelf.row("sol-high"), shelf.row("Sol (High)")], shelf.variant("sol@high"))
    assert [one.doubts for one in found] == [
        ("another unjudged name of lmarena-text spells sol@high too",)
    ] * 2


@pytest.mark.parametrize(("meant", "said"), [(None, "nothing we route to"), ("sol@low", "sol@low")])
def test_a_string_that_means_something_else_on_another_board_stays_open(
    shelf: Shelf, meant: str | None, said: str
) -> None:
    lines = (shelf.variant("sol@high"), shelf.variant("sol@low"))
    other = shelf.judgement(LMARENA_WEBDEV, "sol-high", meant)
    assert _doubts(shelf, [shelf.row("sol-high")], *lines, other).endswith(said)


def test_where_a_vendor_runs_in_a_harness_no_name_of_it_is_used(shelf: Shelf) -> None:
    lines = (shelf.variant("sol@high"), shelf.variant("sol-mini@high"))
    rows = [shelf.row("sol-mini-high", 1, LMARENA_WEBDEV)]
    assert _doubts(shelf, rows, *lines) == ""
    harness = shelf.row("sol-high (codex-harness)", 1, LMARENA_WEBDEV)
    found = [one for one in _agreed(shelf, [*rows, harness], *lines) if one.name == "sol-mini-high"]
    assert "in a harness" in found[0].doubts[0]
    judged = shelf.judgement(LMARENA_WEBDEV, "sol-high (codex-harness)", None)
    assert "in a harness" in _doubts(shelf, rows, *lines, judged)
    assert _doubts(shelf, [shelf.row("sol-mini-high")], *lines, judged) == ""


def test_a_variant_known_by_a_budget_is_not_a_level_nor_on(shelf: Shelf) -> None:
    lines = (shelf.variant("opus@on"), shelf.judgement(LMARENA_TEXT, "opus-thinking-16k", "opus@on"))
    rows = [shelf.row("Opus (Reasoning)", 40, ARTIFICIAL_ANALYSIS)]
    assert "opus-thinking-16k, with a setting" in _doubts(shelf, rows, *lines)


def test_a_bare_name_beside_a_row_with_an_effort_stays_open(shelf: Shelf) -> None:
    rows = [shelf.row("opus-5"), shelf.row("opus-5-thinking")]
    assert "opus-5-thinking is listed apart" in _doubts(shelf, rows, shelf.variant("opus-5@default"))


@pytest.mark.parametrize(
    ("organization", "doubt"), [("Vendor", ""), (None, ""), ("Nous Research", "lists it as Nous Research's")]
)
def test_another_vendor_is_a_doubt(shelf: Shelf, organization: str | None, doubt: str) -> None:
    entry = replace(shelf.entry(LMARENA_TEXT, "sol-high"), organization=organization)
    said = _doubts(shelf, [shelf.row("sol-high"), entry], shelf.variant("sol@high"))
    assert doubt in said
    assert bool(said) == bool(doubt)


def test_what_a_source_calls_a_vendor_is_learned_from_its_judged_names(shelf: Shelf) -> None:
    called = [
        replace(shelf.entry(LMARENA_TEXT, name), organization="thinky") for name in ("a-high", "b-high")
    ]
    lines = (shelf.variant("a@high"), shelf.variant("b@high"))
    rows: list[Row] = [shelf.row("a-high"), shelf.row("b-high"), *called]
    assert "thinky" in _doubts(shelf, rows, *lines)
    assert _doubts(shelf, rows, *lines, shelf.judgement(LMARENA_TEXT, "b-high", "b@high")) == ""


@pytest.mark.parametrize(
    ("said", "known", "doubt"),
    [
        (date(2026, 7, 9), date(2026, 7, 9), False),
        (date(2026, 7, 9), date(2026, 7, 2), False),
        (date(2026, 7, 9), date(2026, 7, 1), True),
        (date(2026, 7, 9), None, False),
        (date(2026, 8, 16), None, True),
    ],
)
def test_a_release_date_that_cannot_be_is_a_doubt(
    shelf: Shelf, said: date, known: date | None, *, doubt: bool
) -> None:
    entry = replace(
        shelf.entry(ARTIFICIAL_ANALYSIS, "u"), name=SourceModelName("Sol (high)"), released_on=said
    )
    variant = replace(shelf.variant("sol@high"), released_on=known)
    assert ("it is dated" in _doubts(shelf, [entry], variant)) is doubt


@pytest.mark.parametrize(
    "name", ["sol-high\u200b", "sol-high ", "sol\u2013high", "sol-5.6x-high", "söl-high", "sol_high"]
)
def test_a_name_with_something_that_is_not_read_is_never_used(shelf: Shelf, name: str) -> None:
    lines = [shelf.variant(one) for one in ("sol@high", "sol-5@high", "sl@high")]
    assert all(one.doubts for one in _agreed(shelf, [shelf.row(name)], *lines))


def test_a_judged_or_withdrawn_name_is_never_examined(shelf: Shelf) -> None:
    rows = [shelf.reading(shelf.row("sol-high"))]
    words = shelf.crosswalk(shelf.variant("sol@high"))
    place = (LMARENA_TEXT, shelf.row("sol-high").key)
    assert len(name_candidates(rows, words, on=ON)) == 1
    assert name_candidates(rows, replace(words, withdrawn=frozenset({place})), on=ON) == ()
    negative = shelf.crosswalk(shelf.variant("sol@high"), shelf.judgement(LMARENA_TEXT, "sol-high", None))
    assert name_candidates(rows, negative, on=ON) == ()


def test_what_speaks_against_it_stands_beside_the_suggestion(shelf: Shelf) -> None:
    words = shelf.crosswalk(shelf.variant("sol@high"))
    readings = [shelf.reading(shelf.row("sol-high"))]
    agreed = [one.agreed for one in name_candidates(readings, words, on=ON)]
    (name,) = resolve_names(readings, words, agreed).open_names
    assert (
        "spelled to the letter; same effort high; but no catalogue was read" in name.suggestions[0].evidence
    )
