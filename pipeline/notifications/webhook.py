"""Posts a notice to a webhook as Slack, Mattermost and others read it: `{"text": "..."}`."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING, Final

import httpx

from pipeline.errors import NotificationError

if TYPE_CHECKING:
    from pipeline.domain.notice import NetworkWay, RunNotice

_SECONDS: Final = 10.0
_MARKS: Final = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
"""What Slack reads as markup: without them no text names a channel or a link."""
_HERE: Final = frozenset({"127.0.0.1", "::1", "localhost"})


def post_webhook(notice: RunNotice, address: str, way: NetworkWay) -> None:
    """Post once; the answer's body is not read and no redirection is followed.

    Args:
        notice: What to say.
        address: Of the webhook; whoever knows it can post, so no message holds more than its host.
        way: The operator's proxy and authorities.

    Raises:
        NotificationError: It is no address, not encrypted, cannot be reached, or refuses.
    """
    url = _url(address)
    proxy = way.proxy if way.proxy and way.proxy.serves(url.host) else None
    try:
        trusted = ssl.create_default_context()
        if way.authorities:
            trusted.load_verify_locations(cafile=way.authorities)
        auth = (proxy.user, proxy.password) if proxy and (proxy.user or proxy.password) else None
        with (
            httpx.Client(
                verify=trusted,
                proxy=httpx.Proxy(proxy.url, auth=auth) if proxy else None,
                trust_env=False,
                timeout=_SECONDS,
            ) as client,
            client.stream("POST", url, json={"text": notice.text.translate(_MARKS)}) as answer,
        ):
            status = answer.status_code
    except (httpx.HTTPError, OSError) as error:
        raise NotificationError(
            f"the webhook at {url.host} was not reached ({type(error).__name__})"
        ) from None
    if not httpx.codes.is_success(status):
        raise NotificationError(f"the webhook at {url.host} answered {status}")


def _url(address: str) -> httpx.URL:
    try:
        url = httpx.URL(address.strip())
    except (httpx.InvalidURL, ValueError):
        raise NotificationError("MODELPOOL_NOTIFY_WEBHOOK is no address") from None
    if not url.host or url.scheme not in {"http", "https"}:
        raise NotificationError("MODELPOOL_NOTIFY_WEBHOOK is not of the form https://host/path")
    if url.scheme == "http" and url.host not in _HERE:
        raise NotificationError(f"the webhook at {url.host} is not asked without encryption: use https")
    return url
