"""The way out: bounded, honest about length, patient within reason, and never led elsewhere."""

from __future__ import annotations

import gzip
import logging
import tracemalloc
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

import httpx
import pytest
from pydantic import SecretStr

from pipeline.domain.ids import LMARENA_TEXT, OPENROUTER
from pipeline.errors import SourceHeldError, UsageError
from pipeline.sources.http import bounded_read
from pipeline.sources.http import session as client_module
from pipeline.sources.http.request import Deadline, HttpConfig, Mirrors, Request
from pipeline.sources.http.session import ATTEMPTS, SourceSession
from pipeline.sources.registry import SOURCES, open_sources
from tests.replica.sessions import NOW, open_session

if TYPE_CHECKING:
    from collections.abc import Callable

    from pipeline.domain.observation import Capture

URL = "https://source.example/list"
HOSTS = ("hf.co",)


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_module, "_BACKOFF_SECONDS", 0.01)


def ask(
    answer: Callable[[httpx.Request], httpx.Response], *, hosts: tuple[str, ...] = (), seconds: float = 5.0
) -> Capture:
    http = HttpConfig(seconds=seconds, transport=httpx.MockTransport(answer))
    with closing(SourceSession(OPENROUTER, http, now=NOW)) as session:
        return session.ask(Request(url=URL, hosts=hosts)).capture


def reply(body: bytes, status: int = 200, **headers: str) -> Callable[[httpx.Request], httpx.Response]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda _: httpx.Response(status, headers=named, content=iter([body]))


def noting(
    asked: list[httpx.Request], answer: Callable[[httpx.Request], httpx.Response]
) -> Callable[[httpx.Request], httpx.Response]:
    def noted(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return answer(request)

    return noted


def one_by_one(
    *answers: Callable[[httpx.Request], httpx.Response],
) -> Callable[[httpx.Request], httpx.Response]:
    left = list(answers)

    def next_one(request: httpx.Request) -> httpx.Response:
        return left.pop(0)(request)

    return next_one


def refused(answer: Callable[[httpx.Request], httpx.Response], *, seconds: float = 5.0) -> str:
    with pytest.raises(SourceHeldError) as held:
        ask(answer, seconds=seconds)
    return held.value.found


def test_a_whole_answer_is_returned_as_it_came_with_its_validators() -> None:
    capture = ask(reply(b"{}", content_length="2", etag='"1"', last_modified="Sat, 15 Aug 2026 00:00:00 GMT"))
    assert (capture.body, capture.url, capture.fetched_at) == (b"{}", URL, NOW)
    assert (capture.etag, capture.last_modified) == ('"1"', "Sat, 15 Aug 2026 00:00:00 GMT")


def test_a_packed_answer_is_unpacked() -> None:
    assert ask(reply(gzip.compress(b"{}"), content_encoding="gzip")).body == b"{}"


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (reply(b"no", 403), "HTTP status 403"),
        (reply(b"<html><title>Oh</title>", 404), "HTTP status 404 with a web page titled 'Oh'"),
        (reply(b"", 302, location="https://source.example/other"), "HTTP status 302"),
        (reply(b"x", content_encoding="br"), "a compressed answer of a kind that was not asked for"),
        (reply(gzip.compress(b"x") + b"y", content_encoding="gzip"), "bytes behind the end"),
        (reply(b"<html><title>Oh</title>", content_type="text/html"), "a web page titled 'Oh', not what"),
        (reply(b"GIF", content_type="image/gif"), "an answer of type 'image/gif'"),
        (reply(b"Just a moment...", 503), "a challenge page that asks for a person"),
        (reply(b"", 403, cf_mitigated="challenge"), "a challenge page that asks for a person"),
        (reply(b"", 503, retry_after="3600"), "HTTP status 503; it wants to be asked again in 3600 seconds"),
        (reply(b"", 304), "HTTP status 304"),
    ],
)
def test_what_asking_again_cannot_mend_is_asked_once(
    answer: Callable[[httpx.Request], httpx.Response], message: str
) -> None:
    asked: list[httpx.Request] = []
    found = refused(noting(asked, answer))
    assert found.startswith(message)
    assert len(asked) == 1


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (reply(b"", 503), "HTTP status 503 (asked 3 times)"),
        (reply(b"", 429, retry_after="0"), "HTTP status 429 (asked 3 times)"),
        (reply(gzip.compress(b"x")[:-8], content_encoding="gzip"), "a gzip stream without its end"),
    ],
)
def test_what_may_pass_is_asked_three_times(
    answer: Callable[[httpx.Request], httpx.Response], message: str
) -> None:
    asked: list[httpx.Request] = []
    assert refused(noting(asked, answer)).startswith(message)
    assert len(asked) == ATTEMPTS


