"""Artificial Analysis as it answered until November 2026, and as others kept it."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime

import pytest

from pipeline.domain.ids import AA_CODING, AA_INTELLIGENCE, AA_TOKENS_PER_SECOND, ARTIFICIAL_ANALYSIS
from pipeline.domain.observation import Capture, Severity
from pipeline.errors import SourceHeldError
from pipeline.sources.artificial_analysis.source import ArtificialAnalysis


def old(number: int, **more: object) -> dict[str, object]:
    return {
        "id": f"id-{number}",
        "name": f"Model {number}",
        "slug": f"model-{number}",
        "release_date": "2025-08-05",
        "model_creator": {"id": "c", "name": "OpenAI", "slug": "openai"},
        "evaluations": {
            "artificial_analysis_intelligence_index": 24.5,
            "artificial_analysis_coding_index": 18.5,
            "artificial_analysis_math_index": None,
            "tau2": 0,
        },
        "pricing": {
            "price_1m_blended_3_to_1": 0.094,
            "price_1m_input_tokens": 0.06,
            "price_1m_output_tokens": 0.2,
        },
        "median_output_tokens_per_second": 282.819,
        "median_time_to_first_token_seconds": 0.467,
        "median_time_to_first_answer_token": 7.538,
        **more,
    }


def capture(body: object, day: date = date(2026, 3, 1)) -> Capture:
    return Capture(
        source=ARTIFICIAL_ANALYSIS,
        url="file:old.json",
        fetched_at=datetime(day.year, day.month, day.day, tzinfo=UTC),
        status=200,
        body=json.dumps(body).encode(),
    )


ROWS = [old(number) for number in range(3)]
RAW = {"status": 200, "prompt_options": {"parallel_queries": 1, "prompt_length": 1000}, "data": ROWS}
FETCHED = {"fetched_at": "2026-03-25T19:08:46+00:00", "source": "x", "count": 3, "models": ROWS}
COLLECTED = {"source": "x", "endpoint": "y", "collected_at": "2026-06-15", "count": 3, "models": ROWS}


@pytest.mark.parametrize(
    ("body", "day", "scale"),
    [
        (RAW, date(2026, 3, 1), "aa-4.0"),
        (FETCHED, date(2026, 3, 25), "aa-4.0"),
        (COLLECTED, date(2026, 6, 15), "aa-4.0"),
        ({**COLLECTED, "collected_at": "2026-06-16"}, date(2026, 6, 16), "aa-4.1"),
        ({**COLLECTED, "collected_at": "2026-09-03T23:59:59Z"}, date(2026, 9, 3), "aa-4.1"),
        ({**COLLECTED, "collected_at": "2026-09-04T01:00:00+02:00"}, date(2026, 9, 3), "aa-4.1"),
        ({**COLLECTED, "collected_at": "2026-09-04"}, date(2026, 9, 4), "aa-4.2"),
        ({**COLLECTED, "collected_at": "2026-09-06"}, date(2026, 9, 6), "aa-4.2"),
        ({**COLLECTED, "collected_at": "2026-09-07"}, date(2026, 9, 7), "aa-unknown"),
        ({**COLLECTED, "collected_at": "2026-11-03"}, date(2026, 11, 3), "aa-unknown"),
    ],
)
def test_each_wrapper_is_read_and_dated_and_the_changelog_names_the_scale(
    body: object, day: date, scale: str
) -> None:
    reading = ArtificialAnalysis().parse([capture(body)])
    assert len(reading.entries) == 3
    assert reading.scale == scale
    assert {one.observed_on for one in reading.observations} == {day}
    assert {one.scale for one in reading.observations} == {scale}
    assert {one.metric for one in reading.observations} == {AA_INTELLIGENCE, AA_CODING, AA_TOKENS_PER_SECOND}


@pytest.mark.parametrize(("day", "kinds"), [("2026-09-06", []), ("2026-09-07", ["unknown-version"])])
def test_a_version_that_nothing_tells_is_named_unknown(day: str, kinds: list[str]) -> None:
    reading = ArtificialAnalysis().parse([capture({**COLLECTED, "collected_at": day})])
    assert [one.kind for one in reading.findings if one.kind == "unknown-version"] == kinds
    assert all(one.severity is Severity.WARN for one in reading.findings if one.kind in kinds)


def test_zero_in_price_and_speed_is_unknown_here() -> None:
    free = {"price_1m_blended_3_to_1": 0, "price_1m_input_tokens": 0, "price_1m_output_tokens": 0}
    row = old(1, pricing=free, median_output_tokens_per_second=0)
    reading = ArtificialAnalysis().parse([capture({"status": 200, "data": [row]})])
    (price,) = reading.prices
    assert (price.input_microusd_per_mtok, price.output_microusd_per_mtok) == (None, None)
    assert AA_TOKENS_PER_SECOND not in {one.metric for one in reading.observations}


def test_a_null_index_is_no_observation() -> None:
    row = old(
        1,
        evaluations={
            "artificial_analysis_intelligence_index": None,
            "artificial_analysis_coding_index": None,
        },
    )
    reading = ArtificialAnalysis().parse([capture({"data": [row]})])
    assert {one.metric for one in reading.observations} == {AA_TOKENS_PER_SECOND}


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({**COLLECTED, "count": 538}, "it says it has 538 models and holds 3"),
        ({**COLLECTED, "collected_at": "yesterday"}, "should be a moment like"),
        ({**RAW, "status": 429}, "an answer with status 429"),
        ({"data": []}, "a list without models"),
        ({"models": "none"}, "should be a list of models, is 'none'"),
        ({"data": [{**old(1), "pricing": None}]}, "`pricing` should be an object, is null"),
    ],
)
def test_a_broken_wrapper_is_said_in_words(body: object, message: str) -> None:
    with pytest.raises(SourceHeldError) as held:
        ArtificialAnalysis().parse([capture(body)])
    assert message in held.value.found


def test_two_stored_answers_are_not_two_pages() -> None:
    with pytest.raises(SourceHeldError, match="`pagination` is missing"):
        ArtificialAnalysis().parse([capture(RAW), capture(FETCHED)])
