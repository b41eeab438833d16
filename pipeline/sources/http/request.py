"""Defines a request to a source, where it may be sent, what limits it, and the response."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from pipeline.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    import httpx
    from pydantic import SecretStr

    from pipeline.domain.http_proxy import ProxyAddress
    from pipeline.domain.observation import Capture
    from pipeline.sources.http.http_errors import RefusalReason, RefusedRequest


_SILENCE_SECONDS = 30.0
"""Nothing at all for this long is a failure of its own, even when more time is left."""


class Deadline:
    """A stop watch that runs backwards; it knows nothing of the time of day."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._end = time.monotonic() + seconds

    def seconds_left(self) -> float:
        """Return the seconds that are left, zero when it has passed."""
        return max(0.0, self._end - time.monotonic())

    def shorten(self, timeout: float | None, passed: type[Exception]) -> float:
        """Shorten a timeout to what is left.

        Raises:
            Exception: Of the type `passed`, when nothing is left.
        """
        left = self.seconds_left()
        if not left:
            raise passed("the deadline has passed")
        return min(left, timeout or _SILENCE_SECONDS)


_LONGEST_COUNT = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimit:
    """What may still be asked today."""

    limit: int
    used: int
    resets_at: datetime | None = None

    @property
    def left(self) -> int:
        """Requests that are left."""
        return max(0, self.limit - self.used)

    def after(self, headers: Mapping[str, str]) -> RateLimit:
        """Count one request, and believe what the answer says about the rest."""
        limit, left = (
            integer_header(headers, "x-ratelimit-limit"),
            integer_header(headers, "x-ratelimit-remaining"),
        )
        resets = integer_header(headers, "x-ratelimit-reset")
        limit = self.limit if limit is None else limit
        return RateLimit(
            limit=limit,
            used=self.used + 1 if left is None else max(0, limit - left),
            resets_at=self.resets_at if resets is None else datetime.fromtimestamp(resets, UTC),
        )

    def words(self) -> str:
        """Say what is left, for a person."""
        until = f"; it starts anew at {self.resets_at:%Y-%m-%d %H:%M} UTC" if self.resets_at else ""
        return f"{self.left} of {self.limit} requests of today are left{until}"


def integer_header(headers: Mapping[str, str], name: str) -> int | None:
    """Return the whole number that a header states; None where it states none."""
    stated = headers.get(name, "").strip()
    return (
        int(stated) if stated.isascii() and stated.isdigit() and len(stated) <= _LONGEST_COUNT + 1 else None
    )


_LONGEST_VALIDATOR = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpConfig:
    """How every source is asked."""

    user_agent: str = "modelpool"
    seconds: float = 120.0
    """For one source, all its pages, retries and pauses together."""
    proxy: ProxyAddress | None = None
    authorities: Path | None = None
    """PEM file of authorities that are trusted beside the usual ones."""
    secrets: tuple[str, ...] = field(default=(), repr=False)
    """What no answer may repeat, beside the key."""
    mirrors: Mapping[str, str] = field(default_factory=dict)
    """Addresses asked in place of a source's own, e.g. {"https://huggingface.co": "https://hf.intern"}."""
    transport: httpx.BaseTransport | None = None
    """In place of the network, for tests."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One question."""

    url: str
    hosts: tuple[str, ...] = ()
    """Domains a redirect may lead to; none by default, and none at all with a key."""
    key: SecretStr | None = None
    """Sent in the header `x-api-key`."""
    page: bool = False
    """A web page is wanted; otherwise one is refused."""
    explain: Callable[[RefusedRequest], RefusalReason | None] | None = None
    """What this source means by a status; None where it means what everybody means."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """What a question gave."""

    capture: Capture
    headers: Mapping[str, str]
    """Lower-case names."""


def validator(stated: str | None) -> str | None:
    """Return an ETag or a date that can be sent back as it is, else None."""
    fit = (
        stated is not None and stated.isascii() and stated.isprintable() and len(stated) <= _LONGEST_VALIDATOR
    )
    return stated if fit else None


_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_SHOWN = 80


class Mirrors:
    """The mirrors by the address they replace; an address is a scheme and a host, e.g. `https://hf.co`."""

    def __init__(self, mirrors: Mapping[str, str]) -> None:
        """Check the mirrors.

        Raises:
            UsageError: A mirror that is not https, unless it is this machine, or that is no address.
        """
        for origin, mirror in mirrors.items():
            if _origin(origin) != origin.rstrip("/") or not _speaks_safely(mirror):
                raise UsageError(
                    f"{origin!r}: {mirror!r} is not a mirror",
                    hint='Write MODELPOOL_MIRRORS as {"https://source": "https://mirror"}; '
                    "http is for this machine only.",
                )
        self._mirrors = {origin.rstrip("/"): mirror.rstrip("/") for origin, mirror in mirrors.items()}

    def of(self, url: str) -> str:
        """Return the address to ask for a source's own one."""
        origin = _origin(url)
        return self._mirrors[origin] + url[len(origin) :] if origin in self._mirrors else url

    def allows(self, target: str, asked: str, hosts: tuple[str, ...]) -> bool:
        """Return whether a redirect may lead there: to one of the hosts over https, or within a mirror."""
        host = host_of(target)
        if any(host == name or host.endswith(f".{name}") for name in hosts):
            return urlsplit(target).scheme == "https"
        return _origin(target) == _origin(asked) and _speaks_safely(target)


def join_url(url: str, location: str) -> str:
    """Return the address a redirect leads to; empty where it is none."""
    try:
        return urljoin(url, location)
    except ValueError:
        return ""


def host_of(url: str) -> str:
    """Return the host of an address, shortened for a message; empty where there is none."""
    try:
        return (urlsplit(url).hostname or "")[:_SHOWN]
    except ValueError:
        return ""


def _origin(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return f"{parts.scheme}://{parts.netloc}"


def _speaks_safely(url: str) -> bool:
    host = host_of(url)
    scheme = urlsplit(url).scheme if host else ""
    return scheme == "https" or (scheme == "http" and host in _LOOPBACK)