def test_an_answer_on_the_second_try_is_taken() -> None:
    answers = (reply(b"", 502), reply(b"{}"))
    assert ask(one_by_one(*answers)).body == b"{}"


@pytest.mark.parametrize(
    ("stated", "asked_again"), [("0", True), ("31", False), ("Sat, 15 Aug 2026 13:00:00 GMT", False)]
)
def test_a_wait_is_honoured_up_to_a_cap(stated: str, *, asked_again: bool) -> None:
    answers = (reply(b"", 429, retry_after=stated), reply(b"{}"))
    if asked_again:
        assert ask(one_by_one(*answers)).body == b"{}"
    else:
        assert "asked again in" in refused(one_by_one(*answers))


def test_no_wait_is_longer_than_what_is_left() -> None:
    asked: list[httpx.Request] = []
    answer = reply(b"", 503, retry_after="5")
    refused(noting(asked, answer), seconds=0.4)
    assert len(asked) == 1


def test_no_answer_is_told_without_a_traceback() -> None:
    def fail(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectTimeout("slow", request=request)

    with pytest.raises(SourceHeldError, match=r"no whole answer \(ConnectTimeout\)") as held:
        ask(fail, seconds=0.4)
    assert held.value.__cause__ is None


@pytest.mark.parametrize("packed", [False, True])
def test_more_bytes_than_the_limit_are_not_read(monkeypatch: pytest.MonkeyPatch, *, packed: bool) -> None:
    monkeypatch.setattr(bounded_read, "LARGEST_BODY_BYTES", 100)
    body = b"x" * 101
    answer = reply(gzip.compress(body), content_encoding="gzip") if packed else reply(body)
    assert refused(answer) == "more than 100 bytes"


def test_a_small_answer_is_never_unpacked_far_beyond_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded_read, "LARGEST_BODY_BYTES", 100_000)
    bomb = gzip.compress(bytes(32 * 2**20))
    tracemalloc.start()
    try:
        assert refused(reply(bomb, content_encoding="gzip")) == "more than 100000 bytes"
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 2**20


def test_a_redirect_is_followed_only_to_the_named_hosts_over_https() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.host == "cdn.hf.co":
            return httpx.Response(200, content=iter([b"parquet"]))
        return httpx.Response(302, headers={"location": "https://cdn.hf.co/x"})

    assert ask(answer, hosts=HOSTS).body == b"parquet"
    for elsewhere in (
        "http://cdn.hf.co/x",
        "https://evilhf.co/x",
        "https://example.org/",
        "https://[::1/",
    ):
        with pytest.raises(SourceHeldError, match=r"not one of its own|RemoteProtocolError"):
            ask(reply(b"", 302, location=elsewhere), hosts=HOSTS)


def test_a_redirect_loop_ends() -> None:
    with pytest.raises(SourceHeldError, match="more than 3 redirects"):
        ask(reply(b"", 302, location="https://cdn.hf.co/x"), hosts=HOSTS)


def test_a_key_follows_no_redirect_even_to_a_named_host() -> None:
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(307, headers={"location": "https://cdn.hf.co/x"}, content=iter([b""]))

    with (
        open_session(OPENROUTER, transport=httpx.MockTransport(answer)) as session,
        pytest.raises(SourceHeldError),
    ):
        session.ask(Request(url=URL, hosts=HOSTS, key=SecretStr("canary-key")))
    assert [(str(one.url), one.headers["x-api-key"]) for one in asked] == [(URL, "canary-key")]


