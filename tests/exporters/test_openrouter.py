"""The bodies for OpenRouter name the approved models in order, each with its own effort and no other."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import jsonschema  # type: ignore[import-untyped]  # it ships no types
import pytest

from pipeline.errors import RefusedError
from pipeline.exporters.openrouter import MOST_MODELS, OPENROUTER
from pipeline.router.pool_model import read_pool

if TYPE_CHECKING:
    from pydantic import JsonValue

    from tests.router.conftest import Json, Shelf

BODY: Json = {
    "type": "object",
    "required": ["models"],
    "additionalProperties": False,
    "properties": {
        "models": {
            "type": "array",
            "minItems": 1,
            "maxItems": 3,
            "uniqueItems": True,
            "items": {"type": "string", "pattern": "^[^/ ]+/[^ ]+$"},
        },
        "reasoning": {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "effort": {"enum": ["max", "xhigh", "high", "medium", "low", "minimal", "none"]},
                "max_tokens": {"type": "integer"},
                "enabled": {"type": "boolean"},
            },
        },
    },
}
"""What OpenRouter documents of the request fields that are written here."""


def _tier(shelf: Shelf, efforts: list[str | None]) -> Json:
    """A pool whose tier `frugal` holds one member an effort, by rank."""
    signed = shelf.signed_2()
    first = shelf.at(signed, "tiers", "frugal", "members", 0)
    members: list[JsonValue] = []
    for rank, effort in enumerate(efforts, start=1):
        member = json.loads(json.dumps(first)) | {"rank": rank, "variant": f"m{rank}@x"}
        send = {"reasoning": {"effort": effort}} if effort else {}
        member["routes"]["openrouter"] |= {"model": f"maker/m{rank}", "send": send}
        members.append(member)
    names: list[JsonValue] = [f"m{rank}@x" for rank in range(1, len(efforts) + 1)]
    shelf.put(signed, ("tiers", "frugal", "k"), 12)
    shelf.put(signed, ("tiers", "frugal", "members"), members)
    shelf.put(signed, ("tiers", "frugal", "bands"), {"simple": names[::-1], "medium": names})
    return signed


def _bodies(signed: Json) -> dict[str, list[Json]]:
    text = OPENROUTER.render(read_pool(signed))
    assert OPENROUTER.validate(text, read_pool(signed)) == ()
    found = json.loads(text)["tiers"]["neo-mode/frugal"]
    assert isinstance(found, dict)
    return found


def test_neighbours_with_one_effort_share_a_body_and_others_do_not(shelf: Shelf) -> None:
    assert _bodies(_tier(shelf, ["high", "high", None, "high"]))["rank"] == [
        {"models": ["maker/m1", "maker/m2"], "reasoning": {"effort": "high"}},
        {"models": ["maker/m3"]},
        {"models": ["maker/m4"], "reasoning": {"effort": "high"}},
    ]


def test_no_body_names_more_models_than_openrouter_takes(shelf: Shelf) -> None:
    bodies = _bodies(_tier(shelf, ["low"] * 7))["rank"]
    assert [len(body["models"]) for body in bodies if isinstance(body["models"], list)] == [3, 3, 1]
    assert MOST_MODELS == 3


def test_each_band_has_bodies_in_its_own_order(shelf: Shelf) -> None:
    bodies = _bodies(_tier(shelf, ["high", None]))
    assert list(bodies) == ["rank", "simple", "medium"]
    assert [body["models"] for body in bodies["simple"]] == [["maker/m2"], ["maker/m1"]]
    assert bodies["medium"] == bodies["rank"]


def test_every_body_is_of_the_documented_shape(shelf: Shelf) -> None:
    for signed in (shelf.signed_2(), _tier(shelf, ["high", "high", "none", None, "xhigh"])):
        for orders in json.loads(OPENROUTER.render(read_pool(signed)))["tiers"].values():
            for bodies in orders.values():
                for body in bodies:
                    jsonschema.validate(body, BODY)


def test_a_format_1_effort_is_not_a_field_of_openrouter_and_is_found_by_the_shape(shelf: Shelf) -> None:
    bodies = json.loads(OPENROUTER.render(read_pool(shelf.signed())))["tiers"]["neo-mode/premium"]["rank"]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(bodies[0], BODY)


def test_what_a_body_cannot_hold_is_said(shelf: Shelf) -> None:
    said = OPENROUTER.inexpressible(read_pool(_tier(shelf, ["high", None])))
    assert "all of frugal in one body: send the next body when one fails" in said
    assert any("the pool's price is no ceiling" in line for line in said)
    assert len(OPENROUTER.inexpressible(read_pool(_tier(shelf, ["high", "high"])))) == 1


@pytest.mark.parametrize(
    ("written", "instead"),
    [("maker/m1", "maker/other"), ('"effort": "high"', '"effort": "low"')],
)
def test_bodies_that_read_back_as_another_pool_are_told(shelf: Shelf, written: str, instead: str) -> None:
    view = read_pool(_tier(shelf, ["high", "high"]))
    text = OPENROUTER.render(view)
    assert written in text
    assert len(OPENROUTER.validate(text.replace(written, instead), view)) == 1


def test_a_body_of_too_many_models_is_told(shelf: Shelf) -> None:
    view = read_pool(_tier(shelf, ["high"]))
    document = json.loads(OPENROUTER.render(view))
    document["tiers"]["neo-mode/frugal"]["simple"][0]["models"] = ["a/b"] * 4
    assert OPENROUTER.validate(json.dumps(document), view) == (
        "neo-mode/frugal, simple: a body names 4 models",
    )


def test_a_tier_that_openrouter_cannot_reach_at_all_is_refused(shelf: Shelf) -> None:
    signed = shelf.signed_2()
    routes = shelf.at(signed, "tiers", "premium", "members", 0, "routes")
    assert isinstance(routes, dict)
    del routes["openrouter"]
    with pytest.raises(RefusedError, match="no member of premium has a `openrouter` route"):
        OPENROUTER.render(read_pool(signed))
