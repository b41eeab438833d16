"""Artificial Analysis as it answers today: pages, prices, indices."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime

import httpx
import pytest
from pydantic import SecretStr

from pipeline.domain.ids import (
    AA_AGENTIC,
    AA_CODING,
    AA_INTELLIGENCE,
    AA_TOKENS_PER_SECOND,
    AA_USD_PER_TASK,
    ARTIFICIAL_ANALYSIS,
)
from pipeline.domain.observation import Capture, Reading, Severity
from pipeline.errors import SourceHeldError, UsageError
from pipeline.sources.artificial_analysis.source import ArtificialAnalysis
from tests.replica.sessions import open_session

FETCHED = datetime(2026, 9, 1, tzinfo=UTC)
SOURCE = ArtificialAnalysis()
KEY = "aa-canary-key-7741"


def model(number: int, **more: object) -> dict[str, object]:
    return {
        "id": f"0000000{number % 10}-0000-4000-8000-{number:012}",
        "name": f"Model {number} (high)",
        "slug": f"model-{number}",
        "release_date": "2026-07-01",
        "model_creator": {"id": "c", "name": "OpenAI"},
        "evaluations": {
            "artificial_analysis_intelligence_index": 40 + number % 20,
            "artificial_analysis_coding_index": 38.5,
            "artificial_analysis_agentic_index": None,
        },
        "artificial_analysis_intelligence_index_cost": {
            "total_cost": 20.69,
            "cost_per_task": {"total_cost": 0.1678},
        },
        "pricing": {
            "price_1m_input_tokens": 0.06,
            "price_1m_output_tokens": 0.2,
            "price_1m_cache_hit_tokens": 0.015,
            "price_1m_cache_write_tokens": None,
        },
        "performance": {
            "median_output_tokens_per_second": 296.47,
            "median_time_to_first_token_seconds": 0.65,
            "median_time_to_first_answer_token_seconds": 7.4,
            "median_end_to_end_response_time_seconds": 9.09,
        },
        **more,
    }


def page(rows: list[dict[str, object]], number: int = 1, of: int = 1, **more: object) -> dict[str, object]:
    return {
        "tier": "free",
        "intelligence_index_version": 4.1,
        "pagination": {
            "page": number,
            "page_size": 2 if of > 1 else 200,
            "total_pages": of,
            "has_more": number < of,
        },
        "data": rows,
        **more,
    }


def pages(count: int = 3) -> list[dict[str, object]]:
    sizes = [2] * (count - 1) + [1]
    starts = [sum(sizes[:at]) for at in range(count)]
    return [
        page([model(start + n) for n in range(size)], at + 1, count)
        for at, (start, size) in enumerate(zip(starts, sizes, strict=True))
    ]


def captures(*bodies: object) -> list[Capture]:
    return [
        Capture(
            source=ARTIFICIAL_ANALYSIS,
            url=f"file:page{number}.json",
            fetched_at=FETCHED,
            status=200,
            body=json.dumps(body).encode(),
        )
        for number, body in enumerate(bodies)
    ]


def parse(*bodies: object) -> Reading:
    return SOURCE.parse(captures(*bodies))


def refused(*bodies: object) -> str:
    with pytest.raises(SourceHeldError) as held:
        parse(*bodies)
    return held.value.found


def test_a_row_is_read_with_its_measures_its_price_and_its_maker() -> None:
    reading = parse(page([model(1)]))
    assert {one.metric: one.value for one in reading.observations} == {
        AA_INTELLIGENCE: 41.0,
        AA_CODING: 38.5,
        AA_USD_PER_TASK: 0.1678,
        AA_TOKENS_PER_SECOND: 296.47,
    }
    assert {one.scale for one in reading.observations} == {"aa-4.1"} == {reading.scale}
    (price,) = reading.prices
    assert (
        price.input_microusd_per_mtok,
        price.output_microusd_per_mtok,
        price.cache_read_microusd_per_mtok,
    ) == (60_000, 200_000, 15_000)
    (entry,) = reading.entries
    assert (entry.name, entry.organization, entry.released_on) == (
        "Model 1 (high)",
        "OpenAI",
        date(2026, 7, 1),
    )
    assert entry.key == model(1)["id"]
    assert reading.findings == ()


def test_null_is_not_measured_and_gives_no_observation() -> None:
    nothing = dict.fromkeys(
        (
            "artificial_analysis_intelligence_index",
            "artificial_analysis_coding_index",
            "artificial_analysis_agentic_index",
        )
    )
    reading = parse(
        page([model(1), model(2, evaluations=nothing, artificial_analysis_intelligence_index_cost=None)])
    )
    assert {one.metric for one in reading.observations if one.name == "Model 2 (high)"} == {
        AA_TOKENS_PER_SECOND
    }
    assert AA_AGENTIC not in {one.metric for one in reading.observations}
    assert len(reading.entries) == 2


def test_a_zero_price_stays_a_claim_and_a_null_price_stays_unknown() -> None:
    free = {
        **dict.fromkeys(("price_1m_input_tokens", "price_1m_output_tokens"), 0),
        "price_1m_cache_hit_tokens": None,
    }
    reading = parse(page([model(1, pricing=free)]))
    (price,) = reading.prices
    assert (price.input_microusd_per_mtok, price.output_microusd_per_mtok) == (0, 0)
    assert price.cache_read_microusd_per_mtok is None


def test_a_zero_index_or_cost_is_not_a_measurement() -> None:
    zero = {"total_cost": 0, "cost_per_task": {"total_cost": 0}}
    reading = parse(page([model(1, artificial_analysis_intelligence_index_cost=zero)]))
    assert AA_USD_PER_TASK not in {one.metric for one in reading.observations}


@pytest.mark.parametrize(
    ("version", "scale"), [(4.1, "aa-4.1"), (4, "aa-4.0"), (5.0, "aa-5.0"), (4.25, "aa-4.25")]
)
def test_the_scale_carries_the_index_version(version: float, scale: str) -> None:
    assert parse(page([model(1)], intelligence_index_version=version)).scale == scale


def test_all_pages_together_are_one_reading_whatever_their_order() -> None:
    first, second, third = pages()
    reading = parse(third, first, second)
    assert len(reading.entries) == 5
    assert reading.captures == parse(first, second, third).captures
    assert reading.observations == parse(first, second, third).observations


def test_a_missing_page_is_told_with_its_number() -> None:
    first, second, third = pages()
    assert refused(first) == "page 1 only of 3"
    assert refused(first, third) == "page 1, 3 only of 3"
    assert refused(first, second, second) == "page 1, 2, 2 only of 3"


def test_pages_of_two_index_versions_are_discarded() -> None:
    first, second, third = pages()
    assert "different index versions: aa-4.1, aa-4.2" in refused(
        first, second, {**third, "intelligence_index_version": 4.2}
    )


def test_pages_that_disagree_about_their_count_are_discarded() -> None:
    first, second, third = pages()
    more = {"page": 3, "page_size": 2, "total_pages": 4, "has_more": False}
    assert "disagree about how many pages" in refused(first, second, {**third, "pagination": more})


def test_a_last_page_that_announces_another_is_discarded() -> None:
    first, second, third = pages()
    more = {"page": 3, "page_size": 2, "total_pages": 3, "has_more": True}
    assert "`has_more` says otherwise" in refused(first, second, {**third, "pagination": more})


def test_a_short_page_in_the_middle_is_discarded() -> None:
    first, second, third = pages()
    assert "does not hold 2 rows" in refused(first, {**second, "data": [model(2)]}, third)


def test_a_row_on_two_pages_means_that_rows_moved() -> None:
    first, second, third = pages()
    assert "twice: rows moved while its pages were read" in refused(
        first, second, {**third, "data": [model(0)]}
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"evaluations": {"artificial_analysis_intelligence_index": 101}}, "outside 0 to 100"),
        ({"evaluations": {"artificial_analysis_intelligence_index": -1}}, "outside 0 to 100"),
        ({"evaluations": {"artificial_analysis_intelligence_index": True}}, "should be a number, is True"),
        ({"evaluations": {}}, "`artificial_analysis_intelligence_index` is missing"),
        ({"evaluations": None}, "`evaluations` should be an object, is null"),
        ({"pricing": {"price_1m_input_tokens": -1}}, "`price_1m_input_tokens` is -1"),
        ({"pricing": {"price_1m_input_tokens": "0.06"}}, "should be a number, is '0.06'"),
        ({"pricing": {"price_1m_input_tokens": 20_000}}, "outside 0 to 10000"),
        (
            {"performance": {"median_output_tokens_per_second": -1}},
            "`median_output_tokens_per_second` is -1.0",
        ),
        (
            {"artificial_analysis_intelligence_index_cost": {"cost_per_task": {"total_cost": -0.5}}},
            "`total_cost` is -0.5",
        ),
        ({"release_date": "July"}, "should be a day like"),
        ({"release_date": "2026-02-30"}, "should be a day like"),
        ({"model_creator": {}}, "`name` is missing"),
        ({"id": None}, "`id` should be text"),
        ({"artificial_analysis_intelligence_index_cost": {"total_cost": 1}}, "`cost_per_task` is missing"),
    ],
)
def test_a_single_odd_row_is_left_out_with_its_field_and_value(
    change: dict[str, object], message: str
) -> None:
    reading = parse(page([*(model(n) for n in range(1, 30)), model(31, **change)]))
    (finding,) = reading.findings
    assert (finding.kind, finding.severity) == ("bad-value", Severity.WARN)
    assert message in finding.message
    assert len(reading.entries) == 29


def test_two_odd_rows_of_thirty_hold_the_source() -> None:
    rows = [*(model(n) for n in range(1, 29)), model(31, evaluations={}), model(32, evaluations={})]
    assert "2 of 30 rows cannot be used" in refused(page(rows))


def test_a_renamed_field_holds_the_source_and_is_named() -> None:
    rows = [model(n) for n in range(5)]
    for one in rows:
        one["performanceMetrics"] = one.pop("performance")
    assert "`performance` is missing" in refused(page(rows))


def test_names_that_cannot_be_told_apart_are_left_out_though_their_ids_differ() -> None:
    rows = [*(model(n) for n in range(1, 60)), model(61, name="GPT-X (High)"), model(62, name="GPT-X (high)")]
    reading = parse(page(rows))
    assert [finding.kind for finding in reading.findings] == ["twin-name", "twin-name"]
    assert len(reading.entries) == 59


def test_unknown_fields_are_told_once_wherever_they_are() -> None:
    rows = [model(n, reasoning_model=True) for n in range(3)]
    reading = parse(page(rows, snapshot="x"))
    assert [(finding.kind, finding.message.split(": ")[1]) for finding in reading.findings] == [
        ("drift", "'reasoning_model'"),
        ("drift", "'snapshot'"),
    ]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"error": "API key is required"}, "an error message: 'API key is required'"),
        ([], "no envelope with models, but a list of 0"),
        ({}, "`models` is missing"),
        (page([]), "a list without models"),
        ({**page([model(1)]), "data": {}}, "`data` should be a list of models"),
        ({**page([model(1)]), "intelligence_index_version": "4.1"}, "should be a number, is '4.1'"),
        ({**page([model(1)]), "intelligence_index_version": -1}, "`intelligence_index_version` is -1.0"),
        ({**page([model(1)]), "pagination": {}}, "`has_more` is missing"),
        ({**page([model(1)]), "pagination": {"has_more": 0}}, "should be true or false"),
    ],
)
def test_another_envelope_is_said_in_words(body: object, message: str) -> None:
    assert message in refused(body)


def _answering(
    requests: list[httpx.Request], *, status: int = 200, echo: bool = False
) -> httpx.MockTransport:
    bodies = pages()

    def answer(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        number = int(request.url.params["page"])
        body = {"error": KEY} if echo else bodies[number - 1]
        return httpx.Response(status, content=iter([json.dumps(body).encode()]))

    return httpx.MockTransport(answer)


def test_fetch_asks_for_every_page_with_the_key_in_one_header_only() -> None:
    requests: list[httpx.Request] = []
    source = ArtificialAnalysis(key=SecretStr(KEY))
    with open_session(ARTIFICIAL_ANALYSIS, transport=_answering(requests), now=FETCHED) as session:
        found = source.fetch(session)
    assert [request.headers["x-api-key"] for request in requests] == [KEY] * 3
    assert all(KEY not in str(request.url) for request in requests)
    assert [one.url.rpartition("=")[2] for one in found] == ["1", "2", "3"]
    assert len(source.parse(found).entries) == 5
    assert KEY not in repr(source)


@pytest.mark.parametrize(("status", "echo"), [(403, False), (401, True), (200, True), (302, True)])
def test_no_failure_names_the_key(status: int, echo: bool) -> None:  # noqa: FBT001 - a parameter of the test
    with (
        open_session(ARTIFICIAL_ANALYSIS, transport=_answering([], status=status, echo=echo)) as session,
        pytest.raises(SourceHeldError) as held,
    ):
        ArtificialAnalysis(key=SecretStr(KEY)).fetch(session)
    assert KEY not in f"{held.value} {held.value.hint} {held.value!r}"


def test_fetch_without_a_key_says_what_to_do() -> None:
    with open_session(ARTIFICIAL_ANALYSIS) as session, pytest.raises(UsageError, match="no key") as missing:
        SOURCE.fetch(session)
    assert "--captures" in missing.value.hint
