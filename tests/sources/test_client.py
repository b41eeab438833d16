"""The way out: bounded, honest about length, and never led elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest

from pipeline.domain.names import LMARENA_TEXT, OPENROUTER
from pipeline.errors import SourceHeldError
from pipeline.sources import client as client_module
from pipeline.sources.catalogue import SOURCES, open_sources
from pipeline.sources.client import download, open_client

if TYPE_CHECKING:
    from collections.abc import Callable

URL = "https://source.example/list"


def ask(answer: Callable[[httpx.Request], httpx.Response], hosts: tuple[str, ...] = ()) -> bytes:
    with open_client(transport=httpx.MockTransport(answer)) as client:
        return download(client, URL, source=OPENROUTER, hosts=hosts)


def reply(body: bytes, status: int = 200, **headers: str) -> Callable[[httpx.Request], httpx.Response]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda _: httpx.Response(status, headers=named, content=iter([body]))


def test_a_whole_answer_is_returned_as_it_came() -> None:
    assert ask(reply(b"{}", content_length="2")) == b"{}"


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (reply(b"no", 403), "HTTP status 403"),
        (reply(b"", 302, location="https://source.example/other"), "HTTP status 302"),
        (reply(b"{", content_length="2"), "1 bytes of 2 announced"),
        (reply(b"x", content_encoding="gzip"), "a compressed answer"),
    ],
)
def test_anything_else_holds_the_source(
    answer: Callable[[httpx.Request], httpx.Response], message: str
) -> None:
    with pytest.raises(SourceHeldError) as held:
        ask(answer)
    assert held.value.found.startswith(message)


def test_no_answer_is_told_without_a_traceback() -> None:
    def fail(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectTimeout("slow", request=request)

    with pytest.raises(SourceHeldError, match=r"no answer \(ConnectTimeout\)") as held:
        ask(fail)
    assert held.value.__cause__ is None


def test_more_bytes_than_the_limit_are_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_module, "LARGEST_BODY_BYTES", 10)
    with pytest.raises(SourceHeldError, match="more than 10 bytes"):
        ask(reply(b"x" * 11))


def test_a_redirect_is_followed_only_to_the_named_hosts_over_https() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.host == "cdn.hf.co":
            return httpx.Response(200, content=iter([b"parquet"]))
        return httpx.Response(302, headers={"location": "https://cdn.hf.co/x"})

    assert ask(answer, hosts=("hf.co",)) == b"parquet"
    for elsewhere in ("http://cdn.hf.co/x", "https://evilhf.co/x", "https://example.org/"):
        with pytest.raises(SourceHeldError, match="not one of its own"):
            ask(reply(b"", 302, location=elsewhere), hosts=("hf.co",))


def test_a_redirect_loop_ends() -> None:
    with pytest.raises(SourceHeldError, match="more than 3 redirects"):
        ask(reply(b"", 302, location="https://cdn.hf.co/x"), hosts=("hf.co",))


def test_the_client_asks_for_plain_bytes_and_follows_nothing() -> None:
    with open_client(user_agent="modelpool/0.1.0") as client:
        assert client.headers["accept-encoding"] == "identity"
        assert client.headers["user-agent"] == "modelpool/0.1.0"
        assert not client.follow_redirects
        assert not client.trust_env


def test_a_source_without_a_key_fetches_one_capture() -> None:
    from datetime import UTC, datetime

    now = datetime(2026, 8, 15, tzinfo=UTC)
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        return httpx.Response(200, content=iter([b"body"]))

    with open_client(transport=httpx.MockTransport(answer)) as client:
        for name in (LMARENA_TEXT, OPENROUTER):
            (capture,) = SOURCES[name].fetch(client, now=now)
            assert (capture.source, capture.body, capture.fetched_at) == (name, b"body", now)
    assert "text_style_control/latest-00000-of-00001.parquet" in asked[0]
    assert asked[1] == "https://openrouter.ai/api/v1/models"


def test_the_catalogue_has_a_fixed_order_and_one_name_each() -> None:
    assert list(SOURCES) == [
        "lmarena-text",
        "lmarena-webdev",
        "artificial-analysis",
        "openrouter",
        "genai-prices",
    ]
    assert list(open_sources()) == list(SOURCES)
    assert all(source.name == name for name, source in SOURCES.items())
