"""Versions are published while clients ask: no answer is lost, and none mixes two versions."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from tests.gateway.conftest import sample
from tests.litellm.gateway import next_version
from tests.litellm.load import Load

if TYPE_CHECKING:
    from tests.litellm.gateway import Gateway

pytestmark = pytest.mark.router

ORDER: list[str] = sample()["tiers"]["balanced"]["bands"]["medium"]
REQUESTS = 1000
PAUSE_SECONDS = 1.5
BODY: dict[str, object] = {
    "model": "neo-mode/balanced",
    "max_tokens": 20,
    "messages": [{"role": "user", "content": "ping"}],
}


def first_of(version: int) -> str:
    """Return who stands first in a version: versions differ in it, so that a mixture shows."""
    return ORDER[version % len(ORDER)]


@pytest.mark.parametrize("stream", [False, True], ids=["json", "stream"])
def test_versions_published_under_load_lose_no_answer_and_mix_none(gateway: Gateway, *, stream: bool) -> None:
    done = threading.Event()
    published = []

    def publish_again_and_again() -> None:
        while not done.is_set():
            signed = next_version(gateway)
            first = first_of(signed["version"])
            rest = [variant for variant in ORDER if variant != first]
            signed["tiers"]["balanced"]["bands"]["medium"] = [first, *rest]
            gateway.publish(signed)
            published.append(signed["version"])
            done.wait(PAUSE_SECONDS)

    publisher = threading.Thread(target=publish_again_and_again)
    publisher.start()
    load = Load(gateway.url, BODY | {"stream": stream})
    load.run(lambda count: count >= REQUESTS // 2 and len(published) >= 4)
    done.set()
    publisher.join()

    seen = {answer.version for answer in load.served}
    assert len(load.served) >= REQUESTS // 2
    assert len(seen) >= 4, "the load did not live through several versions"
    assert load.errors == []
    assert [answer for answer in load.served if answer.code != 200] == []
    ours = [answer for answer in load.served if int(str(answer.version)[1:]) >= published[0]]
    mixed = [answer for answer in ours if answer.header != first_of(int(str(answer.version)[1:]))]
    assert mixed == []
    assert [answer for answer in load.served if answer.header != answer.body] == []