def test_an_unchanged_answer_is_the_last_good_one_again() -> None:
    first = ask(reply(b"{}", etag='"1"', last_modified="then"))
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(304, content=iter([b""]))

    later = NOW.replace(day=22)
    with open_session(
        OPENROUTER, transport=httpx.MockTransport(answer), now=later, known=(first,)
    ) as session:
        assert session.ask(Request(url=URL)).capture == replace(first, fetched_at=later)
        with pytest.raises(SourceHeldError, match="304"):
            session.ask(Request(url=f"{URL}/other"))
    assert [one.headers.get("if-none-match") for one in seen] == ['"1"', None]
    assert seen[0].headers["if-modified-since"] == "then"


@pytest.mark.parametrize("etag", ['"a\tb"', "x" * 201])
def test_a_validator_that_cannot_be_sent_back_is_not_kept(etag: str) -> None:
    assert ask(reply(b"{}", etag=etag)).etag is None


def test_a_session_names_itself_and_keeps_quiet(caplog: pytest.LogCaptureFixture) -> None:
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200, content=iter([b"{}"]))

    caplog.set_level(logging.INFO)
    http = HttpConfig(user_agent="modelpool/0.1 (me@example.org)", transport=httpx.MockTransport(answer))
    session = SourceSession(OPENROUTER, http, now=NOW)
    session.ask(Request(url=f"{URL}?token=canary"))
    session.close()
    assert asked[0].headers["user-agent"] == "modelpool/0.1 (me@example.org)"
    assert not {"cookie", "authorization"} & asked[0].headers.keys()
    assert "canary" not in caplog.text


def test_a_mirror_is_asked_in_place_of_a_source() -> None:
    addresses = Mirrors({"https://hf.co": "http://127.0.0.1:8000/hf/"})
    assert addresses.of("https://hf.co/a?b=c") == "http://127.0.0.1:8000/hf/a?b=c"
    assert addresses.of("https://hf.co.example/a") == "https://hf.co.example/a"
    assert addresses.allows("http://127.0.0.1:8000/x", "http://127.0.0.1:8000/hf/a", ())
    assert not addresses.allows("http://127.0.0.1:8001/x", "http://127.0.0.1:8000/hf/a", ())


@pytest.mark.parametrize(
    "mirrors",
    [
        {"https://hf.co": "http://example.org"},
        {"hf.co": "https://a"},
        {"https://hf.co": "file:///"},
        {"": ""},
    ],
)
def test_a_mirror_in_clear_text_is_refused(mirrors: dict[str, str]) -> None:
    with pytest.raises(UsageError, match="is not a mirror"):
        Mirrors(mirrors)


def test_a_source_without_a_key_fetches_one_capture() -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        return httpx.Response(200, content=iter([b"body"]))

    with open_session(OPENROUTER, transport=httpx.MockTransport(answer)) as session:
        (capture,) = SOURCES[OPENROUTER].fetch(session)
    assert (capture.source, capture.body, capture.fetched_at) == (OPENROUTER, b"body", NOW)
    assert asked == ["https://openrouter.ai/api/v1/models"]


def test_the_catalogue_has_one_name_each_and_asks_the_boards_first() -> None:
    assert list(SOURCES)[:5] == [
        LMARENA_TEXT,
        "lmarena-webdev",
        "artificial-analysis",
        "openrouter",
        "genai-prices",
    ]
    assert list(open_sources()) == list(SOURCES)
    assert all(source.name == name for name, source in SOURCES.items())


def test_what_still_arrives_after_the_deadline_is_not_waited_for() -> None:
    with pytest.raises(bounded_read.CutError, match="no whole answer within 0 seconds"):
        bounded_read.read_body(httpx.Response(200, content=iter([b"{}", b"{}"])), Deadline(0))
