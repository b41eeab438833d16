"""Reads a proxy's address in the forms that curl accepts, and tells which hosts are asked without it."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import unquote

_PORTS: Final = {"http": 1080, "https": 443, "socks5": 1080, "socks5h": 1080}
"""The schemes that are spoken, with curl's own default ports."""
_ADDRESS: Final = re.compile(
    r"(?:(?P<scheme>[a-z][a-z0-9+.-]*)://)?(?:(?P<user>[^:]*)(?::(?P<password>.*))?@)?"
    r"(?P<host>\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::(?P<port>[0-9]{1,5}))?/?",
    re.IGNORECASE | re.DOTALL,
)
"""User and password end at the last `@`, so that a password may hold any letter."""
_LONGEST: Final = 2048
_HIGHEST_PORT: Final = 65535


@dataclass(frozen=True, slots=True, kw_only=True)
class ProxyAddress:
    """Where the proxy is, and how it knows us."""

    scheme: str
    host: str
    port: int
    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    direct: tuple[str, ...] = ()
    """Hosts that are asked without it, as NO_PROXY writes them."""

    @property
    def url(self) -> str:
        """Its address without the user."""
        return f"{self.scheme}://{self.host}:{self.port}"

    def serves(self, host: str) -> bool:
        """Return whether a host is asked through the proxy; this machine itself never is."""
        host = host.strip("[]").rstrip(".").lower()
        address = _ip(host)
        if host == "localhost" or host.endswith(".localhost") or (address and address.is_loopback):
            return False
        return not any(_covers(pattern, host, address) for pattern in self.direct)


def read_proxy(text: str, *, no_proxy: str = "") -> ProxyAddress:
    """Read an address such as `http://user:password@host:3128`; the scheme, user and port may be missing.

    Raises:
        ValueError: It is no such address; the message holds no part of it but the scheme.
    """
    text = text.strip()
    match = _ADDRESS.fullmatch(text) if len(text) <= _LONGEST else None
    if match is None:
        raise ValueError("it is not of the form scheme://user:password@host:port")
    scheme = (match["scheme"] or "http").lower()
    if scheme not in _PORTS:
        raise ValueError(f"the scheme {scheme[:20]!r} is none of {', '.join(_PORTS)}")
    port = int(match["port"]) if match["port"] else _PORTS[scheme]
    if not 0 < port <= _HIGHEST_PORT:
        raise ValueError(f"there is no port {port}")
    return ProxyAddress(
        scheme=scheme,
        host=match["host"],
        port=port,
        user=unquote(match["user"] or ""),
        password=unquote(match["password"] or ""),
        direct=tuple(re.split(r"[,\s]+", no_proxy.strip())) if no_proxy.strip() else (),
    )


def _covers(pattern: str, host: str, address: ipaddress.IPv4Address | ipaddress.IPv6Address | None) -> bool:
    """Return whether one word of NO_PROXY covers a host: a domain with what is below it, or a network."""
    pattern = pattern.lower().rstrip(".")
    if pattern == "*":
        return True
    if address is not None:
        try:
            return address in ipaddress.ip_network(pattern.strip("[]"), strict=False)
        except ValueError:
            return False
    domain = pattern.removeprefix("*").lstrip(".")
    return bool(domain) and (host == domain or host.endswith(f".{domain}"))


def _ip(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None
