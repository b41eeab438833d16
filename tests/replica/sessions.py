"""Opens sessions for tests: without a network unless one is given, and short."""

from __future__ import annotations

from contextlib import closing, contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import httpx

from pipeline.sources.http.request import HttpConfig
from pipeline.sources.http.session import SourceSession

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pipeline.domain.ids import SourceName
    from pipeline.domain.observation import Capture

NOW = datetime(2026, 8, 15, 12, tzinfo=UTC)


def _nobody(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("there is no network here", request=request)


@contextmanager
def open_session(
    source: SourceName,
    *,
    transport: httpx.BaseTransport | None = None,
    now: datetime = NOW,
    known: tuple[Capture, ...] = (),
    asked_today: int = 0,
) -> Iterator[SourceSession]:
    """Open a session over a made transport; without one, nobody answers."""
    http = HttpConfig(seconds=20.0, transport=transport or httpx.MockTransport(_nobody))
    with closing(SourceSession(source, http, now=now, known=known, asked_today=asked_today)) as session:
        yield session


@contextmanager
def open_http_session(
    source: SourceName, mirrors: Mapping[str, str], *, seconds: float = 20.0
) -> Iterator[SourceSession]:
    """Open a session over real sockets to loopback servers that stand for the sites."""
    with closing(SourceSession(source, HttpConfig(seconds=seconds, mirrors=mirrors), now=NOW)) as session:
        yield session
