"""LiteLLM's price map: dollars per token, zeros that nobody filled in, ids that stand twice."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from pipeline.domain.ids import LITELLM_PRICES
from pipeline.domain.observation import Capture, Reading
from pipeline.errors import SourceHeldError
from pipeline.sources.price_lists.litellm import LITELLM_TABLE

if TYPE_CHECKING:
    from pathlib import Path

ROW = {
    "litellm_provider": "openai",
    "mode": "chat",
    "max_input_tokens": 400000,
    "input_cost_per_token": 2.5e-06,
    "output_cost_per_token": 1.5e-05,
    "cache_read_input_token_cost": 2.5e-07,
    "supports_function_calling": True,
    "supports_vision": True,
}
SPEC = {"sample_spec": {"mode": "chat", "input_cost_per_token": 0.0, "max_input_tokens": "a number"}}


def read(body: bytes) -> Reading:
    now = datetime(2026, 8, 15, tzinfo=UTC)
    return LITELLM_TABLE.source.parse(
        [Capture(source=LITELLM_PRICES, url="file:x", fetched_at=now, status=200, body=body)]
    )


def read_rows(**rows: object) -> Reading:
    many = {f"filler-{number}": ROW for number in range(40)}
    return read(json.dumps(SPEC | many | rows).encode())


def amounts(reading: Reading, key: str) -> tuple[int | None, int | None, int | None] | None:
    found = [
        (row.input_microusd_per_mtok, row.output_microusd_per_mtok, row.cache_read_microusd_per_mtok)
        for row in reading.prices
        if row.key == key
    ]
    return found[0] if found else None


def told(reading: Reading, key: str) -> str:
    (finding,) = (one for one in reading.findings if key in one.message)
    return finding.message


def test_dollars_per_token_become_whole_micro_dollars_per_million() -> None:
    reading = read_rows(sol=ROW)
    assert amounts(reading, "sol") == (2_500_000, 15_000_000, 250_000)
    (entry,) = (one for one in reading.entries if one.key == "sol")
    assert (entry.organization, entry.context_tokens, entry.tools) == ("openai", 400_000, True)
    assert entry.input_modalities == ("image", "text")
    assert entry.retires_on is None
    assert reading.findings == ()


def test_the_row_that_documents_the_fields_is_no_model() -> None:
    reading = read_rows()
    assert "sample_spec" not in {entry.key for entry in reading.entries}
    assert reading.findings == ()


@pytest.mark.parametrize("mode", ["embedding", "image_generation", None, "one of"])
def test_only_models_that_chat_are_read(mode: str | None) -> None:
    reading = read_rows(other=ROW | {"mode": mode}, answers=ROW | {"mode": "responses"})
    assert {"other", "answers"} & {entry.key for entry in reading.entries} == {"answers"}


def test_a_pattern_is_no_model() -> None:
    assert "bedrock/*/x" not in {e.key for e in read_rows(**{"bedrock/*/x": ROW}).entries}


@pytest.mark.parametrize("zero", [0, 0.0, -0.0, None])
def test_zero_means_that_nobody_filled_the_price_in(zero: float | None) -> None:
    reading = read_rows(sol=ROW | {"input_cost_per_token": zero})
    assert amounts(reading, "sol") == (None, 15_000_000, 250_000)
    free = read_rows(sol=ROW | {"input_cost_per_token": zero, "output_cost_per_token": zero})
    assert amounts(free, "sol") is None
    assert "sol" in {entry.key for entry in free.entries}


def test_what_a_row_leaves_out_is_unknown() -> None:
    reading = read_rows(bare={"litellm_provider": "openai", "mode": "chat"})
    (entry,) = (one for one in reading.entries if one.key == "bare")
    assert (entry.context_tokens, entry.tools, entry.input_modalities) == (None, None, None)
    assert amounts(reading, "bare") is None
    blind = read_rows(sol=ROW | {"supports_vision": False})
    assert {e.input_modalities for e in blind.entries if e.key == "sol"} == {("text",)}


def test_a_date_of_deprecation_is_kept() -> None:
    reading = read_rows(sol=ROW | {"deprecation_date": "2026-07-24"})
    assert {e.retires_on for e in reading.entries if e.key == "sol"} == {date(2026, 7, 24)}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("input_cost_per_token", -1e-06),
        ("input_cost_per_token", 0.015),
        ("output_cost_per_token", 1e308),
        ("cache_read_input_token_cost", "1e-06"),
        ("cache_read_input_token_cost", True),
        ("max_input_tokens", "400k"),
        ("max_input_tokens", 10**12),
        ("supports_vision", "yes"),
        ("supports_function_calling", 1),
        ("deprecation_date", "soon"),
        ("litellm_provider", None),
    ],
)
def test_a_row_with_an_impossible_value_is_left_out_with_a_finding(field: str, value: object) -> None:
    reading = read_rows(sol=ROW | {field: value})
    assert "sol" not in {entry.key for entry in reading.entries}
    assert f"`{field}`" in told(reading, "sol")
    assert {finding.kind for finding in reading.findings} == {"bad-value"}


def test_many_odd_rows_of_one_provider_are_one_finding() -> None:
    odd = {f"wandb/m{number}": ROW | {"input_cost_per_token": 0.135} for number in range(2)}
    reading = read_rows(**odd)
    assert told(reading, "wandb/m0").endswith("(2 rows)")


def test_an_id_with_two_prices_is_left_out_and_with_one_price_twice_is_not() -> None:
    other = ROW | {"input_cost_per_token": 1e-06}
    start = json.dumps(SPEC | {f"filler-{number}": ROW for number in range(40)})[:-1]
    twice = read(f'{start}, "sol": {json.dumps(ROW)}, "sol": {json.dumps(other)}}}'.encode())
    assert "sol" not in {entry.key for entry in twice.entries}
    assert "should be one object, is a list of 2" in told(twice, "sol")
    same = read(f'{start}, "sol": {json.dumps(ROW)}, "sol": {json.dumps(ROW)}}}'.encode())
    assert amounts(same, "sol") == (2_500_000, 15_000_000, 250_000)


@pytest.mark.parametrize(
    "body", [b"[]", b"{}", b'{"error": "rate limited"}', json.dumps(SPEC).encode(), b"<html></html>"]
)
def test_what_is_not_the_map_is_held(body: bytes) -> None:
    with pytest.raises(SourceHeldError):
        read(body)


def test_a_map_of_which_much_cannot_be_used_is_held() -> None:
    with pytest.raises(SourceHeldError, match="rows cannot be used"):
        read_rows(**{f"m{number}": ROW | {"input_cost_per_token": "?"} for number in range(20)})


def test_the_real_map_reads_to_the_digit_as_it_is_written(real_captures: Path) -> None:
    (path,) = (real_captures / "litellm" / "model-prices").glob("2026-03-14-*.json")
    reading = read(path.read_bytes())
    assert (len(reading.entries), len(reading.prices)) == (2029, 1827)
    assert [finding.subject for finding in reading.findings] == ["wandb/..."]
    written = json.loads(path.read_bytes(), parse_float=Decimal)
    for price in reading.prices:
        row = written[price.key]
        for field, amount in (
            ("input_cost_per_token", price.input_microusd_per_mtok),
            ("output_cost_per_token", price.output_microusd_per_mtok),
        ):
            stated = Decimal(row.get(field) or 0) * 10**12
            assert Decimal(amount or 0) == stated.to_integral_value()
