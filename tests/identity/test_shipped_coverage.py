"""The shipped crosswalk against the real captures: whose names it has judged."""

from __future__ import annotations

import gzip
import json
from functools import cache
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import pytest

from pipeline.domain.ids import ARTIFICIAL_ANALYSIS, LMARENA_TEXT, LMARENA_WEBDEV, SourceName
from pipeline.identity.crosswalk.load import load_crosswalk
from pipeline.identity.names.source_names import NameRecord, name_records
from pipeline.sources.local_files import read_captures
from pipeline.sources.registry import SOURCES
from tests.bench.identity_targets import NOW

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pipeline.domain.observation import Reading

CROSSWALK = load_crosswalk(Path(__file__).resolve().parents[2] / "data" / "crosswalk")
PARSED = "arena/site-parsed-tables/2026-08-15-aabao-arena"
INDEX_PAGE = "artificial-analysis/site-leaderboard/2026-08-06-samica-aa-leaderboards.json.gz"


@cache
def readings(folder: Path) -> tuple[Reading, ...]:
    """What the latest capture of every source says."""
    captures = read_captures((folder,), now=NOW)
    return tuple(SOURCES[name].parse(found) for name, found in captures.items())


def names_of(folder: Path, source: SourceName) -> list[NameRecord]:
    """All names of a board, the best first, those without a score last."""
    found = [name for place, name in name_records(readings(folder))[0].items() if place[0] == source]
    return sorted(found, key=lambda name: -(name.main_value or 0))


def open_among(names: Iterable[NameRecord]) -> list[str]:
    """The names nobody has judged."""
    return [
        str(name.entry.name)
        for name in names
        if (name.entry.source, name.entry.key) not in CROSSWALK.judgements
    ]


def share_that_is_a_variant(names: list[NameRecord]) -> float:
    """The share that means a variant; the others are judged not routed, or open."""
    judged = [CROSSWALK.judgements.get((name.entry.source, name.entry.key)) for name in names]
    return sum(word is not None and word.variant is not None for word in judged) / len(names)


def priced(names: list[NameRecord]) -> list[NameRecord]:
    """The names for which the source states a price above zero."""
    return [name for name in names if any(price.output_microusd_per_mtok for price in name.prices)]


def test_the_first_150_of_the_text_board_are_judged_and_only_what_is_not_sold_has_no_variant(
    real_captures: Path,
) -> None:
    names = names_of(real_captures, LMARENA_TEXT)
    assert len(names) > 380
    assert open_among(names[:150]) == []
    assert share_that_is_a_variant(names[:150]) >= 0.89


def test_every_name_of_the_coding_board_is_judged(real_captures: Path) -> None:
    names = names_of(real_captures, LMARENA_WEBDEV)
    assert len(names) > 110
    assert open_among(names) == []


def test_every_priced_row_of_the_index_is_judged_and_nine_in_ten_are_a_variant(real_captures: Path) -> None:
    names = names_of(real_captures, ARTIFICIAL_ANALYSIS)
    middle = median(name.main_value for name in names if name.main_value is not None)
    upper = [name for name in priced(names) if (name.main_value or 0) >= middle]
    assert (len(priced(names)), len(upper)) == (369, 235)
    assert open_among(priced(names)) == []
    assert share_that_is_a_variant(upper) >= 0.95
    assert share_that_is_a_variant(priced(names)) >= 0.9


def test_every_row_with_a_price_on_the_page_of_the_index_is_judged(real_captures: Path) -> None:
    rows = json.loads(gzip.decompress((real_captures / INDEX_PAGE).read_bytes()))["models"]
    sold = [row for row in rows if row["pricing"]["price_1m_output_tokens"]]
    judged = {key for source, key in CROSSWALK.judgements if source == ARTIFICIAL_ANALYSIS}
    assert len(sold) > 360
    assert [row["name"] for row in sold if row["id"] not in judged] == []


@pytest.mark.parametrize(("board", "file"), [(LMARENA_TEXT, "text"), (LMARENA_WEBDEV, "code-webdev")])
def test_the_first_names_of_the_boards_latest_tables_are_judged(
    real_captures: Path, board: SourceName, file: str
) -> None:
    rows = json.loads((real_captures / f"{PARSED}-{file}.json").read_text())["models"]
    ranked = [row for row in rows if row["rank"] is not None and row["rank"] <= 150]
    judged = {key for source, key in CROSSWALK.judgements if source == board}
    assert len(ranked) >= 110
    assert [row["model"] for row in ranked if row["model"] not in judged] == []
