"""Connects a session to its source: no read outlives the deadline, however often a byte arrives.

Loads httpx; import it only where a source is asked. httpx limits the time of each read, so one byte every
few seconds holds a request for ever, in the headers as in the body. Here every connect, handshake, read and
write gets at most what is left of the whole; so does the name service, whose call nothing can interrupt.
"""

from __future__ import annotations

import logging
import queue
import socket
import threading
from functools import cache
from typing import TYPE_CHECKING

import httpcore
import httpx
import stamina.instrumentation

from pipeline.sources.http.bounded_read import ENCODINGS

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterable
    from pathlib import Path

    from pipeline.domain.http_proxy import ProxyAddress
    from pipeline.sources.http.request import Deadline, HttpConfig

    _Found = list[tuple[int, int, int, str, tuple[object, ...]]]


@cache
def _trust_context(authorities: Path | None) -> ssl.SSLContext:
    """Read the lists of authorities once, not for every session."""
    context = httpx.create_ssl_context(trust_env=False)
    if authorities is not None:
        context.load_verify_locations(cafile=authorities)
    return context


def client(http: HttpConfig, deadline: Deadline) -> httpx.Client:
    """Return a client that states its name, follows no redirect by itself and logs no address."""
    for name in ("httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)  # at INFO they print whole addresses
    stamina.instrumentation.set_on_retry_hooks([])  # a retry is told by its outcome, not on stderr
    return httpx.Client(
        headers={"user-agent": http.user_agent, "accept-encoding": ENCODINGS},
        timeout=None,  # noqa: S113 - every operation is bounded by the deadline, in its transport
        follow_redirects=False,
        trust_env=False,
        transport=http.transport or _DirectOrProxy(deadline, http),
    )


class _DirectOrProxy(httpx.BaseTransport):
    """The direct way, and the one through the proxy."""

    def __init__(self, deadline: Deadline, http: HttpConfig) -> None:
        self._proxy = http.proxy
        self._backend = _Backend(deadline)
        trusted = _trust_context(http.authorities)
        self._direct = _transport(self._backend, trusted, None)
        self._through = _transport(self._backend, trusted, http.proxy) if http.proxy else self._direct

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Ask the way that the host is for."""
        through = self._proxy is not None and self._proxy.serves(request.url.host)
        return (self._through if through else self._direct).handle_request(request)

    def close(self) -> None:
        """Close every connection."""
        self._direct.close()
        self._through.close()
        self._backend.close()


def _transport(backend: _Backend, trusted: ssl.SSLContext, proxy: ProxyAddress | None) -> httpx.HTTPTransport:
    """Return a transport whose every operation ends by the deadline."""
    address = None
    if proxy is not None:
        auth = (proxy.user, proxy.password) if proxy.user or proxy.password else None
        address = httpx.Proxy(proxy.url, auth=auth, ssl_context=trusted if proxy.scheme == "https" else None)
    made = httpx.HTTPTransport(verify=trusted, proxy=address, trust_env=False)
    # httpx offers no way to pass a backend on; a header that drips shows when this stops working
    made._pool._network_backend = backend  # noqa: SLF001 - see above
    return made


class _Backend(httpcore.NetworkBackend):
    def __init__(self, deadline: Deadline) -> None:
        self._deadline = deadline
        self._inner = httpcore.SyncBackend()
        self._streams: list[httpcore.NetworkStream] = []

    def close(self) -> None:
        """Close what was opened; after a proxy's refusal httpcore does not."""
        for stream in self._streams:
            stream.close()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Try each address of the host; the standard library would give each of them the whole timeout."""
        problem: Exception = httpcore.ConnectError(f"{NO_ADDRESS}: none is listed")
        for *_, address in _addresses(host, port, self._deadline.shorten(timeout, httpcore.ConnectTimeout)):
            within = self._deadline.shorten(timeout, httpcore.ConnectTimeout)
            try:
                stream = self._inner.connect_tcp(str(address[0]), port, within, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                problem = error
            else:
                self._streams.append(stream)
                return _Stream(stream, self._deadline)
        raise problem


NO_ADDRESS = "the name service gave no address"


def _addresses(host: str, port: int, seconds: float) -> _Found:
    """Ask the name service, which may hang for minutes; whoever asked it is then left behind.

    Raises:
        httpcore.ConnectError: It knows no such host, or did not answer in time.
    """
    answers: queue.SimpleQueue[_Found | OSError] = queue.SimpleQueue()

    def ask() -> None:
        try:
            answers.put(list(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)))
        except (OSError, UnicodeError) as error:
            answers.put(error if isinstance(error, OSError) else OSError("a name of no host"))

    threading.Thread(target=ask, daemon=True).start()
    try:
        found = answers.get(timeout=seconds)
    except queue.Empty:
        raise httpcore.ConnectTimeout(f"{NO_ADDRESS} in time") from None
    if isinstance(found, OSError):
        raise httpcore.ConnectError(f"{NO_ADDRESS}: {found.strerror or found}")
    return found


class _Stream(httpcore.NetworkStream):
    def __init__(self, inner: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._inner = inner
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, self._deadline.shorten(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, self._deadline.shorten(timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        within = self._deadline.shorten(timeout, httpcore.ConnectTimeout)
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, within), self._deadline)

    def get_extra_info(self, info: str) -> object:
        return self._inner.get_extra_info(info)
