"""A judgement whose evidence moved is asked again, and only then."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from pipeline.domain.ids import ARTIFICIAL_ANALYSIS, SourceModelName
from pipeline.identity.crosswalk.judgements import append_judgement
from pipeline.identity.crosswalk.load import load_crosswalk
from pipeline.identity.resolve.resolve import resolve_names

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pipeline.domain.crosswalk import Resolution
    from tests.identity.conftest import Shelf


def _resolved(shelf: Shelf, judged: str, now: str, variant: str | None) -> Resolution:
    names = ("v4-flash@max", "v4-flash-0424@default", "kimi-k3@on")
    lines = [shelf.variant(one) for one in names]
    words = shelf.crosswalk(*lines, shelf.judgement(ARTIFICIAL_ANALYSIS, "u", variant, judged))
    row = replace(shelf.row("u", 40, ARTIFICIAL_ANALYSIS), name=SourceModelName(now))
    return resolve_names([shelf.reading(row)], words)


@pytest.mark.parametrize(
    ("judged", "now", "variant"),
    [
        ("V4 Flash (max)", "V5 Flash (max)", "v4-flash@max"),
        ("V4 Flash (max)", "V4 Pro (max)", "v4-flash@max"),
        ("V4 Flash (max)", "V4 Flash (high)", "v4-flash@max"),
        ("V4 Flash (max)", "V4 Flash", "v4-flash@max"),
        ("V4 Flash (max)", "V4 Flash (max, Preview)", "v4-flash@max"),
        ("V4 Flash (April)", "V4 Flash 0731", "v4-flash@max"),
        ("V4 Flash 0424", "V4 Flash 0731", "v4-flash-0424@default"),
        ("V4 Flash 0424", "V4 Flash", "v4-flash-0424@default"),
        ("Old Thing", "New Thing", None),
    ],
)
def test_an_id_that_names_something_else_is_open_again(
    shelf: Shelf, judged: str, now: str, variant: str | None
) -> None:
    found = _resolved(shelf, judged, now, variant)
    assert (found.measures, found.judged_names, found.unrouted_names) == ((), 0, 0)
    assert [one.entry.name for one in found.open_names] == [now]
    (finding,) = [one for one in found.findings if one.kind == "judgement-moved"]
    for word in (repr(judged), repr(now), "modelpool crosswalk map 'u'", variant or "--not-routed"):
        assert word in finding.message


@pytest.mark.parametrize(
    ("judged", "now", "variant"),
    [
        ("V4 Flash (max)", "v4 flash (MAX)", "v4-flash@max"),
        ("V4 Flash (max)", "Flash V4 (Max Effort)", "v4-flash@max"),
        ("V4 Flash", "V4 Flash 0424", "v4-flash-0424@default"),
        ("Kimi K3", "Kimi K3 (Reasoning)", "kimi-k3@on"),
        ("Old Thing", "Thing Old", None),
    ],
)
def test_another_spelling_of_the_same_is_no_move(
    shelf: Shelf, judged: str, now: str, variant: str | None
) -> None:
    found = _resolved(shelf, judged, now, variant)
    assert (len(found.measures), found.open_names) == (1 if variant else 0, ())
    assert "judgement-moved" not in {one.kind for one in found.findings}


@pytest.mark.parametrize(("others", "asked"), [(2, False), (3, True)])
def test_a_name_that_went_to_another_vendor_is_open_again(shelf: Shelf, others: int, *, asked: bool) -> None:
    names = [f"n{number}" for number in range(others)]
    variants = [shelf.variant(f"{name}@default") for name in names]
    own = replace(shelf.variant("sol@default"), vendor="other")
    words = shelf.crosswalk(
        *variants,
        own,
        *(shelf.judgement(ARTIFICIAL_ANALYSIS, name, f"{name}@default") for name in names),
        shelf.judgement(ARTIFICIAL_ANALYSIS, "sol", "sol@default"),
    )
    rows = [
        replace(shelf.entry(ARTIFICIAL_ANALYSIS, name), organization="Vendor") for name in (*names, "sol")
    ]
    found = resolve_names([shelf.reading(*rows)], words)
    assert [one.entry.name for one in found.open_names] == ["sol"] * asked
    place = (ARTIFICIAL_ANALYSIS, rows[-1].key)
    again = replace(words, affirmed=frozenset({place}))
    assert resolve_names([shelf.reading(*rows)], again).moved == frozenset()


def test_the_same_answer_again_is_a_new_line_that_is_remembered(
    tmp_path: Path, write_crosswalk: Callable[..., Path]
) -> None:
    folder = write_crosswalk(tmp_path)
    (word,) = (one for one in load_crosswalk(folder).judgements.values() if one.variant)
    append_judgement(folder, replace(word, reason="asked again"), again=True)
    words = load_crosswalk(folder)
    place = (word.source, word.key)
    assert words.judgements[place].reason == "asked again"
    assert words.affirmed == {place}
    assert words.withdrawn == frozenset()
