"""Whatever the bytes, a parse ends in a reading or in a held source."""

from __future__ import annotations

import io
import json
import random
from datetime import UTC, datetime

import pyarrow as pa  # type: ignore[import-untyped]  # it ships no types
import pyarrow.parquet as pq  # type: ignore[import-untyped]  # it ships no types
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.domain.ids import SourceName
from pipeline.domain.observation import Capture, Reading
from pipeline.errors import SourceHeldError
from pipeline.sources.registry import SOURCES

ARENA_ROWS: list[dict[str, object]] = [
    {
        "category": category,
        "model_name": "m",
        "organization": "",
        "license": "x",
        "rating": 1.5,
        "rating_lower": 1.0,
        "rating_upper": 2.0,
        "vote_count": 3.0,
    }
    for category in ("overall", "math")
]
ARENA: dict[str, object] = {
    "meta": {"subset": "text_style_control", "leaderboard_publish_date": "2026-08-12", "n_rows": 2},
    "rows": ARENA_ROWS,
}
ROW: dict[str, object] = {
    "id": "i",
    "name": "n",
    "release_date": None,
    "model_creator": {"name": "o"},
    "evaluations": {
        "artificial_analysis_intelligence_index": 1,
        "artificial_analysis_coding_index": 1.5,
        "artificial_analysis_agentic_index": None,
    },
    "artificial_analysis_intelligence_index_cost": {"cost_per_task": {"total_cost": 0.5}},
    "pricing": {"price_1m_input_tokens": 1, "price_1m_output_tokens": 2, "price_1m_cache_hit_tokens": None},
    "performance": {"median_output_tokens_per_second": 9},
    "median_output_tokens_per_second": 9,
}
CURRENT: dict[str, object] = {
    "intelligence_index_version": 4.1,
    "pagination": {"page": 1, "page_size": 2, "total_pages": 1, "has_more": False},
    "data": [ROW],
}
LEGACY: dict[str, object] = {"collected_at": "2026-06-15", "count": 1, "models": [ROW]}
CATALOGUE: dict[str, object] = {
    "data": [
        {
            "id": "a/b",
            "name": "n",
            "created": 1,
            "context_length": 1,
            "architecture": {"input_modalities": ["text"]},
            "pricing": {"prompt": "0.1", "completion": "-1", "overrides": []},
            "supported_parameters": ["tools"],
            "expiration_date": None,
        }
    ]
}
TABLE: dict[str, object] = {
    "format": 1,
    "prices": [
        {
            "provider": "p",
            "model": "m",
            "note": "",
            "usd_per_input_mtok": "1",
            "usd_per_output_mtok": None,
            "usd_per_cache_read_mtok": "0.1",
        }
    ],
}
SHAPES: dict[str, list[dict[str, object]]] = {
    "lmarena-text": [ARENA],
    "lmarena-webdev": [ARENA],
    "artificial-analysis": [CURRENT, LEGACY],
    "openrouter": [CATALOGUE],
    "genai-prices": [TABLE],
}
ODD: st.SearchStrategy[object] = st.sampled_from(
    [
        None,
        True,
        False,
        0,
        -1,
        1e308,
        2**70,
        10**15,
        "",
        "x",
        "1e3",
        "NaN",
        "\ud800",
        "\u202e",
        [],
        {},
        [[]],
        [{}],
        {"a": []},
    ]
)
MOMENT = datetime(2026, 8, 13, tzinfo=UTC)


def ends_well(name: str, *bodies: bytes) -> None:
    source = SourceName(name)
    captures = [
        Capture(source=source, url="file:x", fetched_at=MOMENT, status=200, body=body) for body in bodies
    ]
    try:
        reading = SOURCES[source].parse(captures)
    except SourceHeldError as held:
        assert held.found.isascii()  # noqa: PT017 - both endings are right, and each has its promise
        assert len(held.found) < 600  # noqa: PT017 - as above
    else:
        assert isinstance(reading, Reading)
        assert all(finding.message.isascii() for finding in reading.findings)


def mutated(value: object, draw: st.DrawFn) -> object:
    """Replace, remove, rename or repeat something somewhere inside."""
    if isinstance(value, dict) and value and draw(st.integers(0, 3)):
        key = draw(st.sampled_from(sorted(value)))
        change = draw(st.sampled_from(["into", "into", "drop", "rename", "odd"]))
        kept = {name: item for name, item in value.items() if name != key}
        if change == "drop":
            return kept
        if change == "rename":
            return {**kept, f"{key}X": value[key]}
        return {**kept, key: draw(ODD) if change == "odd" else mutated(value[key], draw)}
    if isinstance(value, list) and value and draw(st.integers(0, 3)):
        at = draw(st.integers(0, len(value) - 1))
        if draw(st.booleans()):
            return [*value, value[at]]
        return [*value[:at], mutated(value[at], draw), *value[at + 1 :]]
    return draw(ODD)


@st.composite
def broken(draw: st.DrawFn) -> tuple[str, bytes]:
    name = draw(st.sampled_from(sorted(SHAPES)))
    value: object = draw(st.sampled_from(SHAPES[name]))
    for _ in range(draw(st.integers(1, 3))):
        value = mutated(value, draw)
    return name, json.dumps(value).encode()


@settings(max_examples=400, deadline=None)
@given(broken())
def test_a_changed_answer_is_read_or_held(case: tuple[str, bytes]) -> None:
    ends_well(*case)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(sorted(SHAPES)), st.binary(max_size=200))
def test_random_bytes_are_held(name: str, body: bytes) -> None:
    ends_well(name, body)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(sorted(SHAPES)), st.data())
def test_a_cut_or_flipped_answer_is_read_or_held(name: str, data: st.DataObject) -> None:
    body = bytearray(json.dumps(data.draw(st.sampled_from(SHAPES[name]))).encode())
    at = data.draw(st.integers(0, len(body) - 1))
    ends_well(name, bytes(body[:at]))
    body[at] ^= 1 << data.draw(st.integers(0, 7))
    ends_well(name, bytes(body))


def test_two_pages_of_odd_envelopes_are_read_or_held() -> None:
    body = json.dumps(CURRENT).encode()
    for other in (body, b"{}", b"[]", b'{"pagination": 1}', json.dumps(LEGACY).encode()):
        ends_well("artificial-analysis", body, other)


def test_a_damaged_parquet_file_is_read_or_held() -> None:
    file = io.BytesIO()
    pq.write_table(
        pa.Table.from_pylist([{**one, "leaderboard_publish_date": "2026-08-12"} for one in ARENA_ROWS]),
        file,
    )
    whole = file.getvalue()
    ends_well("lmarena-text", whole)
    dice = random.Random(7)  # noqa: S311 - it chooses bytes to damage
    for _ in range(300):
        body = bytearray(whole)
        for _ in range(dice.randint(1, 4)):
            body[dice.randrange(4, len(body) - 4)] = dice.randrange(256)
        ends_well("lmarena-text", bytes(body))
