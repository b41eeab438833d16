"""The plugin in a real proxy: the right member answers, says so, and the pool can change meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.gateway.conftest import publish, sample
from tests.litellm.gateway import next_version

if TYPE_CHECKING:
    from tests.litellm.gateway import Gateway

pytestmark = pytest.mark.router

APIS = ("chat", "messages", "responses")
BALANCED = sample()["tiers"]["balanced"]["bands"]


@pytest.mark.parametrize("api", APIS)
@pytest.mark.parametrize("stream", [False, True], ids=["json", "stream"])
def test_the_first_member_answers_and_says_so(gateway: Gateway, api: str, *, stream: bool) -> None:
    first = BALANCED["medium"][0]
    answer = gateway.ask(api, "balanced", stream=stream)
    assert answer.status == 200, answer.text
    assert gateway.upstreams.hits == [first]
    assert answer.headers["x-brain-model"] == first
    assert answer.headers["x-pool-band"] == "medium"
    assert answer.headers["x-pool-version"] == f"v{gateway.status()['version']:04}"
    assert answer.brain == first
    sent = gateway.upstreams.bodies[first]
    assert {sent.get("max_tokens"), sent.get("max_output_tokens"), sent.get("max_completion_tokens")} == {
        33,
        None,
    }


@pytest.mark.parametrize("api", APIS)
@pytest.mark.parametrize("stream", [False, True], ids=["json", "stream"])
@pytest.mark.parametrize("fault", [500, 429, 401, "timeout", "cut"])
def test_after_a_failure_the_next_member_answers_and_says_so(
    gateway: Gateway, api: str, fault: int | str, *, stream: bool
) -> None:
    first, second, _ = BALANCED["medium"]
    gateway.upstreams.failing[first] = fault
    answer = gateway.ask(api, "balanced", stream=stream)
    assert answer.status == 200, answer.text
    assert gateway.upstreams.hits == [first, second]
    assert answer.headers["x-brain-model"] == second
    assert answer.brain == second


@pytest.mark.parametrize("api", APIS)
def test_a_stream_that_breaks_off_before_its_text_ends_with_the_member_whose_text_it_is(
    gateway: Gateway, api: str
) -> None:
    first, second, _ = BALANCED["medium"]
    gateway.upstreams.failing[first] = "begun"
    answer = gateway.ask(api, "balanced", stream=True)
    assert gateway.upstreams.hits == [first, second]
    assert "pong" in answer.text
    assert answer.brain == second
    # A chat completion's first event names the role alone: it was sent on, and the headers before it.
    assert answer.headers["x-brain-model"] == (first if api == "chat" else second)


@pytest.mark.parametrize("band", ["simple", "medium", "complex"])
def test_a_declared_band_decides_the_order(gateway: Gateway, band: str) -> None:
    order = BALANCED[band]
    gateway.upstreams.failing |= dict.fromkeys(order[:-1], 500)
    answer = gateway.ask("chat", "balanced", headers={"x-pool-band": band})
    assert gateway.upstreams.hits == order
    assert answer.headers["x-pool-band"] == band
    assert answer.headers["x-brain-model"] == order[-1]


def test_a_band_nobody_knows_is_refused_with_the_bands(gateway: Gateway) -> None:
    answer = gateway.ask("chat", "balanced", headers={"x-pool-band": "hard"})
    assert answer.status == 400
    assert "simple, medium, complex" in answer.text
    assert gateway.upstreams.hits == []


def test_a_tier_that_is_down_falls_to_the_next_tier_up(gateway: Gateway) -> None:
    gateway.upstreams.failing |= dict.fromkeys(BALANCED["medium"], 500)
    answer = gateway.ask("chat", "balanced")
    premium = [
        member
        for member in sample()["tiers"]["premium"]["bands"]["medium"]
        if member not in BALANCED["medium"]
    ]
    assert answer.headers["x-brain-model"] == premium[0] == answer.brain
    assert answer.headers["x-pool-tier"] == "premium"


def test_a_decision_is_explained_without_content(gateway: Gateway) -> None:
    answer = gateway.ask("chat", "balanced", headers={"x-pool-explain": "1"})
    assert '"band_by":"default"' in answer.headers["x-pool-explain"]
    assert "ping" not in answer.headers["x-pool-explain"]
    assert "x-pool-explain" not in gateway.ask("chat", "balanced").headers


def test_tiers_are_listed_beside_the_operators_own_models_and_nothing_else(gateway: Gateway) -> None:
    listed = [model["id"] for model in gateway.get("/v1/models").body["data"]]
    assert sorted(listed) == ["neo-mode/balanced", "neo-mode/frugal", "neo-mode/premium", "own"]


def test_a_new_version_is_served_without_a_restart(gateway: Gateway) -> None:
    signed = next_version(gateway)
    order = list(reversed(signed["tiers"]["balanced"]["bands"]["medium"]))
    signed["tiers"]["balanced"]["bands"]["medium"] = order
    gateway.publish(signed)
    answer = gateway.ask("chat", "balanced")
    assert (answer.headers["x-pool-version"], answer.headers["x-brain-model"]) == (
        f"v{signed['version']:04}",
        order[0],
    )
    gateway.publish(next_version(gateway))


@pytest.mark.parametrize("damage", ["garbage pointer", "tampered file", "older version", "no folder"])
def test_what_may_not_be_served_changes_nothing_and_raises_an_alarm(gateway: Gateway, damage: str) -> None:
    served = gateway.status()["version"]
    aside = gateway.pools.with_name("aside")
    pointer = gateway.pools / "latest.json"
    before = pointer.read_bytes()
    match damage:
        case "garbage pointer":
            pointer.write_text("garbage")
        case "tampered file":
            file = gateway.pools / f"v{served:04}.json"
            whole = file.read_bytes()
            file.write_bytes(whole.replace(b"0", b"1", 1))
        case "older version":
            publish(gateway.pools, sample() | {"version": served - 1})
        case _:
            gateway.pools.rename(aside)
    status = gateway.wait_for(lambda found: found["alarm"], f"an alarm for {damage}")
    assert status["version"] == served
    assert gateway.ask("chat", "balanced").headers["x-pool-version"] == f"v{served:04}"
    if aside.exists():
        aside.rename(gateway.pools)
    if damage == "tampered file":
        file.write_bytes(whole)
    pointer.write_bytes(before)
    gateway.wait_for(lambda found: found["alarm"] is None, "the alarm to end")
