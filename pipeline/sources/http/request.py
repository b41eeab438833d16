"""Defines a request to a source, its limits, and the response."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    import httpx
    from pydantic import SecretStr

    from pipeline.domain.observation import Capture
    from pipeline.domain.proxy import ProxyAddress
    from pipeline.sources.http.http_errors import RefusalReason, RefusedRequest

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
