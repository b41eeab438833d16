"""A real body, cut at each hundredth, under every framing: nothing but the whole may be accepted."""

from __future__ import annotations

import gzip
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from pipeline.errors import SourceHeldError
from pipeline.sources.http import session
from pipeline.sources.http.request import Request
from pipeline.sources.registry import SOURCES
from tests.faults.wire import chunked, wire
from tests.replica.sessions import open_http_session
from tests.replica.stored import SHARED, from_captures, from_sample, models_page, parquet

if TYPE_CHECKING:
    from collections.abc import Callable

    from pipeline.domain.ids import SourceName
    from pipeline.domain.observation import Reading
    from tests.faults.conftest import Tally
    from tests.faults.wire import Peer

ORIGIN = "https://source.example"


def _cut(stream: bytes, percent: int) -> bytes:
    return stream[: len(stream) * percent // 100]


def _framed(body: bytes, framing: str, percent: int) -> tuple[bytes, tuple[str, ...]]:
    """Return what is sent of a body, and under which headers; 100 is all of it."""
    if framing == "length":
        return _cut(body, percent), (f"content-length: {len(body)}",)
    if framing == "chunked":
        return _cut(chunked(body), percent), ("transfer-encoding: chunked",)
    if framing == "close":
        return _cut(body, percent), ("connection: close",)
    packed = _cut(gzip.compress(body, 1), percent)
    return packed, (f"content-length: {len(packed)}", "content-encoding: gzip")


@pytest.fixture(autouse=True)
def _asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "ATTEMPTS", 1)


@pytest.fixture(scope="module")
def bodies() -> dict[SourceName, bytes]:
    stored = from_captures() if SHARED.is_dir() else from_sample()
    page = models_page(stored.models[:200], 1)
    assert page is not None
    board = parquet(stored.boards["webdev"], stored.published["webdev"])
    found = (board, page, stored.openrouter)
    names = ("lmarena-webdev", "artificial-analysis", "openrouter")
    return {source: found[names.index(source)] for source in SOURCES if source in names}


def _read(source: SourceName, port: int, percent: int) -> Reading | None:
    """Ask for a cut body and read it; None where it was held."""
    with open_http_session(source, {ORIGIN: f"http://127.0.0.1:{port}"}, seconds=10) as session:
        try:
            return SOURCES[source].parse((session.ask(Request(url=f"{ORIGIN}/{percent}")).capture,))
        except SourceHeldError:
            return None


def _act(framing: str) -> Callable[[Peer], None]:
    def act(peer: Peer) -> None:
        percent = int(peer.head.split(b" ")[1].strip(b"/"))
        body, headers = _framed(peer.body, framing, percent)
        peer.answer(body, *headers)

    return act


@pytest.mark.parametrize("framing", ["length", "chunked", "close", "gzip"])
def test_only_the_whole_body_is_accepted(bodies: dict[SourceName, bytes], framing: str, tally: Tally) -> None:
    wrong = []
    for source, body in bodies.items():
        with wire(_act(framing), body) as served:
            whole = _read(source, served.port, 100)
            assert whole is not None, f"{source} under {framing} is not accepted even when whole"
            with ThreadPoolExecutor(8) as pool:
                found = list(pool.map(lambda cut: _read(source, served.port, cut), range(100)))  # noqa: B023 - used at once
            asked = {head.split(b" ")[1] for head in served.heads if head}
        for percent, reading in enumerate(found):
            bad = reading is not None and (reading.observations, reading.prices) != (
                whole.observations,
                whole.prices,
            )
            tally.count("truncation", fired=f"/{percent}".encode() in asked, bad=bad)
            wrong += [(source, percent)] if bad else []
        assert {f"/{percent}".encode() for percent in range(100)} <= asked
    assert wrong == []
