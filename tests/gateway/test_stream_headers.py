"""A stream's headers name the member whose stream it is when it begins, not the one it was opened with."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from pipeline.gateway.answers import origin_headers
from pipeline.gateway.names import DeploymentId
from pipeline.gateway.stream_headers import StreamHeaders, corrected_headers

FIRST = DeploymentId(tier="low", band="medium", version=3, order=1, variant="a@none")
SECOND = DeploymentId(tier="high", band="medium", version=3, order=2, variant="b@high")
EVENTS = "text/event-stream; charset=utf-8"

Headers = list[tuple[bytes, bytes]]


def headers(named: DeploymentId, served: str, kind: str = EVENTS) -> Headers:
    fields = {"content-type": kind, "x-litellm-model-id": served, **origin_headers(named), "x-other": "1"}
    return [(name.encode(), value.encode()) for name, value in fields.items()]


def test_a_stream_that_another_member_took_over_is_told_as_that_members() -> None:
    assert corrected_headers(headers(FIRST, str(SECOND))) == headers(SECOND, str(SECOND))


@pytest.mark.parametrize(
    "sent",
    [
        headers(FIRST, str(FIRST)),
        headers(FIRST, "own"),
        headers(FIRST, str(SECOND), "application/json"),
        [(b"content-type", EVENTS.encode()), (b"x-litellm-model-id", str(SECOND).encode())],
        [],
    ],
)
def test_everything_else_stays_as_it_is(sent: Headers) -> None:
    assert corrected_headers(sent) == sent


def test_only_the_start_of_an_answer_is_touched() -> None:
    body = {"type": "http.response.body", "body": b"data: {}\n\n", "more_body": False}
    start = {"type": "http.response.start", "status": 200, "headers": headers(FIRST, str(SECOND))}
    seen: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append((scope["type"], await receive()))
        await send(dict(start))
        await send(body)

    async def receive() -> Any:
        return {"type": "http.request"}

    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    for kind in ("http", "websocket"):
        asyncio.run(StreamHeaders(app)({"type": kind}, receive, send))
    assert [kind for kind, _ in seen] == ["http", "websocket"]
    assert [message.get("headers") for message in sent] == [
        headers(SECOND, str(SECOND)),
        None,
        headers(FIRST, str(SECOND)),
        None,
    ]
    assert sent[1] is body
