"""Several names of one variant never add up, and the higher score does not win."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest

from pipeline.domain.ids import AA_CODING, ARTIFICIAL_ANALYSIS, LMARENA_TEXT, LMARENA_WEBDEV, arena_metric
from pipeline.domain.observation import Severity
from pipeline.identity.resolve.resolve import resolve_names

if TYPE_CHECKING:
    from pipeline.domain.crosswalk import Crosswalk
    from tests.identity.conftest import Shelf


@pytest.fixture
def words(shelf: Shelf) -> Crosswalk:
    """Two names of each source mean one variant."""
    sources = (LMARENA_TEXT, LMARENA_WEBDEV, ARTIFICIAL_ANALYSIS)
    judgements = (shelf.judgement(source, key, "sol@high") for source in sources for key in ("a", "b"))
    return shelf.crosswalk(shelf.variant("sol@high"), *judgements)


def test_the_name_with_most_votes_is_used_not_the_higher_score(shelf: Shelf, words: Crosswalk) -> None:
    low = replace(shelf.row("b", 1400), votes=900, observed_on=date(2026, 8, 1))
    high = replace(shelf.row("a", 1500), votes=800)
    found = resolve_names([shelf.reading(high, low)], words)
    assert [measure.observation for measure in found.measures] == [low]
    (finding,) = found.findings
    assert (finding.kind, finding.severity, finding.subject) == ("two-names", Severity.WARN, "sol@high")
    assert "'b' (b, 900 votes) is used, left out: 'a' (a, 800 votes)" in finding.message


def test_with_equal_votes_the_latest_is_used(shelf: Shelf, words: Crosswalk) -> None:
    old = replace(shelf.row("a", 1500), votes=900, observed_on=date(2026, 8, 1))
    new = replace(shelf.row("b", 1400), votes=900, observed_on=date(2026, 8, 2))
    found = resolve_names([shelf.reading(old, new)], words)
    assert [measure.observation for measure in found.measures] == [new]


def test_with_nothing_to_choose_by_the_first_key_is_used(shelf: Shelf, words: Crosswalk) -> None:
    rows = (shelf.row("b", 60, ARTIFICIAL_ANALYSIS), shelf.row("a", 50, ARTIFICIAL_ANALYSIS))
    found = resolve_names([shelf.reading(*rows)], words)
    assert [measure.observation.key for measure in found.measures] == ["a"]


def test_all_rows_of_a_board_come_from_the_same_name(shelf: Shelf, words: Crosswalk) -> None:
    coding = arena_metric("text", "coding")
    a, b = (replace(shelf.row(key), votes=votes) for key, votes in (("a", 900), ("b", 800)))
    rows = (a, replace(a, metric=coding, votes=10), b, replace(b, metric=coding, votes=20))
    found = resolve_names([shelf.reading(*rows)], words)
    assert [measure.observation.key for measure in found.measures] == ["a", "a"]


def test_a_name_without_the_main_score_does_not_displace_one_that_has_it(
    shelf: Shelf, words: Crosswalk
) -> None:
    main = shelf.row("b", 50, ARTIFICIAL_ANALYSIS)
    part = replace(shelf.row("a", 70, ARTIFICIAL_ANALYSIS), metric=AA_CODING)
    found = resolve_names([shelf.reading(part, main)], words)
    assert [measure.observation for measure in found.measures] == [main]


def test_two_boards_both_count(shelf: Shelf, words: Crosswalk) -> None:
    text, webdev = shelf.row("a"), shelf.row("b", 1200, LMARENA_WEBDEV)
    found = resolve_names([shelf.reading(text), shelf.reading(webdev)], words)
    assert [measure.observation for measure in found.measures] == [text, webdev]
    assert found.findings == ()


def test_a_row_stated_twice_counts_once_and_is_a_finding_when_it_differs(
    shelf: Shelf, words: Crosswalk
) -> None:
    first = replace(shelf.row("a", 1408.6), votes=2524)
    second = replace(shelf.row("a", 1369.3), votes=3505)
    found = resolve_names([shelf.reading(first, second)], words)
    assert [measure.observation for measure in found.measures] == [second]
    assert [(f.kind, f.severity) for f in found.findings] == [("duplicate-name", Severity.WARN)]
    same = resolve_names([shelf.reading(first, first)], words)
    assert [measure.observation for measure in same.measures] == [first]
    assert same.findings == ()
