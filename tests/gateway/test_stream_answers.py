"""Streams say who answered: the member that was asked last, in the headers and in the last event."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any, cast

import pytest

from pipeline.gateway.answers import EXCHANGE, StreamAnswers, origin_headers
from pipeline.gateway.names import DeploymentId

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pipeline.gateway.request import Request

FIRST = DeploymentId(tier="low", band="medium", version=3, order=1, variant="a@none")
SECOND = DeploymentId(tier="high", band="medium", version=3, order=2, variant="b@high")
EVENTS = "text/event-stream; charset=utf-8"
CHAT = {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
USAGE = {"choices": [], "usage": {"total_tokens": 3}}


class Decided:
    """The part of a request that a stream reads."""

    def __init__(self, asked: DeploymentId | None) -> None:
        self.asked = asked


def headers(named: DeploymentId, kind: str = EVENTS, **more: str) -> list[tuple[bytes, bytes]]:
    fields = {"content-type": kind, **more, **origin_headers(named)}
    return [(name.replace("_", "-").encode(), value.encode()) for name, value in fields.items()]


def sse(event: object) -> bytes:
    return f"data: {json.dumps(event)}\n\n".encode()


def told(
    pieces: Sequence[bytes],
    *,
    kind: str = "http",
    start: Sequence[tuple[bytes, bytes]] | None = None,
    asked: DeploymentId | None = FIRST,
    before: Callable[[int, Decided], None] = lambda _number, _decided: None,
) -> tuple[list[dict[str, Any]], list[DeploymentId]]:
    """Send a stream through; return what left, and for whom it was counted.

    `before` is called before each piece, with its number and what was decided.
    """
    sent: list[dict[str, Any]] = []
    counted: list[DeploymentId] = []
    decided = Decided(asked)

    async def app(scope: Any, receive: Any, send: Any) -> None:
        del scope, receive
        if exchange := EXCHANGE.get():
            exchange.request = cast("Request", decided)
        first = headers(FIRST) if start is None else list(start)
        await send({"type": "http.response.start", "status": 200, "headers": first})
        for number, piece in enumerate(pieces):
            before(number, decided)
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def receive() -> Any:
        raise AssertionError("nothing is read here")

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(StreamAnswers(app, counted.append)({"type": kind}, receive, send))
    return sent, counted


def body_of(sent: list[dict[str, Any]]) -> bytes:
    return b"".join(message.get("body", b"") for message in sent)


def test_a_stream_that_another_member_took_over_is_told_and_counted_as_that_members() -> None:
    sent, counted = told([sse(CHAT)], asked=SECOND)
    assert sorted(sent[0]["headers"]) == sorted(headers(SECOND))
    assert b'"brainModel":"b@high"' in body_of(sent)
    assert counted == [SECOND]


def test_headers_that_no_hook_wrote_are_added() -> None:
    sent, _ = told([], start=[(b"content-type", EVENTS.encode())])
    assert dict(sent[0]["headers"])[b"x-brain-model"] == b"a@none"


def test_a_member_that_takes_over_later_is_named_in_the_last_event() -> None:
    def take_over(number: int, decided: Decided) -> None:
        if number == 1:
            decided.asked = SECOND

    sent, _ = told([sse({"choices": [{"delta": {"role": "assistant"}}]}), sse(CHAT)], before=take_over)
    assert dict(sent[0]["headers"])[b"x-brain-model"] == b"a@none"
    assert b'"brainModel":"b@high"' in body_of(sent)


@pytest.mark.parametrize(
    ("event", "holder"),
    [
        (CHAT, ()),
        ({"type": "message_stop"}, ()),
        ({"type": "response.completed", "response": {"id": "r"}}, ("response",)),
        ({"type": "response.incomplete", "response": {"id": "r"}}, ("response",)),
        ({"type": "response.failed", "response": {"id": "r"}}, ("response",)),
    ],
    ids=["chat", "messages", "completed", "incomplete", "failed"],
)
def test_the_last_event_of_each_api_names_the_member_and_keeps_the_rest(
    event: dict[str, Any], holder: tuple[str, ...]
) -> None:
    body = body_of(told([sse(event)])[0])
    found = json.loads(body.removeprefix(b"data: "))
    inner = found
    for name in holder:
        inner = inner[name]
    assert inner.pop("brainModel") == "a@none"
    assert found == event
    assert body.endswith(b"\n\n")


@pytest.mark.parametrize("size", [1, 2, 7, 1000])
def test_pieces_that_end_anywhere_make_the_same_stream(size: int) -> None:
    whole = b": ping\n\nevent: x\n" + sse({"choices": [{"delta": {"content": "naïve \u2028"}}]}) + sse(CHAT)
    whole += sse(USAGE) + b"data: [DONE]\n\n"
    pieces = [whole[at : at + size] for at in range(0, len(whole), size)]
    expected = whole.replace(
        sse(CHAT),
        b"data: " + json.dumps(CHAT | {"brainModel": "a@none"}, separators=(",", ":")).encode() + b"\n\n",
    )
    assert body_of(told(pieces)[0]) == expected


QUOTED = {"choices": [{"delta": {"content": '{"finish_reason": "stop"} "message_stop"'}}]}


@pytest.mark.parametrize(
    "piece",
    [
        sse(QUOTED),
        sse(USAGE),
        sse({"choices": [{"delta": {}, "finish_reason": None}]}),
        b'event: error\ndata: {"error": {"message": "gone"}}\n\n',
        b'data: {"finish_reason": "stop"\n\n',
        b'data: ["finish_reason": "stop"]\n\n',
        b'data: {"type": "response.completed", "response": null}\n\n',
        b'data: {"choices": [7, {"finish_reason": ""}], "x": "message_stop"}\n\n',
        b'event: "message_stop"\n\n',
        b'data: {"finish_reason": "stop", "x": ' + b"[" * 100_000 + b"\n\n",
        b"the end without a newline",
    ],
    ids=["quoted", "usage", "open", "error", "cut", "list", "null", "odd", "event", "deep", "rest"],
)
def test_every_other_event_leaves_as_it_came(piece: bytes) -> None:
    assert body_of(told([piece])[0]) == piece


@pytest.mark.parametrize(
    ("start", "asked", "kind"),
    [
        (headers(FIRST, "application/json"), SECOND, "http"),
        (headers(FIRST, content_encoding="gzip"), SECOND, "http"),
        (headers(FIRST, content_length="7"), SECOND, "http"),
        (headers(FIRST), None, "http"),
        (headers(FIRST), SECOND, "websocket"),
    ],
    ids=["json", "packed", "sized", "not ours", "websocket"],
)
def test_what_is_no_stream_of_a_member_stays_as_it_is(
    start: list[tuple[bytes, bytes]], asked: DeploymentId | None, kind: str
) -> None:
    sent, counted = told([sse(CHAT)], start=start, asked=asked, kind=kind)
    assert sent[0]["headers"] == start
    assert body_of(sent) == sse(CHAT)
    assert counted == []


def test_exchanges_side_by_side_do_not_see_each_other() -> None:
    seen: dict[str, DeploymentId | None] = {}

    async def app(scope: Any, receive: Any, send: Any) -> None:
        del receive, send
        exchange = EXCHANGE.get()
        assert exchange is not None
        assert exchange.request is None
        mine = FIRST if scope["path"] == "a" else SECOND
        exchange.request = cast("Request", Decided(mine))
        await asyncio.sleep(0)
        found = EXCHANGE.get()
        assert found is not None
        assert found.request is not None
        seen[scope["path"]] = found.request.asked

    async def nothing(*_: Any) -> Any:
        return {}

    async def both() -> None:
        around = StreamAnswers(app, lambda _: None)
        await asyncio.gather(*(around({"type": "http", "path": path}, nothing, nothing) for path in "ab"))

    asyncio.run(both())
    assert seen == {"a": FIRST, "b": SECOND}
