"""The one way out: bounded, without redirects, without compression, and silent about headers."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

import httpx

from pipeline.sources.body import LARGEST_BODY_BYTES, held

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipeline.domain.names import SourceName

_OK = 200
_HOPS = 3


def open_client(
    *,
    user_agent: str = "modelpool",
    timeout_seconds: float = 30.0,
    transport: httpx.BaseTransport | None = None,
) -> httpx.Client:
    """Open a client; use it in a `with` block.

    It follows no redirect (a key in a header would travel along) and reads no proxy or netrc from the
    environment. `identity` keeps the count of bytes on the wire the count of bytes in memory.
    """
    return httpx.Client(
        headers={"user-agent": user_agent, "accept-encoding": "identity"},
        timeout=timeout_seconds,
        follow_redirects=False,
        trust_env=False,
        transport=transport,
    )


def download(
    client: httpx.Client,
    url: str,
    *,
    source: SourceName,
    hosts: tuple[str, ...] = (),
    headers: Mapping[str, str] | None = None,
) -> bytes:
    """Read one whole answer with status 200.

    Args:
        client: From `open_client`.
        url: What to ask for.
        source: Who is asked, for the error.
        hosts: Domains a redirect may lead to, over https; none by default. Never give this with a key.
        headers: More request headers; they never appear in an error.

    Raises:
        SourceHeldError: No answer, another status, too many bytes, or fewer than announced.
    """
    for _ in range(_HOPS):
        try:
            with client.stream("GET", url, headers=dict(headers or {})) as response:
                if response.is_redirect and hosts:
                    url = _next(url, response, source, hosts)
                    continue
                return _body(response, source)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise held(source, f"no answer ({type(error).__name__})") from None
    raise held(source, f"more than {_HOPS} redirects")


def _body(response: httpx.Response, source: SourceName) -> bytes:
    if response.status_code != _OK:
        raise held(source, f"HTTP status {response.status_code}")
    if response.headers.get("content-encoding", "identity") != "identity":
        raise held(source, "a compressed answer, which was not asked for")
    chunks: list[bytes] = []
    size = 0
    for chunk in response.iter_raw():
        size += len(chunk)
        if size > LARGEST_BODY_BYTES:
            raise held(source, f"more than {LARGEST_BODY_BYTES} bytes")
        chunks.append(chunk)
    announced = response.headers.get("content-length", "")
    if announced.isascii() and announced.isdigit() and int(announced) != size:
        raise held(source, f"{size} bytes of {announced} announced")
    return b"".join(chunks)


def _next(url: str, response: httpx.Response, source: SourceName, hosts: tuple[str, ...]) -> str:
    target: str = urljoin(url, response.headers.get("location", ""))
    parts = urlsplit(target)
    host = parts.hostname or ""
    if parts.scheme != "https" or not any(host == name or host.endswith(f".{name}") for name in hosts):
        raise held(source, f"a redirect to the host {host[:80]!r}, which is not one of its own")
    return target
