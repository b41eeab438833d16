"""The config for Portkey asks a tier's members by rank, then those of the tiers above, and holds no key."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import jsonschema  # type: ignore[import-untyped]  # it ships no types
import pytest

from pipeline.exporters.portkey import PORTKEY
from pipeline.router.pool_model import read_pool

if TYPE_CHECKING:
    from tests.router.conftest import Json, Shelf

TARGET: Json = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "name": {"type": "string"},
        "strategy": {
            "type": "object",
            "additionalProperties": False,
            "required": ["mode"],
            "properties": {
                "mode": {"enum": ["single", "loadbalance", "fallback", "conditional"]},
                "conditions": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "required": ["query", "then"],
                        "properties": {"query": {"type": "object"}, "then": {"type": "string"}},
                    },
                },
                "default": {"type": "string"},
            },
        },
        "targets": {"type": "array", "minItems": 1, "items": {"$ref": "#"}},
        "provider": {"type": "string"},
        "api_key": {"type": "string"},
        "request_timeout": {"type": "integer", "minimum": 1},
        "override_params": {"type": "object", "required": ["model"]},
    },
    "anyOf": [{"required": ["provider", "api_key"]}, {"required": ["strategy", "targets"]}],
}
"""What the gateway 1.15.2 checks of the fields that are written here."""


def _config(signed: Json) -> Json:
    found = json.loads(PORTKEY.render(read_pool(signed)))
    assert isinstance(found, dict)
    return found


def _calls(signed: Json, tier: str) -> list[Json]:
    config = _config(signed)
    targets = config["targets"]
    assert isinstance(targets, list)
    (found,) = (one for one in targets if isinstance(one, dict) and one["name"] == tier)
    members = found["targets"]
    assert isinstance(members, list)
    return [one for one in members if isinstance(one, dict)]


def test_the_config_is_of_the_shape_that_the_gateway_checks(shelf: Shelf) -> None:
    jsonschema.validate(_config(shelf.signed_2()), TARGET)


def test_a_tier_is_a_condition_and_its_members_come_before_those_of_the_tiers_above(shelf: Shelf) -> None:
    signed = shelf.signed_2()
    assert [one["override_params"] for one in _calls(signed, "frugal")] == [
        {"model": "maker/small-4"},
        {"model": "openai/gpt-x", "reasoning": {"effort": "high"}},
        {"model": "maker/middle-2", "reasoning": {"effort": "low"}},
        {"model": "maker/large-9", "reasoning": {"effort": "max"}},
    ]
    assert len(_calls(signed, "premium")) == 1
    strategy = _config(signed)["strategy"]
    assert isinstance(strategy, dict)
    conditions = strategy["conditions"]
    assert isinstance(conditions, list)
    assert {"query": {"params.model": {"$eq": "neo-mode/frugal"}}, "then": "frugal"} in conditions


def test_a_model_that_is_no_tier_is_refused_by_the_gateway_and_not_sent_anywhere(shelf: Shelf) -> None:
    strategy = _config(shelf.signed_2())["strategy"]
    assert isinstance(strategy, dict)
    assert "default" not in strategy


def test_each_member_has_its_own_time_and_a_placeholder_for_the_key(shelf: Shelf) -> None:
    first, second, *_ = _calls(shelf.signed_2(), "frugal")
    assert (first["request_timeout"], second["request_timeout"]) == (120_000, 600_000)
    assert first["api_key"] == "${OPENROUTER_API_KEY}"


def test_what_the_config_cannot_hold_is_said(shelf: Shelf) -> None:
    said = " ".join(PORTKEY.inexpressible(read_pool(shelf.signed_2())))
    for part in ("replace ${OPENROUTER_API_KEY}", "v0002 and 2026-09-12", "cooldown", "bands of frugal"):
        assert part in said


@pytest.mark.parametrize(("written", "instead"), [("openai/gpt-x", "openai/gpt-y"), ('"high"', '"low"')])
def test_a_config_that_reads_back_as_another_pool_is_told(shelf: Shelf, written: str, instead: str) -> None:
    view = read_pool(shelf.signed_2())
    text = PORTKEY.render(view)
    assert written in text
    (told,) = PORTKEY.validate(text.replace(written, instead), view)
    assert told.startswith("neo-mode/frugal: ")
