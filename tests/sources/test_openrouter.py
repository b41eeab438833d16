"""OpenRouter's catalogue: prices as text, offers that stand for nobody else, wrappers that lack fields."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.ids import OPENROUTER
from pipeline.domain.observation import Capture, Price, Reading, Severity
from pipeline.errors import SourceHeldError
from pipeline.sources.openrouter import CATALOGUE


def row(key: str, **more: object) -> dict[str, object]:
    return {
        "id": key,
        "canonical_slug": f"{key}-20260101",
        "name": f"Vendor: {key}",
        "created": 1765987078,
        "context_length": 1048576,
        "architecture": {"modality": "text+image->text", "input_modalities": ["text", "image"]},
        "pricing": {"prompt": "0.0000005", "completion": "0.000003", "input_cache_read": "0.00000005"},
        "supported_parameters": ["tools", "temperature"],
        "expiration_date": "2026-12-01",
        **more,
    }


def parse(body: object) -> Reading:
    capture = Capture(
        source=OPENROUTER,
        url="file:openrouter.json",
        fetched_at=datetime(2026, 8, 13, tzinfo=UTC),
        status=200,
        body=json.dumps(body).encode(),
    )
    return CATALOGUE.source.parse([capture])


def refused(body: object) -> str:
    with pytest.raises(SourceHeldError) as held:
        parse(body)
    return held.value.found


def amounts(price: Price) -> tuple[int | None, int | None, int | None]:
    return (
        price.input_microusd_per_mtok,
        price.output_microusd_per_mtok,
        price.cache_read_microusd_per_mtok,
    )


MANY = [row(f"vendor/model-{number}") for number in range(40)]


def test_a_row_is_read_with_its_price_and_what_it_can_do() -> None:
    reading = parse({"data": [row("google/gemini-3-flash-preview")]})
    (price,), (entry,) = reading.prices, reading.entries
    assert amounts(price) == (500_000, 3_000_000, 50_000)
    assert (price.observed_on, price.note) == (date(2026, 8, 13), "")
    assert (entry.key, entry.name) == (
        "google/gemini-3-flash-preview",
        "Vendor: google/gemini-3-flash-preview",
    )
    assert (entry.organization, entry.context_tokens) == ("google", 1048576)
    assert (entry.input_modalities, entry.tools) == (("image", "text"), True)
    assert (entry.released_on, entry.retires_on) == (date(2025, 12, 17), date(2026, 12, 1))
    assert (reading.scale, reading.findings) == ("", ())


@pytest.mark.parametrize(
    "wrap", [lambda rows: rows, lambda rows: {"data": rows}, lambda rows: {"models": rows}]
)
def test_the_catalogue_is_read_as_served_bare_and_wrapped(wrap: object) -> None:
    assert callable(wrap)
    assert len(parse(wrap(MANY)).entries) == 40


def test_what_a_wrapper_lacks_is_unknown_and_not_no() -> None:
    short = {key: MANY[0][key] for key in ("id", "name", "created", "context_length", "pricing")}
    (entry,) = parse({"models": [{**short, "endpoints": []}], "count": 1}).entries
    assert (entry.tools, entry.input_modalities, entry.retires_on) == (None, None, None)
    (able,) = parse([row("a/b", supported_parameters=["temperature"])]).entries
    assert able.tools is False


def test_a_variable_price_is_unknown_and_never_negative() -> None:
    (price,) = parse([row("openrouter/auto", pricing={"prompt": "-1", "completion": "-1"})]).prices
    assert amounts(price) == (None, None, None)
    assert price.note == "variable price"


@pytest.mark.parametrize("key", ["openai/gpt-oss-20b:free", "openai/gpt-5:batch", "~openai/gpt-latest"])
def test_free_batch_and_alias_rows_are_listed_but_carry_no_price(key: str) -> None:
    reading = parse([row(key), row("openai/gpt-5")])
    assert [entry.key for entry in reading.entries] == sorted(["openai/gpt-5", key])
    assert [price.key for price in reading.prices] == ["openai/gpt-5"]


def test_a_row_that_leads_to_another_carries_no_price_whatever_its_id() -> None:
    target = {"name": "OpenAI: GPT-5", "slug": "openai/gpt-5"}
    reading = parse([row("openai/gpt-4o", alias_target=target), row("openai/gpt-5", alias_target=None)])
    assert [price.key for price in reading.prices] == ["openai/gpt-5"]


@pytest.mark.parametrize("suffix", ["thinking", "exacto", "extended"])
def test_other_suffixes_have_their_own_key_and_price(suffix: str) -> None:
    dear = {"prompt": "0.000006", "completion": "0.000018"}
    reading = parse([row("openai/gpt-4o"), row(f"openai/gpt-4o:{suffix}", pricing=dear)])
    assert {price.key: price.input_microusd_per_mtok for price in reading.prices} == {
        "openai/gpt-4o": 500_000,
        f"openai/gpt-4o:{suffix}": 6_000_000,
    }


def test_a_zero_price_stays_a_claim() -> None:
    (price,) = parse([row("stealth/ox-alpha", pricing={"prompt": "0", "completion": "0"})]).prices
    assert amounts(price) == (0, 0, None)


def test_overrides_and_odd_side_prices_stop_nothing() -> None:
    pricing = {
        "prompt": "0.0000005",
        "completion": "0.000003",
        "input_cache_read": 5e-8,
        "overrides": [{"hours": "0-8", "prompt": "0.0000002"}],
        "brand_new": {"x": 1},
    }
    reading = parse([row("deepseek/deepseek-chat", pricing=pricing)])
    (price,) = reading.prices
    assert amounts(price) == (500_000, 3_000_000, None)
    assert (price.note, price.steps) == ("", ())
    assert [finding.message.rpartition(": ")[2] for finding in reading.findings] == [
        "'pricing.brand_new'",
        "'pricing.input_cache_read as float'",
        "'pricing.overrides.hours'",
    ]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"pricing": {"prompt": "0.5", "completion": "1"}},
            "is 500000.0 dollars per million tokens, outside 0 to",
        ),
        ({"pricing": {"prompt": "-0.1", "completion": "1"}}, "outside 0 to"),
        (
            {"pricing": {"prompt": 0.0000005, "completion": "0"}},
            "should be a decimal number as text, is 5e-07",
        ),
        ({"pricing": {"prompt": "", "completion": "0"}}, "should be a decimal number as text, is ''"),
        ({"pricing": {"prompt": "NaN", "completion": "0"}}, "should be a decimal number as text, is 'NaN'"),
        ({"pricing": {"prompt": "1_0", "completion": "0"}}, "should be a decimal number as text"),
        ({"pricing": {"prompt": None, "completion": "0"}}, "`prompt` is null"),
        ({"pricing": {"completion": "0"}}, "`prompt` is missing"),
        ({"context_length": "many"}, "`context_length` should be a number"),
        ({"context_length": -5}, "`context_length` is -5"),
        ({"created": 10**15}, "should be seconds since 1970"),
        ({"supported_parameters": "tools"}, "should be a list of words"),
        ({"architecture": {"input_modalities": [1]}}, "should be a list of words"),
        ({"expiration_date": "soon"}, "should be a day like"),
    ],
)
def test_a_single_odd_row_is_left_out_with_its_field_and_value(
    change: dict[str, object], message: str
) -> None:
    reading = parse([*MANY, row("odd/one", **change)])
    (finding,) = reading.findings
    assert (finding.kind, finding.severity, finding.subject) == ("bad-value", Severity.WARN, "odd/one")
    assert message in finding.message
    assert len(reading.entries) == len(reading.prices) == 40


def test_a_foreign_row_without_an_id_is_left_out() -> None:
    reading = parse([*MANY, {"name": "Paas.id", "provider": "paasid", "models": [], "links": {}}])
    (finding,) = reading.findings
    assert (finding.kind, finding.subject) == ("bad-value", "Paas.id")
    assert "`id` is missing" in finding.message


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (
            {"data": [{**one, "pricing": {"input_per_million": 2.0}} for one in MANY]},
            "40 of 40 rows cannot be used",
        ),
        ({"data": [*MANY, MANY[0]]}, "the id vendor/model-0 twice"),
        ({"data": []}, "a catalogue without models"),
        ({"data": {}}, "no list of models"),
        ({"error": {"message": "no"}}, "an error message: an object of 1"),
        ({"models": MANY, "count": 41}, "it says it has 41 models and holds 40"),
        ({"models": MANY, "count": "40"}, "`count` should be a number"),
        ("hello", "no list of models, but 'hello'"),
    ],
)
def test_another_schema_is_said_in_words(body: object, message: str) -> None:
    assert message in refused(body)


def test_ids_that_differ_in_case_only_are_left_out_both() -> None:
    reading = parse([*MANY, row("z/Model"), row("z/model")])
    assert [finding.kind for finding in reading.findings] == ["twin-name", "twin-name"]
    assert len(reading.entries) == 40


def test_an_unsafe_name_is_left_out_and_shown_escaped() -> None:
    reading = parse([*MANY, row("z/one", name="\x1b[31mred")])
    (finding,) = reading.findings
    assert (finding.kind, finding.subject) == ("unsafe-name", "z/one")
    assert "\x1b" not in finding.message


@given(st.integers(min_value=0, max_value=10_000_000_000))
def test_a_price_of_whole_micro_dollars_is_read_exactly(amount: int) -> None:
    text = f"{amount // 10**12}.{amount % 10**12:012}"
    (price,) = parse([row("a/b", pricing={"prompt": text, "completion": text})]).prices
    assert price.input_microusd_per_mtok == amount == price.output_microusd_per_mtok


@given(st.permutations(MANY[:7]))
def test_the_order_of_rows_does_not_matter(rows: list[dict[str, object]]) -> None:
    assert parse(rows).entries == parse(MANY[:7]).entries


def test_the_dearest_hour_counts_and_each_size_of_prompt_has_its_step() -> None:
    pricing = {
        "prompt": "0.0000001",
        "completion": "0.0000004",
        "input_cache_read": "0.00000001",
        "overrides": [
            {"utc_start": 100, "utc_end": 400, "prompt": "0.0000002", "completion": "0.0000008"},
            {"min_prompt_tokens": 256000, "prompt": "0.0000005", "completion": "0.000002"},
            {"min_prompt_tokens": 32000, "prompt": "0.00000015", "completion": "0.000001"},
        ],
    }
    (price,) = parse([row("deepseek/deepseek-chat", pricing=pricing)]).prices
    assert amounts(price) == (200_000, 800_000, 10_000)
    assert [(step.from_tokens, step.input, step.output) for step in price.steps] == [
        (32_000, 200_000, 1_000_000),
        (256_000, 500_000, 2_000_000),
    ]
    assert price.note == "peak hours; dearer for long prompts"
