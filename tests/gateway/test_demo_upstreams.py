"""Stand-ins say in every answer that they are no model, and for whom they stand."""

from __future__ import annotations

import json
import urllib.request
from typing import TYPE_CHECKING

import pytest

from pipeline.gateway.demo_upstreams import DemoUpstreams

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Stand-ins that serve."""
    upstreams = DemoUpstreams()
    yield upstreams.start()
    upstreams.stop()


@pytest.mark.parametrize("path", ["chat/completions", "responses"])
@pytest.mark.parametrize("stream", [False, True], ids=["json", "stream"])
def test_every_answer_says_that_it_is_a_demonstration(address: str, path: str, *, stream: bool) -> None:
    assert address.startswith("http://127.0.0.1:")
    body = json.dumps({"model": "m", "stream": stream}).encode()
    request = urllib.request.Request(f"{address}/gpt-6%40high/v1/{path}", body)  # noqa: S310 - loopback
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - loopback
        text = answer.read().decode()
        kind = answer.headers["Content-Type"]
    assert kind == ("text/event-stream" if stream else "application/json")
    assert "This is a demonstration" in text
    assert "gpt-6@high would have answered here" in text
