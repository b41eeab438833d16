"""Connects a session to its source: no read outlives the deadline, however often a byte arrives.

Loads httpx; import it only where somebody is visited. httpx limits the time of each read, so one byte every
few seconds holds a request for ever, in the headers as in the body. Here every connect, handshake, read and
write gets at most what is left of the whole. A resolver that hangs is bounded by the system's own settings,
not here.
"""

from __future__ import annotations

import logging
import socket
from functools import cache
from typing import TYPE_CHECKING

import httpcore
import httpx
import stamina.instrumentation

from pipeline.sources.http.bounded_read import ENCODINGS

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterable

    from pydantic import SecretStr

    from pipeline.sources.http.limits import Deadline
    from pipeline.sources.http.request import HttpConfig


_trusted = cache(httpx.create_ssl_context)
"""The list of authorities is read once, not once a visit."""


def client(manners: HttpConfig, deadline: Deadline) -> httpx.Client:
    """Return a client that says who asks, follows nothing by itself and tells nobody what it does."""
    for name in ("httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)  # at INFO they print whole addresses
    stamina.instrumentation.set_on_retry_hooks([])  # a retry is told by its outcome, not on stderr
    return httpx.Client(
        headers={"user-agent": manners.user_agent, "accept-encoding": ENCODINGS},
        timeout=None,  # noqa: S113 - every operation is bounded by the deadline, in its transport
        follow_redirects=False,
        trust_env=False,
        transport=manners.transport or _transport(deadline, manners.proxy),
    )


def _transport(deadline: Deadline, proxy: SecretStr | None) -> httpx.HTTPTransport:
    """Return a transport whose every operation ends by the deadline."""
    address = proxy.get_secret_value() if proxy else None
    made = httpx.HTTPTransport(verify=_trusted(trust_env=False), proxy=address, trust_env=False)
    # httpx offers no way to pass a backend on; a header that drips shows when this stops working
    made._pool._network_backend = _Backend(deadline)  # noqa: SLF001 - see above
    return made


class _Backend(httpcore.NetworkBackend):
    def __init__(self, deadline: Deadline) -> None:
        self._deadline = deadline
        self._inner = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Try each address of the host; the standard library would give each of them the whole timeout."""
        problem: Exception = httpcore.ConnectError(f"{host} has no address")
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError as error:
            raise httpcore.ConnectError(str(error)) from None
        for *_, address in found:
            within = self._deadline.within(timeout, httpcore.ConnectTimeout)
            try:
                stream = self._inner.connect_tcp(str(address[0]), port, within, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                problem = error
            else:
                return _Stream(stream, self._deadline)
        raise problem


class _Stream(httpcore.NetworkStream):
    def __init__(self, inner: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._inner = inner
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, self._deadline.within(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, self._deadline.within(timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        within = self._deadline.within(timeout, httpcore.ConnectTimeout)
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, within), self._deadline)

    def get_extra_info(self, info: str) -> object:
        return self._inner.get_extra_info(info)
