"""Every route and price row that the shipped crosswalk names exists in a stored catalogue (rule 7)."""

from __future__ import annotations

import gzip
import json
from functools import cache
from importlib.metadata import version
from pathlib import Path

import pytest

from pipeline.domain.ids import (
    ARTIFICIAL_ANALYSIS,
    GENAI_PRICES,
    LITELLM_PRICES,
    OPENROUTER,
    SourceKey,
    VariantId,
)
from pipeline.domain.observation import Capture
from pipeline.errors import SourceHeldError
from pipeline.identity.crosswalk.load import load_crosswalk
from pipeline.sources.local_files import read_captures
from pipeline.sources.price_lists.genai_table import table
from pipeline.sources.registry import SOURCES
from tests.bench.identity_targets import NOW

CROSSWALK = load_crosswalk(Path(__file__).resolve().parents[2] / "data" / "crosswalk")
INDEX_PAGE = "artificial-analysis/site-leaderboard/2026-08-06-samica-aa-leaderboards.json.gz"
AT_THE_VENDOR = {"gemini": "google", "moonshot": "moonshotai", "xai": "x-ai"}
"""How genai-prices calls a vendor where LiteLLM has another word."""


@cache
def priced_ids() -> frozenset[str]:
    """`provider:model` of the installed genai-prices, in lower case."""
    body = table(version("genai-prices"), NOW)
    capture = Capture(source=GENAI_PRICES, url="package:genai-prices", fetched_at=NOW, status=200, body=body)
    return frozenset(price.key.lower() for price in SOURCES[GENAI_PRICES].parse((capture,)).prices)


@cache
def openrouter_ids(folder: Path) -> frozenset[str]:
    """Every id of a stored OpenRouter catalogue, or of genai-prices' list of it."""
    ids = {key.partition(":")[2] for key in priced_ids() if key.startswith("openrouter:")}
    held = 0
    for file in sorted(folder.glob("openrouter/api-v1-models/*.json")):
        captures = read_captures([f"{OPENROUTER}={file}"], now=NOW)[OPENROUTER]
        try:
            ids |= {str(entry.key) for entry in SOURCES[OPENROUTER].parse(captures).entries}
        except SourceHeldError:
            held += 1
    assert held == 1, "one stored catalogue has another form"
    return frozenset(ids)


@cache
def litellm_ids(folder: Path) -> frozenset[str]:
    """`provider/model` of the stored LiteLLM map, which leaves the provider out for some."""
    captures = read_captures([f"{LITELLM_PRICES}={folder}"], now=NOW)[LITELLM_PRICES]
    entries = SOURCES[LITELLM_PRICES].parse(captures).entries
    return frozenset({str(entry.key) for entry in entries} | {f"{e.organization}/{e.key}" for e in entries})


@cache
def stated_by_the_index(folder: Path) -> frozenset[tuple[str, str]]:
    """Release and OpenRouter id, as the page of the index states them for a row judged to be the release."""
    rows = json.loads(gzip.decompress((folder / INDEX_PAGE).read_bytes()))["models"]
    found = set()
    for row in rows:
        word = CROSSWALK.judgements.get((ARTIFICIAL_ANALYSIS, SourceKey(row["id"])))
        if word is not None and word.variant is not None and row["open_weights"]["openrouter_api_id"]:
            release = CROSSWALK.variants[word.variant].release
            found.add((release, row["open_weights"]["openrouter_api_id"]))
    return frozenset(found)


def on_openrouter(folder: Path, variant: VariantId) -> bool:
    """Say whether a variant's OpenRouter id is one; a page newer than the catalogues may state it."""
    known = CROSSWALK.variants[variant]
    if known.openrouter in openrouter_ids(folder):
        return True
    return (known.release, known.openrouter) in stated_by_the_index(folder)


def dispatched(folder: Path, variant: VariantId) -> bool:
    """Say whether LiteLLM can dispatch to a variant: by its map, OpenRouter's list or the vendor's table."""
    route = CROSSWALK.variants[variant].litellm or ""
    provider, _, model = route.partition("/")
    if provider == "openrouter":
        return on_openrouter(folder, variant)
    return (
        route in litellm_ids(folder)
        or f"{AT_THE_VENDOR.get(provider, provider)}:{model}".lower() in priced_ids()
    )


def test_every_openrouter_id_is_in_a_stored_catalogue(real_captures: Path) -> None:
    named = [name for name, variant in CROSSWALK.variants.items() if variant.openrouter]
    assert len(named) > 350
    assert [name for name in named if not on_openrouter(real_captures, name)] == []


def test_only_two_releases_rest_on_an_id_that_the_page_of_the_index_states(real_captures: Path) -> None:
    resting = {
        variant.release
        for variant in CROSSWALK.variants.values()
        if variant.openrouter and variant.openrouter not in openrouter_ids(real_captures)
    }
    assert resting == {"hy3", "qwen3.8-max"}


def test_every_litellm_route_is_in_a_stored_catalogue(real_captures: Path) -> None:
    named = [name for name, variant in CROSSWALK.variants.items() if variant.litellm]
    assert len(named) > 390
    assert [name for name in named if not dispatched(real_captures, name)] == []


def test_every_row_of_genai_prices_that_is_named_is_in_the_installed_package() -> None:
    named = {variant.genai_prices for variant in CROSSWALK.variants.values() if variant.genai_prices}
    assert len(named) > 80
    assert sorted(row for row in named if row.lower() not in priced_ids()) == []


@pytest.mark.parametrize(
    ("variant", "not_its_route"),
    [
        ("phi-4@none", "microsoft/phi-4-reasoning"),
        ("kat-coder-pro-v2@none", "kwaipilot/kat-coder-pro"),
        ("qwen3-vl-32b-thinking@on", "qwen/qwen3-vl-32b-instruct"),
        ("step-3.5-flash-2603@on", "stepfun/step-3.5-flash"),
        ("grok-build-0.1-0616@on", "x-ai/grok-build-0.1"),
        ("mistral-large-2402@none", "mistralai/mistral-large"),
        ("qwen3-max-thinking-preview@on", "qwen/qwen3-max-thinking"),
    ],
)
def test_an_id_of_another_release_is_not_taken_over_from_the_index_or_an_alias(
    variant: str, not_its_route: str
) -> None:
    known = CROSSWALK.variants[VariantId(variant)]
    assert not_its_route not in {known.openrouter, (known.litellm or "").removeprefix("openrouter/")}
