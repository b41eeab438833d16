"""One source, one deadline: no read, however often a byte arrives, outlives it.

httpx limits the time of each read, so one byte every few seconds holds a request for ever, in the headers as
in the body. Here every connect, handshake, read and write gets at most what is left of the whole.
A resolver that hangs is bounded by the system's own settings, not here.
"""

from __future__ import annotations

import socket
import time
from functools import cache
from typing import TYPE_CHECKING

import httpcore
import httpx

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterable

    from pydantic import SecretStr

_SILENCE_SECONDS = 30.0
"""Nothing at all for this long is a failure of its own, even when more time is left."""


_trusted = cache(httpx.create_ssl_context)
"""The list of authorities is read once, not once a visit."""


class Deadline:
    """A stop watch that runs backwards; it knows nothing of the time of day."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        """Return the seconds that are left, zero when it has passed."""
        return max(0.0, self._end - time.monotonic())

    def within(self, timeout: float | None, passed: type[Exception]) -> float:
        """Shorten a timeout to what is left.

        Raises:
            Exception: Of the type `passed`, when nothing is left.
        """
        left = self.left()
        if not left:
            raise passed("the deadline has passed")
        return min(left, timeout or _SILENCE_SECONDS)


def transport(deadline: Deadline, proxy: SecretStr | None) -> httpx.HTTPTransport:
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
