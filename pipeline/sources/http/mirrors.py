"""Resolves a source's address: its own, or the mirror an operator named; and where it may lead."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from pipeline.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

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

    def allowed(self, target: str, asked: str, hosts: tuple[str, ...]) -> bool:
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
