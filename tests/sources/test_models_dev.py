"""models.dev: one model under many providers, dollars per million tokens, subscriptions at zero."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from pipeline.domain.ids import MODELS_DEV, OPENROUTER
from pipeline.domain.observation import Capture, Price, Reading
from pipeline.errors import SourceHeldError
from pipeline.sources.local_files import read_captures
from pipeline.sources.price_lists.models_dev import MODELS_DEV_TABLE

if TYPE_CHECKING:
    from pathlib import Path

ROW = {
    "id": "sol",
    "name": "Sol (new)\t",
    "tool_call": True,
    "modalities": {"input": ["text", "image"], "output": ["text"]},
    "cost": {"input": 2.5, "output": 15, "cache_read": 0.25},
    "limit": {"context": 400000, "output": 32768},
}


def read(document: object) -> Reading:
    now = datetime(2026, 8, 15, tzinfo=UTC)
    body = json.dumps(document).encode()
    return MODELS_DEV_TABLE.source.parse(
        [Capture(source=MODELS_DEV, url="file:x", fetched_at=now, status=200, body=body)]
    )


def read_row(row: object) -> Reading:
    models = {f"filler-{number}": ROW for number in range(40)}
    return read({"openai": {"id": "openai", "models": models | {"sol": row}}})


def price(reading: Reading) -> Price | None:
    return next((one for one in reading.prices if one.key == "openai/sol"), None)


def test_a_row_is_known_by_provider_and_model() -> None:
    reading = read({"openai": {"models": {"sol": ROW}}, "reseller": {"models": {"openai/sol": ROW}}})
    assert [entry.key for entry in reading.entries] == ["openai/sol", "reseller/openai/sol"]
    (entry, _) = reading.entries
    assert (entry.organization, entry.context_tokens, entry.tools) == ("openai", 400_000, True)
    assert entry.input_modalities == ("image", "text")
    found = reading.prices[0]
    assert (found.input_microusd_per_mtok, found.output_microusd_per_mtok) == (2_500_000, 15_000_000)
    assert found.cache_read_microusd_per_mtok == 250_000
    assert reading.findings == ()


@pytest.mark.parametrize("cost", [None, {}, {"input": 0, "output": 0}, {"input": 0.0, "output": 0.0}])
def test_a_subscription_states_no_price(cost: object) -> None:
    assert price(read_row(ROW | {"cost": cost})) is None
    missing = {key: value for key, value in ROW.items() if key != "cost"}
    reading = read_row(missing)
    assert price(reading) is None
    assert "openai/sol" in {entry.key for entry in reading.entries}


def test_an_early_copy_is_read_too(real_captures: Path) -> None:
    early = {key: value for key, value in ROW.items() if key != "modalities"}
    (entry,) = (e for e in read_row(early).entries if e.key == "openai/sol")
    assert entry.input_modalities is None
    (path,) = (real_captures / "models-dev" / "api-json").glob("2025-*.json")
    reading = read(json.loads(path.read_bytes()))
    assert (len(reading.entries), len(reading.prices)) == (147, 140)
    assert {e.input_modalities for e in reading.entries if e.key == "openai/o3"} == {("image", "text")}
    assert [finding.subject for finding in reading.findings] == ["groq/..."]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"cost": {"input": -1, "output": 1}}, "input"),
        ({"cost": {"input": 1, "output": 10**6}}, "output"),
        ({"cost": {"input": "2.5", "output": 1}}, "input"),
        ({"cost": {"input": 1, "output": 1, "cache_read": True}}, "cache_read"),
        ({"cost": [1, 2]}, "cost"),
        ({"limit": {"context": "400k"}}, "context"),
        ({"limit": None}, "limit"),
        ({"tool_call": "yes"}, "tool_call"),
        ({"modalities": {"input": "text"}}, "modalities.input"),
    ],
)
def test_a_row_with_an_impossible_value_is_left_out_with_a_finding(
    change: dict[str, object], field: str
) -> None:
    reading = read_row(ROW | change)
    assert "openai/sol" not in {entry.key for entry in reading.entries}
    (finding,) = reading.findings
    assert (finding.kind, finding.subject) == ("bad-value", "openai/sol")
    assert f"`{field}`" in finding.message


@pytest.mark.parametrize(
    "document", [[], {}, {"openai": {}}, {"openai": None}, {"openai": {"models": []}}, {"error": "x"}]
)
def test_what_is_not_the_catalogue_is_held(document: object) -> None:
    with pytest.raises(SourceHeldError):
        read(document)


def test_names_of_another_case_are_both_left_out() -> None:
    models = {f"filler-{number}": ROW for number in range(60)}
    reading = read({"openai": {"models": models | {"sol": ROW, "SOL": ROW}}})
    assert {finding.kind for finding in reading.findings} == {"twin-name"}
    assert not {"openai/sol", "openai/SOL"} & {entry.key for entry in reading.entries}


def test_the_real_catalogue_is_read_whole(real_captures: Path) -> None:
    (path,) = (real_captures / "models-dev" / "api-json").glob("2026-03-14-*.json")
    reading = read(json.loads(path.read_bytes()))
    assert (len(reading.entries), len(reading.prices)) == (3733, 3117)
    assert reading.findings == ()


def test_the_files_of_a_tree_go_to_their_sources(real_captures: Path) -> None:
    """OpenRouter's copy in the repository of models.dev is called after it, and is OpenRouter's."""
    found = read_captures([real_captures], now=datetime(2026, 5, 31, 12, tzinfo=UTC))
    assert "models-dev/api-json/2026-03-14" in found[MODELS_DEV][0].url
    assert "openrouter/api-v1-models/2026-05-31-models-dev" in found[OPENROUTER][0].url
