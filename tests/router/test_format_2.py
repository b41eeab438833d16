"""A pool of format 2: each route says what it is sent and what it costs, and nothing else gets through."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pipeline.errors import RefusedError
from pipeline.exporters.litellm import litellm_fragment
from pipeline.router.pool_model import read_pool

if TYPE_CHECKING:
    from pydantic import JsonValue

    from tests.router.conftest import Shelf

Path = tuple[str | int, ...]
MEMBER: Path = ("tiers", "frugal", "members", 1)
ROUTE: Path = (*MEMBER, "routes", "litellm")
FIELDS = [(*ROUTE, name) for name in ("model", "send", "price")] + [(*MEMBER, "serves")]


def test_a_pool_of_either_format_is_served_alike(shelf: Shelf) -> None:
    before, after = read_pool(shelf.signed()), read_pool(shelf.signed_2())
    assert before.tiers["frugal"].bands == after.tiers["frugal"].bands
    for name, tier in before.tiers.items():
        for old, new in zip(tier.members, after.tiers[name].members, strict=True):
            assert old.routes["litellm"] == new.routes["litellm"]
            assert (old.rank, old.variant, old.price) == (new.rank, new.variant, new.price)


def test_the_fragment_of_either_format_is_the_same(shelf: Shelf) -> None:
    assert litellm_fragment(read_pool(shelf.signed_2())) == litellm_fragment(read_pool(shelf.signed()))


def test_a_route_is_exported_with_exactly_what_it_is_sent_at_its_own_price(shelf: Shelf) -> None:
    signed = shelf.signed_2()
    send: JsonValue = {"extra_body": {"reasoning": {"enabled": True, "max_tokens": -1}}}
    shelf.put(signed, (*ROUTE, "send"), send)
    shelf.put(signed, (*ROUTE, "price", "input_microusd_per_mtok"), 900_000)
    fragment = litellm_fragment(read_pool(signed))
    told = fragment.split('model: "openai/gpt-x"')[1].split("model_info")[0]
    assert "reasoning_effort" not in told
    assert "      input_cost_per_token: 0.0000009\n" in told
    assert told.endswith(
        "      extra_body:\n        reasoning:\n          enabled: true\n          max_tokens: -1\n    "
    )


@pytest.mark.parametrize("path", FIELDS, ids=lambda path: str(path[-1]))
def test_a_field_that_is_missing_is_refused_by_name(shelf: Shelf, path: Path) -> None:
    signed = shelf.signed_2()
    holder = shelf.at(signed, *path[:-1])
    assert isinstance(holder, dict)
    del holder[str(path[-1])]
    with pytest.raises(RefusedError, match=f"has no field `{path[-1]}`"):
        read_pool(signed)


def _nested(levels: int) -> JsonValue:
    value: JsonValue = "deep"
    for _ in range(levels):
        value = {"a": value}
    return value


HOSTILE: dict[str, tuple[JsonValue, str]] = {
    "an address": ({"api_base": "x"}, "api_base"),
    "a key": ({"api_key": "x"}, "api_key"),
    "another model": ({"model": "x"}, "model"),
    "the other router's parameter": ({"reasoning": {"effort": "high"}}, "litellm is sent"),
    "the environment": ({"extra_body": {"user": "os.environ/OPENAI_API_KEY"}}, "a word without spaces"),
    "a sentence": ({"extra_body": {"user": "a b"}}, "a word without spaces"),
    "a fraction": ({"extra_body": {"top_p": 0.5}}, "a word without spaces"),
    "null": ({"thinking": None}, "a word without spaces"),
    "a list": ({"extra_body": {"models": ["x"]}}, "a word without spaces"),
    "a name like syntax": ({"extra_body": {"a: b": 1}}, "the name of a parameter"),
    "nine parameters": ({"extra_body": {f"p{n}": n for n in range(9)}}, "more than 8 parameters"),
    "seven levels": ({"extra_body": _nested(6)}, "more than 6 levels"),
    "an integer no reader keeps": ({"extra_body": {"n": 2**53 + 1}}, "should be an integer"),
    "no object": ("high", "should be an object"),
    "a key further down": ({"extra_body": {"api_key": "x"}}, "extra_body.api_key may not be sent"),
    "an address further down": ({"extra_body": {"api_base": "x"}}, "extra_body.api_base may not be sent"),
    "a model further down": (
        {"extra_body": {"reasoning": {"model": "x"}}},
        "reasoning.model may not be sent",
    ),
    "a number for an object": ({"extra_body": 5}, "extra_body should be an object"),
    "a word for an object": ({"thinking": "enabled"}, "thinking should be an object"),
    "an object for a word": ({"reasoning_effort": {"type": "x"}}, "reasoning_effort should be a word"),
    "true for a number": ({"thinking": {"budget_tokens": True}}, "budget_tokens should be a whole number"),
    "a word like a key": ({"thinking": {"type": "sk-live-1"}}, "type should be a word of lower-case letters"),
    "the environment in capitals": ({"thinking": {"type": "OS.ENVIRON/A"}}, "a word without spaces"),
    "a variable of a shell": ({"thinking": {"type": "x${A}"}}, "a word without spaces"),
}


@pytest.mark.parametrize(("value", "complaint"), HOSTILE.values(), ids=HOSTILE.keys())
def test_anything_else_to_send_is_refused(shelf: Shelf, value: JsonValue, complaint: str) -> None:
    signed = shelf.signed_2()
    shelf.put(signed, (*ROUTE, "send"), value)
    with pytest.raises(RefusedError, match=complaint):
        read_pool(signed)


def test_six_levels_and_eight_parameters_are_read(shelf: Shelf) -> None:
    signed = shelf.signed_2()
    eight: JsonValue = {f"p{number}": number for number in range(8)}
    route = shelf.at(signed, *ROUTE)
    assert isinstance(route, dict)
    send: JsonValue = {"deep": _nested(5), "wide": eight}
    shelf.put(signed, (*MEMBER, "routes", "portkey"), route | {"send": send})
    sent = read_pool(signed).tiers["frugal"].members[1].routes["portkey"].send
    assert sent["wide"] == eight


@pytest.mark.parametrize("model", ["OS.environ/KEY", "a/os.environ/KEY", "a/${KEY}"])
def test_a_model_that_refers_to_the_environment_is_refused(shelf: Shelf, model: str) -> None:
    signed = shelf.signed_2()
    shelf.put(signed, (*ROUTE, "model"), model)
    with pytest.raises(RefusedError, match="should be a model id"):
        read_pool(signed)


def test_a_router_that_is_not_known_may_be_sent_what_it_likes(shelf: Shelf) -> None:
    signed = shelf.signed_2()
    route = shelf.at(signed, *ROUTE)
    assert isinstance(route, dict)
    shelf.put(signed, (*MEMBER, "routes", "portkey"), route | {"send": {"override": {"effort": "high"}}})
    assert "portkey" in read_pool(signed).tiers["frugal"].members[1].routes


AMISS: dict[str, tuple[str, JsonValue, str]] = {
    "no purpose": ("serves", [], "should hold one or more of default"),
    "a purpose nobody knows": ("serves", ["king", "default"], "should hold one or more of default"),
    "a negative cost": ("usd_per_task", "-1", "should not be negative"),
    "a negative lower end": ("usd_per_task_low", "-0.1", "should not be negative"),
    "a negative upper end": ("usd_per_task_high", "-0.1", "should not be negative"),
    "negative answers": ("acceptable_answers_per_usd", "-3", "should not be negative"),
}


@pytest.mark.parametrize(("field", "value", "complaint"), AMISS.values(), ids=AMISS.keys())
def test_a_member_with_an_impossible_value_is_refused(
    shelf: Shelf, field: str, value: JsonValue, complaint: str
) -> None:
    signed = shelf.signed_2()
    shelf.put(signed, (*MEMBER, field), value)
    with pytest.raises(RefusedError, match=rf"{field}: {complaint}"):
        read_pool(signed)


def test_a_tier_that_nobody_serves_by_default_is_refused(shelf: Shelf) -> None:
    signed = shelf.signed_2()
    members = shelf.at(signed, "tiers", "frugal", "members")
    assert isinstance(members, list)
    for number in range(len(members)):
        shelf.put(signed, ("tiers", "frugal", "members", number, "serves"), ["spare"])
    with pytest.raises(RefusedError, match="holds no member that serves `default`"):
        read_pool(signed)
    shelf.put(signed, (*MEMBER, "serves"), ["default"])
    assert read_pool(signed).tiers["frugal"].members
