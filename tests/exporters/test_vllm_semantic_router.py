"""The configuration of vLLM Semantic Router: a recipe per tier, each member with its price and its effort."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import yaml

from pipeline.errors import RefusedError
from pipeline.exporters.exporter import left_out
from pipeline.exporters.vllm_semantic_router import VLLM_SEMANTIC_ROUTER as VLLM
from pipeline.router.pool_model import read_pool

if TYPE_CHECKING:
    from pydantic import JsonValue

    from tests.router.conftest import Json, Shelf

SECOND = ("tiers", "frugal", "members", 1, "routes", "openrouter", "send")


def _config(signed: Json) -> Json:
    found = yaml.safe_load(VLLM.render(read_pool(signed)))
    assert isinstance(found, dict)
    return found


def _named(items: JsonValue, name: str) -> Json:
    assert isinstance(items, list)
    (found,) = (one for one in items if isinstance(one, dict) and one["name"] == name)
    return found


def test_a_tier_is_an_entrypoint_with_a_recipe_in_rank_order(shelf: Shelf) -> None:
    config = _config(shelf.signed_2())
    entrypoints = config["entrypoints"]
    assert isinstance(entrypoints, list)
    assert {"model_names": ["neo-mode/frugal"], "recipe": "frugal"} in entrypoints
    assert _named(config["recipes"], "frugal")["routing"] == {
        "decisions": [
            {
                "name": "frugal",
                "priority": 100,
                "rules": {"operator": "AND", "conditions": []},
                "modelRefs": [
                    {"model": "small-4@none", "use_reasoning": False},
                    {"model": "gpt-x@high", "use_reasoning": True, "reasoning_effort": "high"},
                ],
                "algorithm": {"type": "static"},
            }
        ],
        "fallback": {"version": 1, "enabled": True, "max_attempts": 2},
    }


def test_a_model_has_its_address_its_price_and_the_one_effort_that_was_approved(shelf: Shelf) -> None:
    providers = _config(shelf.signed_2())["providers"]
    assert isinstance(providers, dict)
    assert _named(providers["models"], "gpt-x@high") == {
        "name": "gpt-x@high",
        "provider_model_id": "openai/gpt-x",
        "backend_refs": [
            {
                "name": "openrouter",
                "provider": "openrouter",
                "base_url": "https://openrouter.ai/api/v1",
                "api_key_env": "OPENROUTER_API_KEY",
            }
        ],
        "pricing": {
            "currency": "USD",
            "prompt_per_1m": 0.6,
            "cached_input_per_1m": 0.6,
            "completion_per_1m": 2.4,
        },
        "reasoning": {
            "type": "top_level_reasoning_effort",
            "parameter": "reasoning_effort",
            "levels": ["high"],
            "default": "high",
        },
    }
    assert "reasoning" not in _named(providers["models"], "small-4@none")


@pytest.mark.parametrize(
    "send", [{"reasoning": {"enabled": True}}, {"reasoning": {"effort": "high", "max_tokens": 5}}]
)
def test_a_member_whose_effort_cannot_be_sent_is_left_out_and_said_so(shelf: Shelf, send: JsonValue) -> None:
    signed = shelf.signed_2()
    shelf.put(signed, SECOND, send)
    view = read_pool(signed)
    assert left_out(view, VLLM.route, VLLM.obstacle) == (
        "frugal rank 2, gpt-x@high: its effort is no word, so this router cannot send it",
    )
    assert "gpt-x" not in VLLM.render(view)


def test_a_tier_that_would_be_lost_is_refused(shelf: Shelf) -> None:
    signed = shelf.signed_2()
    shelf.put(
        signed,
        ("tiers", "premium", "members", 0, "routes", "openrouter", "send"),
        {"reasoning": {"enabled": True}},
    )
    with pytest.raises(RefusedError, match="no member of premium has an expressible `openrouter` route"):
        VLLM.render(read_pool(signed))


def test_the_effort_of_format_1_is_sent_as_it_was_published(shelf: Shelf) -> None:
    assert _config(shelf.signed())["recipes"] == _config(shelf.signed_2())["recipes"]


def test_what_the_configuration_cannot_hold_is_said(shelf: Shelf) -> None:
    said = VLLM.inexpressible(read_pool(shelf.signed_2()))
    assert [line.partition(":")[0] for line in said] == [
        "the order among tiers",
        "the orders of the bands of frugal",
    ]


@pytest.mark.parametrize(
    ("written", "instead"),
    [('"openai/gpt-x"', '"openai/gpt-y"'), ('reasoning_effort: "high"', 'reasoning_effort: "low"')],
)
def test_a_configuration_that_reads_back_as_another_pool_is_told(
    shelf: Shelf, written: str, instead: str
) -> None:
    view = read_pool(shelf.signed_2())
    text = VLLM.render(view)
    assert text.count(written) == 1
    (told,) = VLLM.validate(text.replace(written, instead), view)
    assert told.startswith("neo-mode/frugal: ")
